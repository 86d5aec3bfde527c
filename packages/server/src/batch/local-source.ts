/** The jobs of one process: a list that is read while it is worked on. */
import type { BatchItem } from './batch-item.ts';
import type { Identity } from './output-key.ts';
import type { BatchJob, JobFailure, JobSource } from './job-source.ts';

const MAX_ATTEMPTS = 3;

export class LocalSource implements JobSource {
  readonly #items: AsyncIterator<BatchItem>;
  readonly #identity: Identity;
  /** Jobs that failed and are tried again, after those that were never tried. */
  readonly #again: BatchJob[] = [];
  /** Who waits for a job that may fail and come back, or for the end. */
  #waiting: (() => void)[] = [];
  #reading: Promise<unknown> = Promise.resolve();
  #isRead = false;
  #isClosed = false;
  #running = 0;

  constructor(items: AsyncIterable<BatchItem>, identity: Identity) {
    this.#items = items[Symbol.asyncIterator]();
    this.#identity = identity;
  }

  async take(): Promise<BatchJob | undefined> {
    while (!this.#isClosed) {
      const job = (await this.#next()) ?? this.#again.shift();
      if (job) {
        this.#running += 1;
        return job;
      }
      if (this.#running === 0) return undefined;
      await this.#nextChange();
    }
    return undefined;
  }

  done(): Promise<void> {
    this.#leave();
    return Promise.resolve();
  }

  fail(job: BatchJob, { isFinal }: JobFailure): Promise<boolean> {
    const isAgain = !isFinal && job.attempt < MAX_ATTEMPTS;
    if (isAgain) this.#again.push({ ...job, attempt: job.attempt + 1 });
    this.#leave();
    return Promise.resolve(isAgain);
  }

  async close(): Promise<void> {
    await this.abandon();
    while (this.#running > 0) await this.#nextChange();
  }

  async abandon(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    await this.#reading.catch(() => undefined);
    await this.#items.return?.();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** One reader at a time: a generator gives its items in order whoever asks, but an error must reach only one. */
  #next(): Promise<BatchJob | undefined> {
    const read = async (): Promise<BatchJob | undefined> => {
      if (this.#isRead) return undefined;
      const next = await this.#items.next();
      if (next.done !== true) return { item: next.value, attempt: 1, identity: this.#identity };
      this.#isRead = true;
      return undefined;
    };
    const next = this.#reading.then(read, read);
    this.#reading = next;
    return next;
  }

  #leave(): void {
    this.#running -= 1;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
