/** A batch in a queue server: adding its items, asking how far it is, trying failed ones again, and giving it up. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Job, JobsOptions } from 'bullmq';
import type { BatchItem } from './batch-item.ts';
import { type BatchQueueClient, openQueue, type QueuedItem } from './bull-connection.ts';
import type { JobCounts, JobOutcome } from './job-source.ts';
import { type ExpectedOutput, isWritten } from './output-file.ts';
import { type Identity, type ModelIdentity, outputKey } from './output-key.ts';
import type { QueueAddress } from './queue-address.ts';

/** Items that are added by one command: 7,000 a second here, where one command an item adds 400. */
const ADDED_AT_ONCE = 1000;
/** Jobs that are looked at in one answer. */
const PAGE = 500;
/** A job is tried three times. The pauses between grow from 5 s, and differ by half, so that workers do not come back at once. */
const RETRIES = { attempts: 3, backoff: { type: 'exponential', delay: 5000, jitter: 0.5 } } as const;
/** Done jobs are only a hint, as the outputs are there. Failed ones are kept until they are retried or cancelled. */
const KEPT = { removeOnComplete: { count: 10_000 }, removeOnFail: false } as const;

/** A failed file, as the queue has it. */
export interface FailedItem {
  readonly file: string;
  readonly output: string;
  readonly attempts: number;
  readonly message: string;
}

export interface QueueStatus extends JobCounts {
  /** Sound of the jobs that are called done. */
  readonly doneSeconds: number;
  /** Jobs that the queue calls failed although their output is there: a worker was late, and had written it. */
  readonly failedWithOutput: number;
  readonly failures: readonly FailedItem[];
}

type JobState = 'waiting' | 'delayed' | 'failed' | 'completed';

/** What the key of an item depends on. */
export interface KeyedBy {
  readonly model: ModelIdentity;
  readonly identity: Identity;
}

/** The name of a batch: of the place of its list, so that the same command means the same batch. BullMQ allows no colon in ids. */
export const batchName = (location: string): string =>
  `b${createHash('sha256').update(path.resolve(location)).digest('hex').slice(0, 12)}`;

export class QueuedBatch {
  readonly #queue: BatchQueueClient;
  readonly name: string;

  /**
   * @param name of the batch; undefined means every batch of the queue.
   * @param onTrouble what is wrong with the connection, each time it is tried again; what was asked for waits meanwhile.
   */
  constructor(
    address: QueueAddress,
    queueName: string,
    name = '',
    onTrouble: (message: string) => void = () => undefined,
  ) {
    this.#queue = openQueue(address, queueName);
    // Without a listener an error of the connection would end the process.
    this.#queue.on('error', ({ message }) => onTrouble(message));
    this.name = name;
  }

  /**
   * Adds items. What is in the queue already is not added again: the id of a job is its batch and its key.
   * @returns what the outputs will be: 100,000 take 26 MB.
   */
  async add(
    items: AsyncIterable<BatchItem>,
    { model, identity }: KeyedBy,
    retries: Pick<JobsOptions, 'attempts' | 'backoff'> = RETRIES,
  ): Promise<readonly ExpectedOutput[]> {
    const added: ExpectedOutput[] = [];
    let page: Parameters<BatchQueueClient['addBulk']>[0] = [];
    const flush = async (): Promise<void> => {
      await this.#queue.addBulk(page);
      page = [];
    };
    for await (const item of items) {
      // A file that cannot be read from here may be one that workers have.
      const key = await outputKey(path.resolve(item.root, item.file), item, identity, model).catch(
        () => undefined,
      );
      added.push({ output: item.output, key });
      // Two names with one content are two outputs.
      const place = createHash('sha256').update(item.output).digest('hex').slice(0, 16);
      page.push({
        name: 'transcribe',
        data: { batch: this.name, item, model, identity },
        opts: { jobId: `${this.name}-${key ?? UNKNOWN_KEY}-${place}`, ...retries, ...KEPT },
      });
      if (page.length === ADDED_AT_ONCE) await flush();
    }
    if (page.length > 0) await flush();
    return added;
  }

  /** Of the whole queue: BullMQ does not count by batch. */
  async counts(): Promise<JobCounts> {
    const counts = await this.#queue.getJobCounts('waiting', 'delayed', 'active', 'completed', 'failed');
    const of = (state: string): number => counts[state] ?? 0;
    return {
      waiting: of('waiting') + of('delayed'),
      running: of('active'),
      done: of('completed'),
      failed: of('failed'),
    };
  }

  /** @param outFolder where outputs are: one that is there beats what the queue says. Undefined: the queue is believed. */
  async status(outFolder: string | undefined): Promise<QueueStatus> {
    const failures: FailedItem[] = [];
    let failedWithOutput = 0;
    for await (const job of this.#jobs('failed')) {
      if (outFolder !== undefined && (await isWritten(outFolder, expectedOf(job)))) failedWithOutput += 1;
      else failures.push(failedItem(job));
    }
    let doneSeconds = 0;
    for await (const page of this.#pages('completed'))
      for (const { returnvalue } of page) doneSeconds += returnvalue.seconds;
    return { ...(await this.counts()), doneSeconds, failedWithOutput, failures };
  }

  /**
   * Failed jobs wait again, with all their attempts.
   * @returns how many.
   */
  async retry(): Promise<number> {
    let count = 0;
    for await (const job of this.#jobs('failed')) {
      await job.retry('failed', { resetAttemptsMade: true });
      count += 1;
    }
    return count;
  }

  /**
   * Done jobs whose output is not there any more are forgotten, so that `add` adds them again.
   * @returns how many.
   */
  async forgetLost(outFolder: string): Promise<number> {
    let count = 0;
    for await (const job of this.#jobs('completed')) {
      if (await isWritten(outFolder, expectedOf(job))) continue;
      await job.remove();
      count += 1;
    }
    return count;
  }

  /** The outputs of failed jobs. */
  async failedOutputs(): Promise<ReadonlySet<string>> {
    const outputs = new Set<string>();
    for await (const job of this.#jobs('failed')) outputs.add(job.data.item.output);
    return outputs;
  }

  /**
   * Takes what waits, and what has failed, out of the queue. Files that workers have begun are finished.
   * @returns how many were taken out.
   */
  async cancel(): Promise<number> {
    let count = 0;
    for (const state of ['waiting', 'delayed', 'failed'] as const) {
      for await (const job of this.#jobs(state)) {
        try {
          await job.remove();
          count += 1;
        } catch {
          // A worker has begun it meanwhile.
        }
      }
    }
    return count;
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  /** The jobs of this batch in a state, collected before any is changed: what changes moves the pages. */
  async *#jobs(state: JobState): AsyncGenerator<Job<QueuedItem, JobOutcome>, void, undefined> {
    const found: Job<QueuedItem, JobOutcome>[] = [];
    for await (const page of this.#pages(state))
      found.push(...page.filter((job) => this.name === '' || job.data.batch === this.name));
    yield* found;
  }

  /** The jobs of the whole queue in a state. */
  async *#pages(state: JobState): AsyncGenerator<readonly Job<QueuedItem, JobOutcome>[], void, undefined> {
    for (let start = 0; ; start += PAGE) {
      const page = await this.#queue.getJobs([state], start, start + PAGE - 1, true);
      yield page;
      if (page.length < PAGE) return;
    }
  }
}

/** Stands in the id of a job for the key of a file that could not be read where the job was made. */
const UNKNOWN_KEY = 'unread';

/** The output of a job: its id holds the key. */
function expectedOf({ id, data }: Job<QueuedItem, JobOutcome>): ExpectedOutput {
  const key = id?.split('-')[1];
  return { output: data.item.output, key: key === UNKNOWN_KEY ? undefined : key };
}

const failedItem = ({ data, attemptsMade, failedReason }: Job<QueuedItem, JobOutcome>): FailedItem => ({
  file: data.item.file,
  output: data.item.output,
  attempts: attemptsMade,
  message: failedReason,
});
