/** BullMQ's classes for either kind of server, with the settings that batches need. */
import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  type Job,
  type JobsOptions,
  type JobType,
  type Processor,
  Queue,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { BatchItem } from './batch-item.ts';
import type { JobOutcome } from './job-source.ts';
import type { Identity, ModelIdentity } from './output-key.ts';
import type { QueueAddress } from './queue-address.ts';

/** What a job in the queue holds. */
export interface QueuedItem {
  readonly batch: string;
  readonly item: BatchItem;
  /** A worker with another model must not do it. */
  readonly model: ModelIdentity;
  readonly identity: Identity;
}

/** What is used of BullMQ's `Queue` and `Worker`. Their own types depend on the server. */
export interface BatchQueueClient {
  on(event: 'error', listener: (error: Error) => void): unknown;
  addBulk(
    jobs: { readonly name: string; readonly data: QueuedItem; readonly opts: JobsOptions }[],
  ): Promise<unknown>;
  getJobCounts(...states: JobType[]): Promise<Readonly<Record<string, number>>>;
  getJobs(
    states: JobType[],
    start: number,
    end: number,
    isAscending: boolean,
  ): Promise<Job<QueuedItem, JobOutcome>[]>;
  close(): Promise<void>;
}

export interface BatchWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'stalled', listener: (jobId: string) => void): unknown;
  on(event: 'lockRenewalFailed', listener: (jobIds: string[]) => void): unknown;
  close(isForced: boolean): Promise<void>;
}

/** An unanswered command waits for the server to come back, instead of failing after 20 tries. */
const redisConnection = ({ url }: QueueAddress) => ({ url, maxRetriesPerRequest: null });

/** Fewer connections than this make BullMQ wait for itself. */
const POOL_SIZE = 13;

/** The first one that connects makes the tables. */
const postgresConnection = ({ url }: QueueAddress, max = POOL_SIZE) => ({
  connectionString: url,
  max,
  migrate: true,
});

export function openQueue(address: QueueAddress, name: string): BatchQueueClient {
  return address.kind === 'redis'
    ? new Queue<QueuedItem, JobOutcome>(name, { connection: redisConnection(address) })
    : new Queue<
        QueuedItem,
        JobOutcome,
        string,
        QueuedItem,
        JobOutcome,
        string,
        PostgresQueueBackend,
        PostgresConnectionOptions
      >(name, { connection: postgresConnection(address) }, createPostgresBackend);
}

export function openWorker(
  address: QueueAddress,
  name: string,
  processor: Processor<QueuedItem, JobOutcome>,
  options: Omit<WorkerOptions, 'connection'> & { readonly concurrency: number },
): BatchWorker {
  return address.kind === 'redis'
    ? new Worker<QueuedItem, JobOutcome>(name, processor, {
        ...options,
        connection: redisConnection(address),
      })
    : new Worker(
        name,
        processor,
        {
          ...options,
          connection: postgresConnection(address, Math.max(POOL_SIZE, options.concurrency + 3)),
        },
        createPostgresBackend,
      );
}
