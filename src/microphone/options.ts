/** The options of streaming transcription, checked by name and value. */
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption, checkChoice, checkSignal } from '../base/option-checks.ts';

export interface TranscribeStreamOptions {
  /** Sample rate of the chunks, in Hz. Default 16000. Other rates are resampled. */
  readonly sampling_rate?: number | undefined;
  /** The unit that is committed. Default: words, or phonemes if the model knows no words. */
  readonly return_timestamps?: 'word' | 'char' | undefined;
  /** How much new audio starts another recognition, in seconds. Default 0.5. */
  readonly step_length_s?: number | undefined;
  /**
   * Maximum audio per recognition, in seconds. It bounds memory and time of a step. Default 12.
   */
  readonly window_length_s?: number | undefined;
  /** Words that end within this time before the end of the audio stay tentative, in seconds. Default 0.8. */
  readonly guard_length_s?: number | undefined;
  /** Audio is not recognised if its loudest 20 ms are quieter than this (root mean square, full scale is 1). Default 0.001. */
  readonly silence_level?: number | undefined;
  /** Aborts the transcription. The loop rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface StreamSettings {
  readonly sampleRate: number;
  readonly timestamps: 'word' | 'char' | undefined;
  readonly stepSeconds: number;
  readonly windowSeconds: number;
  readonly guardSeconds: number;
  readonly contextSeconds: number;
  readonly silenceLevel: number;
  readonly signal: AbortSignal | undefined;
}

export const STREAM_OPTION_NAMES = [
  'sampling_rate',
  'return_timestamps',
  'step_length_s',
  'window_length_s',
  'guard_length_s',
  'silence_level',
  'signal',
];

/** Committed audio kept before the next word: the length of a word or two. */
const CONTEXT_SECONDS = 1.5;
/** Maximum of every length but the window's, which must contain them. */
const MAX_SECONDS = 600;

/** @throws UniSpeechError `bad-option`. */
export function checkStreamOptions(options: TranscribeStreamOptions): StreamSettings {
  rejectUnknownOptions(options, STREAM_OPTION_NAMES, 'transcribeStream');
  const number = (
    name: keyof TranscribeStreamOptions,
    otherwise: number,
    least: number,
    most = MAX_SECONDS,
  ): number => {
    const value = options[name] ?? otherwise;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw badOption(name, value, `a number of at least ${least} and at most ${most}`);
  };
  checkSignal(options.signal);
  const { return_timestamps: timestamps } = options;
  if (timestamps !== undefined) checkChoice('return_timestamps', timestamps, ['word', 'char']);
  const sampleRate = number('sampling_rate', 16_000, 1000, 768_000);
  if (!Number.isInteger(sampleRate))
    throw badOption('sampling_rate', sampleRate, 'a sample rate in whole Hz');
  const stepSeconds = number('step_length_s', 0.5, 0.05);
  const guardSeconds = number('guard_length_s', 0.8, 0);
  // The window must hold a word between context and guard, with room to grow.
  const least = CONTEXT_SECONDS + guardSeconds + 2 * stepSeconds + 2;
  return {
    sampleRate,
    timestamps,
    stepSeconds,
    windowSeconds: number('window_length_s', Math.max(12, least), least, 4 * MAX_SECONDS),
    guardSeconds,
    contextSeconds: CONTEXT_SECONDS,
    silenceLevel: number('silence_level', 0.001, 0),
    signal: options.signal,
  };
}
