/** Jobs: transcriptions that outlive their request, some at a time and behind the requests, whatever happens to the server. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { pause } from '../base/pause.ts';
import type { EnginePool } from '../engine/engine-pool.ts';
import { ApiError, type ApiErrorBody, toApiError } from './api-error.ts';
import type { FrontSettings } from './front-settings.ts';
import { JobFolders, type StoredRequest, type StoredResult } from './job-folder.ts';
import type { ServerLog } from './request-log.ts';
import { runTranscription } from './run-transcription.ts';
import { answerBody } from './transcript-bodies.ts';

export type JobStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A job as clients see it. */
export interface ShownJob {
  readonly id: string;
  readonly object: 'job';
  readonly status: JobStatus;
  /** Seconds since 1970. */
  readonly created_at: number;
  /** From 0 to 1. */
  readonly progress: number;
  readonly error: ApiErrorBody | null;
}

interface KeptJob {
  readonly stored: StoredRequest;
  status: JobStatus;
  progress: number;
  error: ApiErrorBody | null;
  /** From then on the time runs for which it is kept. */
  finishedMilliseconds: number | undefined;
  readonly cancelled: AbortController;
  readonly listeners: Set<(job: ShownJob) => void>;
}

/** What passes: the job waits as long as the error says, and tries again. */
const PASSING_STATUSES: readonly number[] = [429, 503];

export type JobSettings = Pick<
  FrontSettings,
  'jobsFolder' | 'jobTtlMilliseconds' | 'maxJobs' | 'jobsAtOnce' | 'maxAudioSeconds'
>;

export class JobRunner {
  readonly folders: JobFolders;
  readonly #jobs = new Map<string, KeptJob>();
  readonly #queue: KeptJob[] = [];
  readonly #jobOfKey = new Map<string, Promise<string>>();
  readonly #stopped = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(
    readonly pool: EnginePool,
    readonly settings: JobSettings,
    readonly log: ServerLog,
  ) {
    this.folders = new JobFolders(settings.jobsFolder);
  }

  /** Reads what an earlier process left, and removes what of it never became a job. Nothing runs yet. */
  async open(): Promise<void> {
    for (const { stored, result, finishedMilliseconds } of await this.folders.readAll()) {
      const job = this.#keep(stored, result, finishedMilliseconds);
      if (!result) this.#queue.push(job);
    }
  }

  /** Goes on with what an earlier process left. */
  async start(): Promise<void> {
    await this.#forgetOldJobs();
    this.#sweeper = setInterval(
      () => void this.#forgetOldJobs(),
      Math.min(60_000, Math.max(50, this.settings.jobTtlMilliseconds / 4)),
    );
    this.#sweeper.unref();
    this.#runNext();
  }

  /** Jobs that run begin again at the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#stopped.abort(new ApiError('draining', 'The server is being stopped.'));
    for (const { listeners } of this.#jobs.values()) listeners.clear();
    await Promise.all(this.#running);
  }

  /** @throws ApiError `queue_full` where no further job is kept. */
  async checkRoom(): Promise<void> {
    await this.#forgetOldJobs();
    if (this.#jobs.size < this.settings.maxJobs) return;
    throw new ApiError(
      'queue_full',
      `The server keeps ${this.#jobs.size} jobs, and takes at most ${this.settings.maxJobs}. Delete some that are done, or try again later.`,
      { retryAfterSeconds: 60 },
    );
  }

  /**
   * Runs `create` once for each key, also for requests that come at the same time.
   * @param create resolves with the id of the new job.
   */
  async once(
    key: string | undefined,
    create: (keyDigest: string | undefined) => Promise<string>,
  ): Promise<ShownJob> {
    if (key === undefined) return this.get(await create(undefined));
    const digest = createHash('sha256').update(key).digest('hex');
    const known = this.#jobOfKey.get(digest);
    if (known) {
      const id = await known.catch(() => undefined);
      const job = id === undefined ? undefined : this.#jobs.get(id);
      if (job) return shownJob(job);
      // The first request failed, or its job is gone: this one takes its place.
      if (this.#jobOfKey.get(digest) !== known) return await this.once(key, create);
    }
    const creation = create(digest);
    this.#jobOfKey.set(digest, creation);
    try {
      return this.get(await creation);
    } catch (error) {
      if (this.#jobOfKey.get(digest) === creation) this.#jobOfKey.delete(digest);
      throw error;
    }
  }

  async add(stored: StoredRequest): Promise<void> {
    await this.folders.writeRequest(stored);
    this.#queue.push(this.#keep(stored, undefined, undefined));
    this.#runNext();
  }

  #keep(
    stored: StoredRequest,
    result: StoredResult | undefined,
    finishedMilliseconds: number | undefined,
  ): KeptJob {
    const job: KeptJob = {
      stored,
      status: result?.status ?? 'queued',
      progress: result?.status === 'completed' ? 1 : 0,
      error: result?.status === 'failed' ? result.error : null,
      finishedMilliseconds,
      cancelled: new AbortController(),
      listeners: new Set(),
    };
    this.#jobs.set(stored.id, job);
    if (stored.keyDigest !== undefined) this.#jobOfKey.set(stored.keyDigest, Promise.resolve(stored.id));
    return job;
  }

  /** @throws ApiError `not_found` */
  get(id: string): ShownJob {
    return shownJob(this.#jobOf(id));
  }

  #jobOf(id: string): KeptJob {
    const job = this.#jobs.get(id);
    if (job) return job;
    throw new ApiError(
      'not_found',
      'There is no job of this id: it was deleted, or is older than the server keeps them.',
    );
  }

  /** @returns undefined while there is none. @throws ApiError `not_found`, or `internal_error` where the disk has lost it. */
  async result(
    id: string,
  ): Promise<{ readonly stored: StoredRequest; readonly result: StoredResult } | undefined> {
    const { stored, status, error } = this.#jobOf(id);
    if (status === 'queued' || status === 'running') return undefined;
    // The disk may not have taken what is known here.
    if (status === 'cancelled') return { stored, result: { status } };
    if (error) return { stored, result: { status: 'failed', error } };
    const result = await this.folders.readResult(id);
    if (!result) throw new Error(`The result of ${id} cannot be read.`);
    return { stored, result };
  }

  /** Calls `listener` at every change, until `stop` is called. @throws ApiError `not_found` */
  listen(id: string, listener: (job: ShownJob) => void): { readonly stop: () => void } {
    const { listeners } = this.#jobOf(id);
    listeners.add(listener);
    return { stop: () => listeners.delete(listener) };
  }

  /** Cancels a job that is not done, and forgets one that is. @throws ApiError `not_found` */
  async remove(id: string): Promise<ShownJob> {
    const job = this.#jobOf(id);
    if (job.status === 'queued' || job.status === 'running') {
      this.#change(job, { status: 'cancelled' });
      job.cancelled.abort(new ApiError('not_found', 'The job was cancelled.'));
      await this.folders.writeResult(job.stored, { status: 'cancelled' });
    } else await this.#forget(job);
    return shownJob(job);
  }

  async #forget({ stored: { id, keyDigest } }: KeptJob): Promise<void> {
    this.#jobs.delete(id);
    if (keyDigest !== undefined) this.#jobOfKey.delete(keyDigest);
    await this.folders.remove(id);
  }

  async #forgetOldJobs(): Promise<void> {
    const latest = Date.now() - this.settings.jobTtlMilliseconds;
    for (const job of this.#jobs.values()) {
      const isDone = job.status !== 'queued' && job.status !== 'running';
      if (isDone && (job.finishedMilliseconds ?? Date.now()) < latest) await this.#forget(job);
    }
  }

  #change(job: KeptJob, change: Partial<Pick<KeptJob, 'status' | 'progress' | 'error'>>): void {
    Object.assign(job, change);
    if (job.status !== 'queued' && job.status !== 'running') job.finishedMilliseconds ??= Date.now();
    for (const listener of job.listeners) listener(shownJob(job));
  }

  #runNext(): void {
    while (this.#running.size < this.settings.jobsAtOnce && !this.#stopped.signal.aborted) {
      const job = this.#queue.shift();
      if (!job) return;
      if (job.status !== 'queued') continue;
      const run = this.#run(job).finally(() => {
        this.#running.delete(run);
        this.#runNext();
      });
      this.#running.add(run);
    }
  }

  async #run(job: KeptJob): Promise<void> {
    const { stored } = job;
    this.#change(job, { status: 'running' });
    let result: StoredResult;
    try {
      result = await this.#recognize(job);
    } catch (error) {
      // What the next start begins again.
      if (this.#stopped.signal.aborted) return;
      const failure = toApiError(error);
      if (failure.code === 'internal_error')
        this.log.event('job_failed', { id: stored.id, cause: String(failure.cause) });
      result = { status: 'failed', error: failure.body.error };
    }
    if (isCancelled(job)) return;
    try {
      await this.folders.writeResult(stored, result);
    } catch (error) {
      this.log.event('job_not_written', { id: stored.id, cause: String(error) });
      result = { status: 'failed', error: toApiError(error).body.error };
    }
    if (isCancelled(job)) return;
    this.#change(job, {
      status: result.status,
      error: result.status === 'failed' ? result.error : null,
      ...(result.status === 'completed' && { progress: 1 }),
    });
  }

  async #recognize(job: KeptJob): Promise<StoredResult> {
    const { stored, cancelled } = job;
    for (;;) {
      try {
        const clip = await runTranscription(this.pool, stored.request, {
          id: stored.id,
          file: path.join(this.folders.of(stored.id), stored.uploadName),
          priority: 'low',
          deadlineMilliseconds: 0,
          maxAudioSeconds: this.settings.maxAudioSeconds,
          signals: [cancelled.signal, this.#stopped.signal],
          onProgress: ({ stage, seconds, totalSeconds }) => {
            if (stage !== 'running' || !totalSeconds) return;
            const progress = Math.min(1, Math.round((seconds / totalSeconds) * 1000) / 1000);
            if (progress > job.progress) this.#change(job, { progress });
          },
        });
        const languages = this.pool.models.find(({ id }) => id === stored.request.modelId)?.facts?.languages;
        return { status: 'completed', ...answerBody(clip, stored.request, languages ?? []) };
      } catch (error) {
        const { status, headers } = toApiError(error);
        const milliseconds = 1000 * Number(headers['retry-after'] ?? 1);
        const lastMilliseconds = stored.createdMilliseconds + this.settings.jobTtlMilliseconds;
        if (!PASSING_STATUSES.includes(status) || Date.now() + milliseconds > lastMilliseconds) throw error;
        const signal = AbortSignal.any([cancelled.signal, this.#stopped.signal]);
        await pause(milliseconds, signal);
        signal.throwIfAborted();
      }
    }
  }
}

const isCancelled = ({ cancelled }: KeptJob): boolean => cancelled.signal.aborted;

const shownJob = ({ stored, status, progress, error }: KeptJob): ShownJob => ({
  id: stored.id,
  object: 'job',
  status,
  created_at: Math.floor(stored.createdMilliseconds / 1000),
  progress,
  error,
});
