/** A job on its way through the pool: what is known of it, and what was given of it by now. */
import type { PreparedSound, EnginePart, ClipMessage } from './messages.ts';
import type {
  AlignedClip,
  AlignmentJob,
  JobStage,
  StageSeconds,
  TranscribedClip,
  TranscribedPart,
  TranscriptionJob,
} from './transcription-job.ts';

export type JobRequest =
  | ({ readonly type: 'transcribe' } & TranscriptionJob)
  | ({ readonly type: 'align' } & AlignmentJob);

export type JobResult = TranscribedClip | AlignedClip;

/** How much of a job's parts was given: a run after a crash gives the same ones again. */
interface GivenCounts {
  text: number;
  words: number;
  characters: number;
  tokens: number;
}

/** Bytes of a second of sound in a file that is not being decoded yet: a guess between MP3 and WAV of a CD. */
const GUESSED_BYTES_PER_SECOND = 64_000;

const nothingGiven = (): GivenCounts => ({ text: 0, words: 0, characters: 0, tokens: 0 });

export class PoolJob {
  readonly request: JobRequest;
  /** Unique in the pool's processes, whatever the caller's ids are. */
  readonly key: string;
  readonly leaving = new AbortController();
  readonly acceptedAt = performance.now();
  stage: JobStage = 'decoding';
  sound: PreparedSound | undefined;
  /** Of the sound: a guess until it is decoded. */
  seconds: number;
  doneSeconds = 0;
  warnings: readonly string[] = [];
  stages: StageSeconds = { decode: 0, queue: 0, engine: 0 };
  /** It was in a batch, or alone, when its engine died: it runs alone next time. */
  isSuspect = false;
  hasEnded = false;
  /** When it came to this stage. */
  stageStart = this.acceptedAt;
  #resolve: (result: JobResult) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  readonly result: Promise<JobResult>;
  readonly #given = nothingGiven();
  #run = nothingGiven();

  /** @param byteLength of its file. */
  constructor(
    key: string,
    request: JobRequest,
    readonly byteLength: number,
  ) {
    this.key = key;
    this.request = request;
    this.seconds = byteLength / GUESSED_BYTES_PER_SECOND;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isLow(): boolean {
    return this.request.priority === 'low';
  }

  enter(stage: JobStage): void {
    const now = performance.now();
    const seconds = (now - this.stageStart) / 1000;
    const { decode, queue, engine } = this.stages;
    this.stages = {
      decode: decode + (this.stage === 'decoding' ? seconds : 0),
      queue: queue + (this.stage === 'waiting' ? seconds : 0),
      engine: engine + (this.stage === 'running' ? seconds : 0),
    };
    this.stage = stage;
    this.stageStart = now;
    this.#run = nothingGiven();
  }

  tellProgress(jobsBefore: number): void {
    if (this.request.type !== 'transcribe' || this.hasEnded) return;
    this.request.onProgress?.(this.#progress(jobsBefore));
  }

  #progress(jobsBefore: number): TranscribedPart['progress'] {
    return {
      stage: this.stage,
      seconds: this.doneSeconds,
      totalSeconds: this.sound && this.seconds,
      jobsBefore,
    };
  }

  /** Gives a part, without what was given by a run that did not end. */
  take(part: EnginePart): void {
    this.doneSeconds = Math.max(this.doneSeconds, part.seconds);
    if (this.request.type !== 'transcribe' || this.hasEnded) return;
    const given = this.#given;
    const run = this.#run;
    const fresh = <Item>(
      name: 'words' | 'characters' | 'tokens',
      items: readonly Item[] | undefined,
    ): readonly Item[] => {
      const start = run[name];
      run[name] += items?.length ?? 0;
      const news = items?.slice(Math.max(0, given[name] - start)) ?? [];
      given[name] = Math.max(given[name], run[name]);
      return news;
    };
    const start = run.text;
    run.text += part.text.length;
    const text = part.text.slice(Math.max(0, given.text - start));
    given.text = Math.max(given.text, run.text);
    const { words, characters, tokens } = part;
    this.request.onPart?.({
      text,
      ...(words && { words: fresh('words', words) }),
      ...(characters && { characters: fresh('characters', characters) }),
      ...(tokens && { tokens: fresh('tokens', tokens) }),
      progress: this.#progress(0),
    });
  }

  /** What the engine needs. @param sound that of the job. */
  message(sound: PreparedSound): ClipMessage {
    const { modelId } = this.request;
    const common = { id: this.key, modelId, sound, isLow: this.isLow };
    return this.request.type === 'transcribe'
      ? { type: 'transcribe', ...common, options: this.request.options }
      : { type: 'align', ...common, text: this.request.text, options: this.request.options };
  }

  /** Ends it once. @returns whether it had not ended before. */
  end(outcome: { readonly result: JobResult } | { readonly error: unknown }): boolean {
    if (this.hasEnded) return false;
    this.hasEnded = true;
    if ('result' in outcome) this.#resolve(outcome.result);
    else this.#reject(outcome.error);
    this.leaving.abort();
    return true;
  }
}
