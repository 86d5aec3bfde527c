/**
 * One file read over HTTP: a running download that is resumed where it breaks off, and restarted
 * where a read goes back or skips ahead.
 */
import { UniSpeechError } from '../base/errors.ts';
import type { ByteSource } from '../base/files.ts';
import { inTurns } from '../base/turns.ts';
import {
  type Download,
  type FetchOptions,
  type StartedDownload,
  consume,
  networkError,
  startDownload,
} from './http-download.ts';

/** Up to here it is quicker to read over a gap than to ask for another range. */
const MAX_SKIPPED_BYTE_LENGTH = 1024 * 1024;
/** In a row: a retry that brings bytes starts the count again. */
const MAX_RETRIES = 3;

export interface HttpSourceOptions extends FetchOptions {
  readonly retryDelayMs: number;
}

export class HttpSource implements ByteSource {
  readonly byteLength: number;
  readonly #options: HttpSourceOptions;
  readonly #etag: string | null;
  readonly #inTurns = inTurns();
  #download: Download | undefined;
  #closed = false;

  /** @param started without a download where only the head is known: it starts with the first read. */
  constructor(
    readonly name: string,
    options: HttpSourceOptions,
    started: StartedDownload,
  ) {
    this.#options = options;
    this.byteLength = started.byteLength;
    this.#etag = started.etag;
    this.#download = started.download;
  }

  /** Reads wait for one another: there is one download to serve them. */
  read(
    byteOffset: number,
    byteLength: number,
    signal?: AbortSignal,
    into = new ArrayBuffer(byteLength),
  ): Promise<Uint8Array> {
    const target = new Uint8Array(into, 0, byteLength);
    return this.#inTurns(() => this.#read(byteOffset, target, signal));
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#dropDownload();
    return Promise.resolve();
  }

  async #read(byteOffset: number, target: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const { byteLength } = target;
    if (byteOffset + byteLength > this.byteLength) {
      throw new UniSpeechError(
        'bad-input',
        `${this.name}: cannot read bytes ${byteOffset} to ${byteOffset + byteLength}, the file has ${this.byteLength}.`,
      );
    }
    let filled = 0;
    const stop = (): void => this.#dropDownload();
    signal?.addEventListener('abort', stop);
    try {
      this.#throwIfStopped(signal);
      for (let failures = 0; filled < byteLength;) {
        const before = filled;
        try {
          const download = await this.#downloadAt(byteOffset + filled, signal);
          await consume(download, byteLength - filled, (piece) => {
            target.set(piece, filled);
            filled += piece.byteLength;
          });
          if (filled < byteLength) throw networkError(this.name, 'ended early');
        } catch (cause) {
          this.#dropDownload();
          this.#throwIfStopped(signal);
          failures = filled > before ? 1 : failures + 1;
          if (failures > MAX_RETRIES) {
            throw networkError(
              this.name,
              `stopped at byte ${byteOffset + filled} of ${this.byteLength} and ${MAX_RETRIES} retries brought no more`,
              cause,
            );
          }
          await pause(this.#options.retryDelayMs * 2 ** (failures - 1), signal);
          this.#throwIfStopped(signal);
        }
      }
      return target;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** The download, standing at `byteOffset`. */
  async #downloadAt(byteOffset: number, signal: AbortSignal | undefined): Promise<Download> {
    let download = this.#download;
    const gap = download ? byteOffset - download.byteOffset : -1;
    if (!download || gap < 0 || (download.ranged && gap > MAX_SKIPPED_BYTE_LENGTH)) {
      this.#dropDownload();
      download = await this.#restart(byteOffset, signal);
      this.#download = download;
      this.#throwIfStopped(signal);
    }
    await consume(download, byteOffset - download.byteOffset, () => undefined);
    return download;
  }

  async #restart(byteOffset: number, signal: AbortSignal | undefined): Promise<Download> {
    const started = await startDownload(this.name, byteOffset, this.#options, signal);
    if (typeof started === 'string' || !started.download) throw networkError(this.name, 'is no longer there');
    // Not every answer of a server carries the tag.
    const isOther = started.etag !== null && this.#etag !== null && started.etag !== this.#etag;
    if (started.byteLength !== this.byteLength || isOther) {
      started.download.reader.cancel();
      throw networkError(this.name, 'changed while it was read');
    }
    return started.download;
  }

  #dropDownload(): void {
    this.#download?.reader.cancel();
    this.#download = undefined;
  }

  #throwIfStopped(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new UniSpeechError('disposed', `${this.name} is closed.`);
  }
}

/** Leaves no timer behind. @throws the signal's reason as soon as it is aborted. */
function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, durationMs);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
