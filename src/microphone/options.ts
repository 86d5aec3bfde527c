/** The options of streaming transcription, checked by name and value. */
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption, checkSignal } from '../base/option-checks.ts';

export interface TranscribeStreamOptions {
  /** Of the chunks, in Hz. Default 16000; other rates are resampled. */
  readonly sampling_rate?: number | undefined;
  /** What is committed at a time. Default: words, or phonemes where the model knows no words. */
  readonly return_timestamps?: 'word' | 'char' | undefined;
  /** New audio that is worth another look, in seconds. Default 0.5. */
  readonly step_length_s?: number | undefined;
  /**
   * The most audio that is recognised at a time, in seconds: bounds the memory and the time of a step. Default 12.
   */
  readonly window_length_s?: number | undefined;
  /** Words that end this close to the newest audio stay tentative, in seconds. Default 0.8. */
  readonly guard_length_s?: number | undefined;
  /** Audio whose loudest 20 ms are quieter (root mean square, full scale is 1) is not recognised. Default 0.001. */
  readonly silence_level?: number | undefined;
  /** Gives up: the loop rejects with the signal's reason. */
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

/** Committed audio in front of the next word: what a word or two takes. */
const CONTEXT_SECONDS = 1.5;
/** Of every length but the window's, which must hold them. */
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
  if (timestamps !== undefined && !['word', 'char'].includes(timestamps))
    throw badOption('return_timestamps', timestamps, "'word' or 'char'");
  const sampleRate = number('sampling_rate', 16_000, 1000, 768_000);
  if (!Number.isInteger(sampleRate))
    throw badOption('sampling_rate', sampleRate, 'a sample rate in whole Hz');
  const stepSeconds = number('step_length_s', 0.5, 0.05);
  const guardSeconds = number('guard_length_s', 0.8, 0);
  // Enough for a word between context and guard, with room to grow.
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
