/** Runs the commands `batch` and `work`, and the questions to a queue. */
import { mkdir } from 'node:fs/promises';
import { checkItems, readItems } from './batch-item.ts';
import type { BatchCommand, EngineWords } from './batch-options.ts';
import { batchName, QueuedBatch } from './batch-queue.ts';
import { BatchTally } from './batch-report.ts';
import { BullSource } from './bull-source.ts';
import { FailuresFile } from './failures-file.ts';
import type { JobSource } from './job-source.ts';
import { LocalSource } from './local-source.ts';
import { type ExpectedOutput, isWritten, removeOldTemporaries } from './output-file.ts';
import { type ModelIdentity, modelDigest } from './output-key.ts';
import { pause } from '../base/pause.ts';
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
/** Missing outputs that are looked for in one round. */
const MAX_LOOKED_AT = 1000;

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
  const { location, outFolder, identity } = command;
  const count = await checkItems(readItems(location));
  const failures = new FailuresFile(outFolder);
  await failures.clear();
  const tally = new BatchTally(count, performance.now());
  await runSource(
    () => new LocalSource(readItems(location), identity),
    'abandon',
    command,
    tally,
    surroundings,
  );
  surroundings.say(tally.summary(performance.now(), failures.path));
  return tally.failedCount === 0 ? 0 : 1;
}

async function work(command: CommandNamed<'work'>, surroundings: BatchSurroundings): Promise<BatchExitCode> {
  await mkdir(command.outFolder, { recursive: true });
  const { address, queueName } = command.queue;
  const tally = new BatchTally(0, performance.now());
  const openSource = (model: ModelIdentity): JobSource =>
    new BullSource({
      address,
      queueName,
      model,
      concurrency: command.engine.concurrency,
      onTrouble: (message) => {
        surroundings.say(`queue: ${message}`);
      },
    });
  // A worker that is asked to stop ends what it has begun.
  await runSource(openSource, 'close', command, tally, surroundings);
  surroundings.say(tally.summary(performance.now(), new FailuresFile(command.outFolder).path));
  return 0;
}

/**
 * @param openSource called once the engine runs: jobs that are taken before would be locked by a worker that may never begin.
 * @param onStop what becomes of the source when the command is stopped: files under way are ended, or left.
 */
async function runSource(
  openSource: (model: ModelIdentity) => JobSource,
  onStop: 'close' | 'abandon',
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
  const source = openSource(model);
  const stop = (): void => void source[onStop]();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    await runFiles({
      source,
      transcriber,
      outFolder,
      root,
      model,
      concurrency: engine.concurrency,
      signal: onStop === 'close' ? new AbortController().signal : signal,
      onEvent: (event) => {
        tally.add(event);
        if (event.type === 'failed' && !event.isAgain)
          say(`${event.job.item.file}: ${event.failure.message}`);
      },
    });
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
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
    await checkItems(readItems(location));
    const model = await identityOf(command.engine);
    await new FailuresFile(outFolder).clear();
    await batch.retry();
    await batch.forgetLost(outFolder);
    const expected = await batch.add(readItems(location), { model, identity });
    say(`${expected.length} files are in the queue, as batch ${batch.name}.`);
    if (command.isDetached) return 0;
    let missing = await missingOutputs(expected, outFolder);
    while (missing.length > 0) {
      signal.throwIfAborted();
      const [failed, { waiting, running }] = await Promise.all([batch.failedOutputs(), batch.counts()]);
      // Other batches may be in the queue, so its numbers alone do not say that this one has ended.
      if (waiting + running === 0 || missing.every(({ output }) => failed.has(output))) break;
      showProgress(`${expected.length - missing.length} of ${expected.length} files, ${failed.size} failed`);
      await pause(PROGRESS_MILLISECONDS, signal);
      missing = await missingOutputs(missing, outFolder, failed, MAX_LOOKED_AT);
    }
    missing = await missingOutputs(missing, outFolder);
    say(`${expected.length - missing.length} of ${expected.length} files have their output.`);
    const { failures } = await batch.status(outFolder);
    for (const { file, message } of failures) say(`${file}: ${message}`);
    return missing.length === 0 ? 0 : 1;
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
        `In the whole queue ${status.waiting} wait, ${status.running} run and ${status.done} were done lately; ${status.failures.length} failed.`,
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

/**
 * Outputs that are not there.
 * @param failed outputs that are not looked for.
 * @param limit so many missing ones end the search, as files are done about in the order of the list; what is behind them counts as missing.
 */
async function missingOutputs(
  outputs: readonly ExpectedOutput[],
  outFolder: string,
  failed: ReadonlySet<string> = new Set(),
  limit = Infinity,
): Promise<readonly ExpectedOutput[]> {
  const missing: ExpectedOutput[] = [];
  let lookedAtCount = 0;
  for (const [index, output] of outputs.entries()) {
    if (lookedAtCount === limit) return [...missing, ...outputs.slice(index)];
    if (failed.has(output.output)) missing.push(output);
    else if (!(await isWritten(outFolder, output))) {
      missing.push(output);
      lookedAtCount += 1;
    }
  }
  return missing;
}
