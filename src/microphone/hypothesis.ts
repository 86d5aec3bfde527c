/** Recognises the window once, and returns units with times. */
import { UniSpeechError } from '../base/errors.ts';
import { isList } from '../base/checks.ts';
import { badInput } from '../base/option-checks.ts';
import type { TimedText } from '../base/timed-text.ts';
import type { Unit } from './agreement.ts';

/** The sample rate of all models, in Hz. */
export const SAMPLE_RATE = 16_000;
/** Shorter clips would give no frame, so silence is appended to them. */
const MINIMUM_SAMPLES = 1600;
/** Level is measured in blocks of 20 ms. */
const BLOCK_SAMPLES = 320;

/**
 * A recogniser: the pipeline of `pipeline()` or `createWorkerPipeline()`, or any function with the same call
 * signature. The function may keep or change the samples.
 */
export type Recognize = (
  audio: { readonly raw: Float32Array; readonly sampling_rate: number },
  options: { readonly return_timestamps: 'word' | 'char'; readonly signal?: AbortSignal },
) => Promise<{ readonly text: string; readonly chunks?: readonly TimedText[] }>;

/** @throws UniSpeechError `bad-input`. */
export function checkRecognize(recognize: unknown): void {
  if (typeof recognize !== 'function') throw badInput('recognize', recognize, 'what pipeline() gave');
}

/** Runs the recogniser. Remembers whether the model knows words, and how its characters are joined. */
export class Listener {
  readonly #recognize: Recognize;
  readonly #signal: AbortSignal | undefined;
  readonly #mayFallBack: boolean;
  #timestamps: 'word' | 'char';
  #separator: string | undefined;

  /** @param timestamps undefined means words, or characters for a phoneme model. */
  constructor(
    recognize: Recognize,
    timestamps: 'word' | 'char' | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#recognize = recognize;
    this.#signal = signal;
    this.#mayFallBack = timestamps === undefined;
    this.#timestamps = timestamps ?? 'word';
  }

  /** Separator between units in text. */
  get separator(): string {
    return this.#separator ?? ' ';
  }

  /**
   * @param samples 16 kHz samples; the recogniser gets a copy.
   * @param startSeconds start of the samples in the stream.
   */
  async listen(samples: Float32Array, startSeconds: number): Promise<Unit[]> {
    const timestamps = this.#timestamps;
    const signal = this.#signal;
    const raw = new Float32Array(Math.max(samples.length, MINIMUM_SAMPLES));
    raw.set(samples);
    const audio = { raw, sampling_rate: SAMPLE_RATE };
    try {
      const answer = await this.#recognize(audio, {
        return_timestamps: timestamps,
        ...(signal && { signal }),
      });
      // The caller may pass any function.
      const { text, chunks } = Object(answer) as typeof answer;
      if (chunks === undefined || !isList(chunks)) {
        throw new UniSpeechError(
          'bad-input',
          `The recogniser gave no chunks, expected those of return_timestamps: '${timestamps}'.`,
          'Give the pipeline that pipeline() or createWorkerPipeline() makes.',
        );
      }
      if (timestamps === 'char' && chunks.length > 1)
        this.#separator ??=
          chunks
            .map((chunk) => chunk.text)
            .join('')
            .trim() === text.trim()
            ? ''
            : ' ';
      return chunks.map(({ text: unit, timestamp: [start, end] }) => ({
        text: unit,
        start: startSeconds + start,
        end: startSeconds + end,
      }));
    } catch (error) {
      const hasNoWords = error instanceof UniSpeechError && error.code === 'unsupported';
      if (!hasNoWords || !this.#mayFallBack || timestamps === 'char') throw error;
      this.#timestamps = 'char';
      return this.listen(samples, startSeconds);
    }
  }
}

/** Whether every block of 20 ms is quieter than `level` (root mean square). */
export function isSilent(samples: Float32Array, level: number): boolean {
  for (let start = 0; start < samples.length; start += BLOCK_SAMPLES) {
    const block = samples.subarray(start, start + BLOCK_SAMPLES);
    const power = block.reduce((sum, sample) => sum + sample * sample, 0) / block.length;
    if (power > level * level) return false;
  }
  return true;
}
