/** The log: a line of JSON for each request and event. It holds no transcript, and names of files only where the operator asks for them. */
import type { RequestRecord } from './request-record.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;
/** Takes one line without its end. */
export type LogSink = (line: string) => void;

export class ServerLog {
  constructor(
    readonly sink: LogSink,
    readonly options: { readonly logsNames: boolean },
  ) {}

  event(event: string, fields: LogFields = {}): void {
    this.sink(JSON.stringify({ time: new Date().toISOString(), event, ...fields }));
  }

  request(record: RequestRecord, status: number): void {
    const { id, route, model, format, audioSeconds, uploadBytes, errorCode, cause, fileName } = record;
    this.event('request', {
      id,
      method: record.incoming.method ?? '',
      route,
      status,
      milliseconds: Math.round(performance.now() - record.startMilliseconds),
      model,
      format,
      upload_bytes: uploadBytes,
      audio_seconds: audioSeconds === undefined ? undefined : Math.round(audioSeconds * 1000) / 1000,
      code: errorCode,
      cause: cause === undefined ? undefined : describedCause(cause),
      file_name: this.options.logsNames ? fileName?.slice(0, 200) : undefined,
    });
  }
}

/** An unexpected error is for the operator: with its stack. */
const describedCause = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? cause.message).slice(0, 2000) : String(cause).slice(0, 500);
