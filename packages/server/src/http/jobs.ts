/** The routes of jobs: create, look, fetch, watch, cancel. */
import { type AcceptedUpload, acceptSignal, acceptUpload } from './accept-upload.ts';
import { ApiError, isApiErrorCode } from './api-error.ts';
import type { Draining } from './draining.ts';
import { EventQueue, eventStream } from './event-stream.ts';
import type { Front } from './front.ts';
import type { FrontSettings } from './front-settings.ts';
import type { JobRunner, ShownJob } from './job-runner.ts';
import { randomId } from './random-id.ts';
import type { RequestRecord } from './request-record.ts';
import { skipBody } from './skip-body.ts';
import { ignoredHeaders } from './transcriptions.ts';
import { transcriptionRequest } from './transcription-request.ts';

const MAX_KEY_LENGTH = 255;

export async function createJob(front: Front, record: RequestRecord): Promise<Response> {
  const { jobs, pool, settings } = front;
  const key = idempotencyKey(record.incoming.headers['idempotency-key']);
  let headers: Readonly<Record<string, string>> = {};
  const body = { isRead: false };
  const job = await jobs.once(key, async (keyDigest) => {
    body.isRead = true;
    await jobs.checkRoom();
    const id = randomId('job_');
    const folder = await jobs.folders.make(id);
    let upload: AcceptedUpload | undefined;
    try {
      upload = await acceptUpload(front, record, { folder });
      const { fields, spooled } = upload;
      const request = transcriptionRequest(fields, pool.models, settings);
      if (request.streams) {
        throw new ApiError(
          'unsupported_value',
          'A job has no "stream". Leave it out, and read /events of the job.',
          {
            param: 'stream',
          },
        );
      }
      record.model = request.modelId;
      record.format = request.format;
      headers = ignoredHeaders(request.ignored);
      spooled.release();
      const createdMilliseconds = Date.now();
      await jobs.add({ id, createdMilliseconds, request, uploadName: spooled.id, keyDigest });
      return id;
    } catch (error) {
      // Its bytes count as waiting until they are given back.
      await upload?.spooled.remove();
      await jobs.folders.remove(id);
      throw error;
    }
  });
  // A client that repeats its request sends its file again; the answer comes when it is ready to read it.
  if (!body.isRead) await skipBody(record.incoming, acceptSignal(front, record), settings);
  return Response.json(job, { status: 202, headers: { ...headers, location: `/v1/jobs/${job.id}` } });
}

function idempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^[\x20-\x7e]+$/.test(header) && header.length <= MAX_KEY_LENGTH)
    return header;
  throw new ApiError(
    'invalid_value',
    `The header Idempotency-Key has ${header.length} characters, expected 1 to ${MAX_KEY_LENGTH} of ASCII.`,
    { param: 'idempotency-key' },
  );
}

export const showJob = ({ jobs }: Front, id: string): Response => Response.json(jobs.get(id));

/** What the request would have been answered at once. */
export async function jobResult({ jobs }: Front, id: string): Promise<Response> {
  const done = await jobs.result(id);
  if (!done) return Response.json(jobs.get(id), { status: 202, headers: { 'retry-after': '2' } });
  const { stored, result } = done;
  switch (result.status) {
    case 'completed':
      return new Response(result.text, {
        headers: { 'content-type': result.contentType, ...ignoredHeaders(stored.request.ignored) },
      });
    case 'failed': {
      const { code, message, param } = result.error;
      throw new ApiError(isApiErrorCode(code) ? code : 'internal_error', message, {
        param: param ?? undefined,
      });
    }
    case 'cancelled':
      throw new ApiError(
        'not_found',
        'The job was cancelled and has no result. Send its request again for a new one.',
      );
  }
}

const isDone = ({ status }: ShownJob): boolean => status !== 'queued' && status !== 'running';

export interface JobEventsFront {
  readonly jobs: Pick<JobRunner, 'get' | 'listen'>;
  readonly settings: Pick<FrontSettings, 'beatMilliseconds'>;
  readonly draining: Pick<Draining, 'begun'>;
}

/** The job at every change, as the event `progress`, and at last as `done`. */
export function jobEvents(
  { jobs, settings, draining }: JobEventsFront,
  record: Pick<RequestRecord, 'signal'>,
  id: string,
): Response {
  const events = new EventQueue();
  const send = (job: ShownJob): void => {
    events.push({ name: isDone(job) ? 'done' : 'progress', data: job });
    if (isDone(job)) end();
  };
  const { stop } = jobs.listen(id, send);
  const end = (): void => {
    stop();
    // The server's own signal outlives every watcher.
    draining.begun.removeEventListener('abort', end);
    record.signal.removeEventListener('abort', end);
    events.close();
  };
  record.signal.addEventListener('abort', end, { once: true });
  draining.begun.addEventListener('abort', end, { once: true });
  send(jobs.get(id));
  return eventStream(events, settings.beatMilliseconds);
}

export async function removeJob({ jobs }: Front, id: string): Promise<Response> {
  return Response.json(await jobs.remove(id));
}
