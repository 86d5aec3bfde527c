/** Takes jobs from a source until there are none, transcribes their files, and writes the outputs. */
import { setMaxListeners } from 'node:events';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { UniSpeechError } from 'unispeech-webgpu/captions';
import { FailuresFile } from './failures-file.ts';
import type { BatchJob, JobFailure, JobOutcome, JobSource } from './job-source.ts';
import { type BatchTranscript, isWritten, writeOutput } from './output-file.ts';
import { type ModelIdentity, outputKey } from './output-key.ts';
import type { ItemOptions } from './batch-item.ts';
import { pause } from '../base/pause.ts';

/** Turns a file into its transcript: the engine, seen from here. */
export interface FileTranscriber {
  /** @throws an error with a `code`; the signal's reason. */
  transcribe(file: string, options: ItemOptions, signal: AbortSignal): Promise<BatchTranscript>;
}

export interface BatchRun {
  readonly source: JobSource;
  readonly transcriber: FileTranscriber;
  readonly outFolder: string;
  /** Where files are, if not where the list says: another machine may have mounted them elsewhere. */
  readonly root?: string | undefined;
  readonly model: ModelIdentity;
  /** How many files are under way at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** For how long an engine may be away, in milliseconds. Default: two minutes. */
  readonly awayMilliseconds?: number | undefined;
  readonly onEvent?: ((event: BatchEvent) => void) | undefined;
}

export type BatchEvent =
  | { readonly type: 'done'; readonly job: BatchJob; readonly outcome: JobOutcome }
  | {
      readonly type: 'failed';
      readonly job: BatchJob;
      readonly failure: JobFailure;
      readonly isAgain: boolean;
    };

/** The same file fails in the same way, on every machine and whenever it is tried. */
const FINAL_CODES = new Set([
  'bad-audio',
  'bad-input',
  'bad-option',
  'not-found',
  'unsupported',
  'unsupported_format',
  'bad_audio',
  'audio_too_short',
  'audio_too_long',
  'engine_crashed',
  'too_little_memory',
]);

/**
 * @throws what the source throws, such as a queue that cannot be reached; UniSpeechError `no-device`; an error of the output folder; the signal's reason. The source is
 * abandoned then. A file that cannot be transcribed is a failure of its own.
 */
export async function runFiles(run: BatchRun): Promise<void> {
  // Each file that is under way listens to it, which is no leak.
  setMaxListeners(0, run.signal);
  const failures = new FailuresFile(run.outFolder);
  const work = async (): Promise<void> => {
    for (;;) {
      run.signal.throwIfAborted();
      const job = await run.source.take();
      if (!job) return;
      await runJob(run, job, failures);
    }
  };
  /** The others must not wait for jobs that come back to nobody. */
  const workOrStop = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      await run.source.abandon();
      throw error;
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: run.concurrency }, workOrStop));
  run.signal.throwIfAborted();
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
}

async function runJob(run: BatchRun, job: BatchJob, failures: FailuresFile): Promise<void> {
  const { source, signal, onEvent } = run;
  let key: string | undefined;
  try {
    const { item, identity } = job;
    const file = path.resolve(run.root ?? item.root, item.file);
    await checkFile(file);
    key = await outputKey(file, item, identity, run.model);
    const isSkipped = await isWritten(run.outFolder, { output: item.output, key });
    let seconds = 0;
    if (!isSkipped) {
      const transcript = await transcribe(run, file, item.options);
      await writeOutput(run.outFolder, item, key, transcript);
      seconds = transcript.duration;
    }
    const outcome = { isSkipped, seconds };
    await source.done(job, outcome);
    onEvent?.({ type: 'done', job, outcome });
  } catch (error) {
    // Stopped, not failed: whoever takes the job next does it.
    if (signal.aborted) return;
    if (error instanceof EngineAwayError) throw error;
    const failure = failureOf(error);
    const isAgain = await source.fail(job, failure);
    if (!isAgain) await failures.add(job, key, failure);
    onEvent?.({ type: 'failed', job, failure, isAgain });
  }
}

/** No file is to blame: another attempt at once would fail in the same way, and so would every other file. */
const AWAY_CODES = new Set([
  'no_device',
  'no-device',
  'device-lost',
  'model_loading',
  'queue_full',
  'draining',
]);
const AWAY_PAUSE_MILLISECONDS = 2000;
/** Then the run ends, so that other machines get the files. */
const MAX_AWAY_MILLISECONDS = 120_000;

/** The engine has been away for too long. */
class EngineAwayError extends UniSpeechError {}

/** Waits for an engine that is away, without counting an attempt. */
async function transcribe(
  { transcriber, signal, awayMilliseconds = MAX_AWAY_MILLISECONDS }: BatchRun,
  file: string,
  options: ItemOptions,
): Promise<BatchTranscript> {
  const start = performance.now();
  for (;;) {
    try {
      return await transcriber.transcribe(file, options, signal);
    } catch (error) {
      const { code, message } = failureOf(error);
      if (signal.aborted || !AWAY_CODES.has(code)) throw error;
      if (performance.now() - start > awayMilliseconds)
        throw new EngineAwayError(
          'no-device',
          `The engine does not come back: ${message}`,
          'Run the same command again when it does: what is done is skipped.',
          { cause: error },
        );
      await pause(Math.min(AWAY_PAUSE_MILLISECONDS, awayMilliseconds / 4), signal);
    }
  }
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return;
  throw Object.assign(new Error(`There is no file ${file}.`), { code: 'not-found' });
}

export function failureOf(error: unknown): JobFailure {
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  const known = typeof code === 'string' ? code : 'internal_error';
  return {
    code: known,
    message: typeof message === 'string' ? message : String(error),
    isFinal: FINAL_CODES.has(known),
  };
}
