/** The options of a recognition that ask how sure the model is, checked by name and value. */
import { UniSpeechError } from '../base/errors.ts';
import { badOption, checkBoolean, checkChoice } from '../base/option-checks.ts';
import type { ConfidenceMeasure, ConfidenceRule } from '../decode/confidence.ts';
import type { DecoderKind } from '../decode/decoder.ts';
import type { ConfidenceSettings } from '../decode/frame-scorer.ts';

/** With any of these the logits are read back, not only the likeliest tokens. */
export interface ConfidenceOptions {
  /**
   * Also return how sure the model is of the text, and of each chunk if there are some: 0 to 1, of the frames of their tokens, without blanks.
   * `'mean'`, which is the same as true: of a character the mean over its frames, of a word or a text the mean over its characters by their frames. `'min'` and `'max'`:
   * of a character its least or most sure frame, of a word or a text the mean of its least or most sure character. Default: false.
   */
  readonly return_confidence?: boolean | ConfidenceRule | null | undefined;
  /**
   * What a frame is worth: `'posterior'`, the probability of its token; `'entropy'`, 1 less the entropy of all tokens by its largest value. Default: `'posterior'`.
   */
  readonly confidence_measure?: ConfidenceMeasure | undefined;
  /** Divides the logits before probabilities are taken of them. The text stays the same. Default: 1. */
  readonly temperature?: number | undefined;
  /** Also return the log probability of each token. Default: false. */
  readonly return_logprobs?: boolean | undefined;
}

export const CONFIDENCE_NAMES: readonly string[] = [
  'return_confidence',
  'confidence_measure',
  'temperature',
  'return_logprobs',
];

/** Written here, so that the code that uses them is loaded only where it is needed. */
const RULES: readonly unknown[] = ['mean', 'min', 'max'] satisfies ConfidenceRule[];
const MEASURES: readonly ConfidenceMeasure[] = ['posterior', 'entropy'] satisfies ConfidenceMeasure[];

/** @throws UniSpeechError `bad-option`; `unsupported` where the decoder does not measure. */
export function checkConfidenceOptions(
  options: ConfidenceOptions,
  { measures }: DecoderKind,
): ConfidenceSettings | undefined {
  const { return_confidence: wanted = false, return_logprobs: returnsLogprobs = false } = options;
  const { confidence_measure: measure = 'posterior', temperature = 1 } = options;
  checkBoolean('return_logprobs', returnsLogprobs);
  if (wanted !== null && typeof wanted !== 'boolean' && !RULES.includes(wanted))
    throw badOption('return_confidence', wanted, "true, false, 'mean', 'min' or 'max'");
  checkChoice('confidence_measure', measure, MEASURES);
  checkTemperature(temperature);
  const rule = wanted === true ? 'mean' : wanted === false || wanted === null ? undefined : wanted;
  if (rule === undefined && options.confidence_measure !== undefined)
    throw new UniSpeechError('bad-option', 'confidence_measure is of use only with return_confidence.');
  if (rule === undefined && !returnsLogprobs) {
    if (options.temperature !== undefined)
      throw new UniSpeechError(
        'bad-option',
        'temperature is of use only with return_confidence or return_logprobs.',
      );
    return undefined;
  }
  if (!measures)
    throw new UniSpeechError(
      'unsupported',
      `${rule === undefined ? 'return_logprobs' : 'return_confidence'} is of the likeliest token of each frame, but this pipeline searches for the likeliest text.`,
      "Load it with decoder: 'greedy', or give the n_best of a result to wordAlternatives() of unispeech-webgpu/beam.",
    );
  return { rule, measure, temperature, returnsLogprobs };
}

/** @throws UniSpeechError `bad-option`. */
export function checkTemperature(temperature: unknown): asserts temperature is number {
  if (typeof temperature !== 'number' || !(temperature >= 0.01 && temperature <= 1000))
    throw badOption('temperature', temperature, 'a number from 0.01 to 1000');
}
