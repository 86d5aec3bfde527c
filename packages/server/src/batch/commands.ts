/** Runs the commands `batch` and `work`, and the questions to a queue. */
import { mkdir } from 'node:fs/promises';
import { type BatchItem, readItems } from './batch-item.ts';
import type { BatchCommand, EngineWords } from './batch-options.ts';
import { batchName, QueuedBatch } from './batch-queue.ts';
import { BatchTally } from './batch-report.ts';
import { BullSource } from './bull-source.ts';
import { FailuresFile } from './failures-file.ts';
import type { JobSource } from './job-source.ts';
import { LocalSource } from './local-source.ts';
import { type ExpectedOutput, isWritten, removeOldTemporaries } from './output-file.ts';
import { type ModelIdentity, modelDigest } from './output-key.ts';
import { type FileTranscriber, runFiles } from './run-files.ts';

/** What the commands need of the process around them. */
export interface BatchSurroundings {
  /** Starts the engines. */
  readonly openEngine: (words: EngineWords) => Promise<OpenedEngine>;
  /** A line that the next one may replace, such as how far the batch is. */
  readonly showProgress: (line: string) => void;
  /** A line that stays. */
  readonly say: (line: string) => void;
  /** Stops the command, as Ctrl-C does. */
  readonly signal: AbortSignal;
}

export interface OpenedEngine {
  readonly transcriber: FileTranscriber;
  readonly close: () => Promise<void>;
}

/** As a process ends: all is there; some files failed; it was stopped. */
export type BatchExitCode = 0 | 1 | 130;

const PROGRESS_MILLISECONDS = 1000;

/** @throws UniSpeechError for what no file is to blame for, such as a folder that cannot be written. */
export async function runBatchCommand(
  command: BatchCommand,
  surroundings: BatchSurroundings,
): Promise<BatchExitCode> {
  try {
    if (command.name === 'work') return await work(command, surroundings);
    if (command.name !== 'batch') return await askQueue(command, surroundings);
    await mkdir(command.outFolder, { recursive: true });
    return command.queue === undefined
      ? await runHere(command, surroundings)
      : await feedQueue(command, command.queue, surroundings);
  } catch (error) {
    if (surroundings.signal.aborted) return 130;
    throw error;
  }
}

type CommandNamed<Name> = Extract<BatchCommand, { readonly name: Name }>;

async function runHere(
  command: CommandNamed<'batch'>,
  surroundings: BatchSurroundings,
): Promise<BatchExitCode> {
  const { location, outFolder } = command;
  // Reads the whole list once, so that a bad line is an error before any work.
  const count = await countItems(readItems(location));
  const failures = new FailuresFile(outFolder);
  await failures.clear();
  const tally = new BatchTally(count, performance.now());
  const source = new LocalSource(readItems(location), command.identity);
  await runSource(source, command, tally, surroundings);
  surroundings.say(tally.summary(performance.now(), failures.path));
  return tally.failedCount === 0 ? 0 : 1;
}

async function work(command: CommandNamed<'work'>, surroundings: BatchSurroundings): Promise<BatchExitCode> {
  await mkdir(command.outFolder, { recursive: true });
  const { address, queueName } = command.queue;
  const model = await identityOf(command.engine);
  const tally = new BatchTally(0, performance.now());
  const source = new BullSource({
    address,
    queueName,
    model,
    concurrency: command.engine.concurrency,
    onTrouble: (message) => {
      surroundings.say(`queue: ${message}`);
    },
  });
  // A worker is asked to stop where a batch is interrupted: it ends what it has begun.
  const stop = (): void => void source.close();
  surroundings.signal.addEventListener('abort', stop, { once: true });
  if (surroundings.signal.aborted) stop();
  await runSource(source, command, tally, {
    ...surroundings,
    signal: new AbortController().signal,
  });
  surroundings.say(tally.summary(performance.now(), new FailuresFile(command.outFolder).path));
  return 0;
}

async function runSource(
  source: JobSource,
  command: Pick<CommandNamed<'batch'>, 'outFolder' | 'engine'> & {
    readonly root?: string | undefined;
  },
  tally: BatchTally,
  { openEngine, showProgress, say, signal }: BatchSurroundings,
): Promise<void> {
  const { outFolder, engine, root } = command;
  await removeOldTemporaries(outFolder);
  const model = await identityOf(engine);
  const { transcriber, close } = await openEngine(engine);
  const timer = setInterval(() => {
    showProgress(tally.line(performance.now()));
  }, PROGRESS_MILLISECONDS);
  try {
    await runFiles({
      source,
      transcriber,
      outFolder,
      root,
      model,
      concurrency: engine.concurrency,
      signal,
      onEvent: (event) => {
        tally.add(event);
        if (event.type === 'failed' && !event.isAgain)
          say(`${event.job.item.file}: ${event.failure.message}`);
      },
    });
  } finally {
    clearInterval(timer);
    if (signal.aborted) await source.abandon();
    await close();
  }
}

async function feedQueue(
  command: CommandNamed<'batch'>,
  { address, queueName }: NonNullable<CommandNamed<'batch'>['queue']>,
  { say, showProgress, signal }: BatchSurroundings,
): Promise<BatchExitCode> {
  const { location, outFolder, identity } = command;
  const batch = new QueuedBatch(address, queueName, batchName(location));
  try {
    const model = await identityOf(command.engine);
    await new FailuresFile(outFolder).clear();
    await batch.retry();
    const expected = await batch.add(readItems(location), { model, identity });
    say(`${expected.length} files are in the queue, as batch ${batch.name}.`);
    if (command.isDetached) return 0;
    for (;;) {
      signal.throwIfAborted();
      const counts = await batch.counts();
      if (counts.waiting + counts.running === 0) break;
      showProgress(`${counts.waiting} wait, ${counts.running} run, ${counts.failed} failed`);
      await pause(PROGRESS_MILLISECONDS, signal);
    }
    const missing = await countMissing(expected, outFolder);
    say(`${expected.length - missing} of ${expected.length} files have their output.`);
    const { failures } = await batch.status(outFolder);
    for (const { file, message } of failures) say(`${file}: ${message}`);
    return missing === 0 ? 0 : 1;
  } finally {
    await batch.close();
  }
}

async function askQueue(
  command: CommandNamed<'status' | 'retry' | 'cancel'>,
  { say }: BatchSurroundings,
): Promise<BatchExitCode> {
  const { address, queueName } = command.queue;
  const batch = new QueuedBatch(
    address,
    queueName,
    command.location === undefined ? undefined : batchName(command.location),
  );
  try {
    if (command.name === 'retry') say(`${await batch.retry()} files wait again.`);
    else if (command.name === 'cancel')
      say(`${await batch.cancel()} files were taken out of the queue. What workers have begun is finished.`);
    else {
      const status = await batch.status(command.outFolder);
      say(
        `${status.waiting} wait, ${status.running} run, ${status.done} done, ${status.failures.length} failed.`,
      );
      if (status.failedWithOutput > 0)
        say(`${status.failedWithOutput} more are called failed, but have their output: they are done.`);
      for (const { file, attempts, message } of status.failures)
        say(`${file}: ${message} (${attempts} attempts)`);
      return status.failures.length === 0 ? 0 : 1;
    }
    return 0;
  } finally {
    await batch.close();
  }
}

const identityOf = async ({ model, dtype = 'fp32' }: EngineWords): Promise<ModelIdentity> => ({
  digest: await modelDigest(model),
  dtype,
});

async function countItems(items: AsyncIterable<BatchItem>): Promise<number> {
  let count = 0;
  const iterator = items[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true) count += 1;
  return count;
}

async function countMissing(outputs: readonly ExpectedOutput[], outFolder: string): Promise<number> {
  let count = 0;
  for (const output of outputs) if (!(await isWritten(outFolder, output))) count += 1;
  return count;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
