/**
 * The jobs of a queue server, for one of many workers. BullMQ calls a function for each job and renews its lock until the function has ended; here that
 * function waits until the job is done.
 */
import { UnrecoverableError } from 'bullmq';
import { UniSpeechError } from 'unispeech-webgpu/captions';
import { type BatchWorker, openWorker, type QueuedItem } from './bull-connection.ts';
import type { BatchJob, JobFailure, JobOutcome, JobSource } from './job-source.ts';
import type { ModelIdentity } from './output-key.ts';
import type { QueueAddress } from './queue-address.ts';

/**
 * A worker that is killed keeps its lock for `lockDuration`, and a sweep every `stalledInterval` finds it: another one takes its files over after lock
 * plus one or two sweeps. A machine may die ten times with a file before the file is given up: engines are children, so a file alone cannot stall its worker.
 */
export const TAKE_OVER: TakeOver = { lockDuration: 30_000, stalledInterval: 10_000, maxStalledCount: 10 };

/** Times in milliseconds. */
export interface TakeOver {
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
  /** After an error of the server a worker waits so long before it asks for jobs again. BullMQ's default: 15 s. */
  readonly runRetryDelay?: number;
}

interface Taken {
  readonly data: QueuedItem;
  readonly attempt: number;
  readonly resolve: (outcome: JobOutcome) => void;
  readonly reject: (error: Error) => void;
}

export interface BullSourceOptions {
  readonly address: QueueAddress;
  readonly queueName: string;
  readonly model: ModelIdentity;
  readonly concurrency: number;
  readonly takeOver?: TakeOver | undefined;
  /** How long a server that is away is waited for when it is to be told of the last files. Default: 5 s. */
  readonly closeMilliseconds?: number | undefined;
  /** Trouble that BullMQ overcomes by itself, such as a server that is restarted. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

export class BullSource implements JobSource {
  readonly #worker: BatchWorker;
  readonly #model: ModelIdentity;
  readonly #offered: Taken[] = [];
  readonly #takers: {
    readonly resolve: (taken: Taken | undefined) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  /** Why no job can be taken any more. */
  #failure: Error | undefined;
  readonly #open = new Map<BatchJob, Taken>();
  #isClosed = false;
  #onEnd: () => void = () => undefined;
  readonly #ended = new Promise<void>((resolve) => (this.#onEnd = resolve));

  readonly #closeMilliseconds: number;

  constructor({
    address,
    queueName,
    model,
    concurrency,
    takeOver,
    closeMilliseconds = 5000,
    onTrouble,
  }: BullSourceOptions) {
    this.#model = model;
    this.#closeMilliseconds = closeMilliseconds;
    this.#worker = openWorker(
      address,
      queueName,
      ({ data, attemptsMade }) =>
        new Promise<JobOutcome>((resolve, reject) => {
          this.#offer({ data, attempt: attemptsMade + 1, resolve, reject });
        }),
      { concurrency, ...TAKE_OVER, ...takeOver },
    );
    this.#worker.on('error', ({ message }) => onTrouble?.(message));
    this.#worker.on('lockRenewalFailed', (ids) => onTrouble?.(`the locks of ${ids.length} jobs were lost`));
    this.#worker.on('stalled', (id) => onTrouble?.(`job ${id} was taken over from a worker that stopped`));
  }

  take(): Promise<BatchJob | undefined> {
    const next = this.#offered.shift();
    if (next) return Promise.resolve(this.#begin(next));
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#takers.push({
        resolve: (taken) => {
          resolve(taken && this.#begin(taken));
        },
        reject,
      });
    });
  }

  done(job: BatchJob, outcome: JobOutcome): Promise<void> {
    this.#finish(job)?.resolve(outcome);
    return Promise.resolve();
  }

  fail(job: BatchJob, { code, message, isFinal }: JobFailure): Promise<boolean> {
    const text = `${code}: ${message}`;
    this.#finish(job)?.reject(isFinal ? new UnrecoverableError(text) : new Error(text));
    return Promise.resolve(!isFinal && job.attempt < 3);
  }

  /**
   * Who waits for a job keeps waiting until BullMQ has fetched its last one: a fetched job that nobody takes would be locked for half a minute. A server that is
   * away is not waited for once all files are done.
   */
  async close(): Promise<void> {
    const closed = this.#worker.close(false);
    const isIdle = (): boolean => this.#open.size === 0 && this.#offered.length === 0;
    let idleSince = performance.now();
    const timer = setInterval(() => {
      if (!isIdle()) idleSince = performance.now();
      else if (performance.now() - idleSince > this.#closeMilliseconds) this.#end();
    }, this.#closeMilliseconds / 10);
    try {
      await Promise.race([closed, this.#ended]);
    } finally {
      clearInterval(timer);
    }
    this.#end();
  }

  async abandon(): Promise<void> {
    this.#end();
    await this.#worker.close(true);
  }

  #offer(taken: Taken): void {
    const { model } = taken.data;
    if (model.digest !== this.#model.digest || model.dtype !== this.#model.dtype) {
      // The job is not answered: it goes back to the queue when its lock has ended.
      this.#fail(
        new UniSpeechError(
          'bad-option',
          `The queue has files for the model ${model.digest.slice(0, 12)} in ${model.dtype}, and this worker has ${this.#model.digest.slice(0, 12)} in ${this.#model.dtype}.`,
          'Start workers with the model of the batch, or give each model a --queue-name of its own.',
        ),
      );
      return;
    }
    const taker = this.#takers.shift();
    if (taker) taker.resolve(taken);
    else this.#offered.push(taken);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const taker of this.#takers.splice(0)) taker.reject(this.#failure);
  }

  #begin(taken: Taken): BatchJob {
    const { item, identity } = taken.data;
    const job = { item, identity, attempt: taken.attempt };
    this.#open.set(job, taken);
    return job;
  }

  #finish(job: BatchJob): Taken | undefined {
    const taken = this.#open.get(job);
    this.#open.delete(job);
    return taken;
  }

  #end(): void {
    this.#isClosed = true;
    this.#onEnd();
    for (const taker of this.#takers.splice(0)) taker.resolve(undefined);
  }
}
