/** Runs the commands `batch` and `work`: what they share, and what needs an engine. */
import { mkdir } from 'node:fs/promises';
import { checkItems, readItems } from './batch-item.ts';
import type { BatchCommand, CommandNamed } from './batch-options.ts';
import { BatchTally } from './batch-report.ts';
import { BullSource } from './bull-source.ts';
import { FailuresFile } from './failures-file.ts';
import type { JobSource } from './job-source.ts';
import { LocalSource } from './local-source.ts';
import { removeOldTemporaries } from './output-file.ts';
import { type ModelIdentity, modelIdentity } from './output-key.ts';
import { askQueue, feedQueue, sayTrouble, withQueue } from './queue-commands.ts';
import { runFiles } from './run-files.ts';
import type { BatchExitCode, BatchSurroundings } from './surroundings.ts';

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
      : await feedQueue({ ...command, queue: command.queue }, surroundings);
  } catch (error) {
    if (!surroundings.signal.aborted) throw error;
    surroundings.say('Stopped: the same command does what is missing.');
    return 130;
  }
}

async function runHere(
  command: CommandNamed<'batch'>,
  surroundings: BatchSurroundings,
): Promise<BatchExitCode> {
  const { location, outFolder, identity } = command;
  const count = await checkItems(location);
  const failures = new FailuresFile(outFolder);
  await failures.clear();
  const tally = new BatchTally(count, performance.now());
  try {
    await runSource(
      () => new LocalSource(readItems(location), identity),
      'abandon',
      command,
      tally,
      surroundings,
    );
  } finally {
    surroundings.say(tally.summary(performance.now(), failures.path));
  }
  return tally.failedCount === 0 ? 0 : 1;
}

async function work(command: CommandNamed<'work'>, surroundings: BatchSurroundings): Promise<BatchExitCode> {
  await mkdir(command.outFolder, { recursive: true });
  const { address, queueName } = command.queue;
  // One that cannot be reached is told before the engine starts.
  await withQueue(command.queue, undefined, surroundings, (queue) => queue.counts());
  const tally = new BatchTally(0, performance.now());
  const openSource = (model: ModelIdentity): JobSource =>
    new BullSource({
      address,
      queueName,
      model,
      concurrency: command.engine.concurrency,
      onTrouble: sayTrouble(surroundings.say),
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
  const model = await modelIdentity(engine);
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
