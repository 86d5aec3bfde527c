/**
 * A pool without an engine, for tests of what the front does by itself: it reads the upload as JSON that says what comes of it. All that depends on
 * sound is tested with the real pool.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EnginePool, PoolStats, ServedModel } from '../../src/engine/engine-pool.ts';
import { EngineError } from '../../src/engine/engine-error.ts';
import type {
  AlignedClip,
  AlignmentJob,
  TranscribedClip,
  TranscribedUnit,
  TranscriptionJob,
} from '../../src/engine/transcription-job.ts';

/** What an upload says: words that follow each other, half a second each, with half a second between. */
export interface Script {
  readonly words?: readonly string[];
  /** How long each word takes. */
  readonly milliseconds?: number;
  /** After the words. */
  readonly error?: { readonly code: string; readonly message: string; readonly retryAfterSeconds?: number };
  readonly durationSeconds?: number;
  /** The last word comes with the result only. */
  readonly holdsBack?: boolean;
  /** What the parts say, if it is not the text. */
  readonly wrongPart?: string;
}

const MODEL: ServedModel = {
  id: 'tiny',
  location: '/models/tiny',
  status: 'loaded',
  facts: { samplingRate: 16_000, units: 'words', languages: ['en'], dtype: 'fp32', searches: false },
};

function checkSeconds(seconds: number, limit = Infinity): void {
  if (seconds > limit)
    throw new EngineError('audio_too_long', `The file lasts ${seconds} s, and at most ${limit} s are taken.`);
}

export class ScriptedPool implements EnginePool {
  models: readonly ServedModel[] = [MODEL];
  notReady: string | undefined;
  running = 0;
  readonly jobs: (TranscriptionJob | AlignmentJob)[] = [];
  readonly #stopped = new AbortController();

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(graceMilliseconds: number): Promise<void> {
    const end = Date.now() + graceMilliseconds;
    while (this.running > 0 && Date.now() < end) await sleep(5);
    this.#stopped.abort(new EngineError('draining', 'The pool is being stopped.', 1));
  }

  stats(): PoolStats {
    return {
      devices: [
        {
          device: 'auto',
          state: this.notReady === undefined ? 'ready' : 'failed',
          jobsRunning: this.running,
          restarts: 0,
        },
      ],
      jobsDecoding: 0,
      jobsWaiting: 0,
      jobsRunning: this.running,
      piecesWaiting: 0,
      audioSecondsWaiting: 0,
      speed: 40,
      spoolBytes: 0,
    };
  }

  async transcribe(job: TranscriptionJob): Promise<TranscribedClip> {
    this.jobs.push(job);
    this.running += 1;
    try {
      return await this.#play(job, JSON.parse(await readFile(job.file, 'utf8')) as Script);
    } finally {
      this.running -= 1;
    }
  }

  async #play(
    { options, signal, onPart, onProgress }: TranscriptionJob,
    script: Script,
  ): Promise<TranscribedClip> {
    const { words = [], milliseconds = 1, error, durationSeconds = words.length + 0.5 } = script;
    const signals = AbortSignal.any([this.#stopped.signal, ...(signal ? [signal] : [])]);
    const pause = async (): Promise<void> => {
      await sleep(milliseconds, undefined, { signal: signals }).catch(() => signals.throwIfAborted());
    };
    checkSeconds(durationSeconds, options.maxSeconds);
    onProgress?.({ stage: 'waiting', seconds: 0, totalSeconds: durationSeconds, jobsBefore: 2 });
    await pause();
    const units = words.map((text, index): TranscribedUnit => ({
      text,
      start: index + 0.0004,
      end: index + 0.5004,
      probability: 0.9,
    }));
    for (const [index, word] of words.entries()) {
      const progress = {
        stage: 'running',
        seconds: index,
        totalSeconds: durationSeconds,
        jobsBefore: 0,
      } as const;
      onProgress?.(progress);
      await pause();
      if (!script.holdsBack || index < words.length - 1)
        onPart?.({ text: script.wrongPart ?? (index === 0 ? word : ` ${word}`), progress });
    }
    if (error) throw Object.assign(new Error(error.message), error);
    return {
      text: words.join(' '),
      durationSeconds,
      warnings: [],
      stages: { decode: 0, queue: 0, engine: 0 },
      ...(options.words === true && { words: units }),
      ...(options.characters === true && { characters: units }),
      ...(options.tokens === true && {
        tokens: units.map(({ text, start, end }, id) => ({ id, token: text, start, end, logprob: -0.25 })),
      }),
    };
  }

  async align(job: AlignmentJob): Promise<AlignedClip> {
    this.jobs.push(job);
    const { durationSeconds = 10, error } = JSON.parse(await readFile(job.file, 'utf8')) as Script;
    if (error) throw Object.assign(new Error(error.message), error);
    checkSeconds(durationSeconds, job.options.maxSeconds);
    const words = job.text
      .split(' ')
      .map((text, index) => ({ text, start: index, end: index + 0.5, probability: 0.5 }));
    return {
      text: job.text,
      durationSeconds,
      score: 0.5,
      words,
      ...(job.options.characters === true && { characters: words }),
      unaligned: [],
      warnings: [],
      stages: { decode: 0, queue: 0, engine: 0 },
    };
  }
}
