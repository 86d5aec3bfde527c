/** The commands that need a queue and no engine: adding a batch, and the questions to a queue. */
import { UniSpeechError } from 'unispeech-webgpu/captions';
import { messageOf } from '../base/message-of.ts';
import { pause } from '../base/pause.ts';
import { checkItems, readItems } from './batch-item.ts';
import type { CommandNamed, QueueWords } from './batch-options.ts';
import { batchName, QueuedBatch } from './batch-queue.ts';
import { duration } from './batch-report.ts';
import { FailuresFile } from './failures-file.ts';
import { type ExpectedOutput, writtenSeconds } from './output-file.ts';
import { modelIdentity } from './output-key.ts';
import type { BatchExitCode, BatchSurroundings } from './surroundings.ts';

const PROGRESS_MILLISECONDS = 1000;
/** Missing outputs that are looked for in one round. */
const MAX_LOOKED_AT = 1000;

/** Says what a queue server has trouble with, each trouble once until another one comes: it is tried again all the time. */
export function sayTrouble(say: (line: string) => void): (message: string) => undefined {
  let last = '';
  return (message) => {
    if (message !== last) say(`queue: ${message}`);
    last = message;
    return undefined;
  };
}

/**
 * @param location of the batch's list; undefined for every batch of the queue.
 * @throws the signal's reason, also while the server cannot be reached; UniSpeechError `network` where it refuses.
 */
export async function withQueue<Result>(
  { address, queueName }: QueueWords,
  location: string | undefined,
  { say, signal }: Pick<BatchSurroundings, 'say' | 'signal'>,
  use: (batch: QueuedBatch) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const name = location === undefined ? undefined : batchName(location);
  const batch = new QueuedBatch(address, queueName, name, sayTrouble(say));
  const stopped = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
  try {
    await Promise.race([batch.counts().catch(refused), stopped]);
    return await Promise.race([use(batch), stopped]);
  } finally {
    await batch.close();
  }
}

function refused(error: unknown): never {
  throw new UniSpeechError(
    'network',
    `The queue server cannot be used: ${messageOf(error)}.`,
    'Check that it runs, and the name, password and database of --queue.',
    { cause: error },
  );
}

/** Adds files to a queue, and waits for their outputs. */
export async function feedQueue(
  command: CommandNamed<'batch'> & { readonly queue: QueueWords },
  surroundings: BatchSurroundings,
): Promise<BatchExitCode> {
  const { location, outFolder, identity } = command;
  const { say, showProgress, signal } = surroundings;
  const trouble = sayTrouble(say);
  await checkItems(location);
  return withQueue(command.queue, location, surroundings, async (batch) => {
    const model = await modelIdentity(command.engine);
    await new FailuresFile(outFolder).clear();
    await batch.retry();
    await batch.forgetLost(outFolder);
    const expected = await batch.add(readItems(location), { model, identity });
    say(`Files in the queue: ${expected.length}, as batch ${batch.name}.`);
    if (command.isDetached) return 0;
    const outputs = new OutputWatch(expected, outFolder);
    await outputs.look();
    while (outputs.missing.length > 0) {
      signal.throwIfAborted();
      const state = await stateOf(batch).catch((error: unknown) => trouble(messageOf(error)));
      if (state) {
        const { failed, isOver } = state;
        // Other batches may be in the queue, so its numbers alone do not say that this one has ended.
        if (isOver || outputs.missing.every(({ output }) => failed.has(output))) break;
        const written = `${expected.length - outputs.missing.length} of ${expected.length} files`;
        showProgress(`${written}, ${duration(outputs.audioSeconds)} of sound, ${failed.size} failed`);
      }
      await pause(PROGRESS_MILLISECONDS, signal);
      await outputs.look(state?.failed, MAX_LOOKED_AT);
    }
    await outputs.look();
    const written = `${expected.length - outputs.missing.length} of ${expected.length} files`;
    say(`${written} have their output: ${duration(outputs.audioSeconds)} of sound.`);
    const { failures } = await batch.status(outFolder);
    for (const { file, message } of failures) say(`${file}: ${message}`);
    return outputs.missing.length === 0 ? 0 : 1;
  });
}

async function stateOf(
  batch: QueuedBatch,
): Promise<{ readonly failed: ReadonlySet<string>; readonly isOver: boolean }> {
  const [failed, { waiting, running }] = await Promise.all([batch.failedOutputs(), batch.counts()]);
  return { failed, isOver: waiting + running === 0 };
}

/** What a queue has, or is to do with it. */
export function askQueue(
  command: CommandNamed<'status' | 'retry' | 'cancel'>,
  surroundings: BatchSurroundings,
): Promise<BatchExitCode> {
  const { say } = surroundings;
  return withQueue(command.queue, command.location, surroundings, async (batch) => {
    if (command.name === 'retry') say(`Files that wait again: ${await batch.retry()}.`);
    else if (command.name === 'cancel')
      say(`Files taken out of the queue: ${await batch.cancel()}. What workers have begun is finished.`);
    else {
      const status = await batch.status(command.outFolder);
      say(
        `In the whole queue ${status.waiting} wait, ${status.running} run and ${status.done} were done lately (${duration(status.doneSeconds)} of sound); ${status.failures.length} failed.`,
      );
      if (status.failedWithOutput > 0)
        say(`${status.failedWithOutput} more are called failed, but have their output: they are done.`);
      for (const { file, attempts, message } of status.failures)
        say(`${file}: ${message} (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})`);
      return status.failures.length === 0 ? 0 : 1;
    }
    return 0;
  });
}

/** What has become of outputs. */
class OutputWatch {
  readonly #outFolder: string;
  #missing: readonly ExpectedOutput[];
  /** Sound of the outputs that are there. */
  audioSeconds = 0;

  constructor(outputs: readonly ExpectedOutput[], outFolder: string) {
    this.#missing = outputs;
    this.#outFolder = outFolder;
  }

  /** Those that were not there when they were last looked for. */
  get missing(): readonly ExpectedOutput[] {
    return this.#missing;
  }

  /**
   * Looks for what is missing.
   * @param failed outputs that are not looked for.
   * @param limit so many missing ones end the search, as files are done about in the order of the list; what is behind them counts as missing.
   */
  async look(failed: ReadonlySet<string> = new Set(), limit = Infinity): Promise<void> {
    const missing: ExpectedOutput[] = [];
    let absentCount = 0;
    for (const output of this.#missing) {
      const isSought = absentCount < limit && !failed.has(output.output);
      const seconds = isSought ? await writtenSeconds(this.#outFolder, output) : undefined;
      if (seconds === undefined) missing.push(output);
      else this.audioSeconds += seconds;
      if (isSought && seconds === undefined) absentCount += 1;
    }
    this.#missing = missing;
  }
}
