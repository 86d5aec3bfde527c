/** The options of `phones()` and `pronunciation()`, and the model that they listen with. */
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { isRecord } from '../base/checks.ts';
import { badInput } from '../base/option-checks.ts';
import type { CallOptions } from '../pipelines/call-options.ts';
import { checkTemperature } from '../pipelines/confidence-options.ts';
import type { EmissionInfo, EmissionOptions, EmissionSource } from '../pipelines/emissions.ts';
import type { CutCallOptions } from '../pipelines/recognition-options.ts';

export interface PhonemeCallOptions extends CallOptions, Pick<CutCallOptions, 'chunk_length_s'> {
  /**
   * Divides the logits before probabilities are taken of them, so scores and confidences change, but not what is heard. Models of CTC are too sure of
   * themselves: fit a number above 1 on recordings whose scores are known. Default: 1.
   */
  readonly temperature?: number | undefined;
}

export interface CheckedPhonemeCall {
  readonly temperature: number;
  /** For `emissions()`, which checks them. */
  readonly call: EmissionOptions;
}

/**
 * @param names the other options of the function.
 * @throws UniSpeechError `bad-option`.
 */
export function checkPhonemeCall(
  options: PhonemeCallOptions,
  names: readonly string[],
  where: string,
): CheckedPhonemeCall {
  const own = ['temperature', 'batch_size', 'max_duration_s', 'signal', 'chunk_length_s'];
  rejectUnknownOptions(options, [...names, ...own], where);
  const { temperature = 1, batch_size, max_duration_s, signal, chunk_length_s } = options;
  checkTemperature(temperature);
  return { temperature, call: { batch_size, max_duration_s, signal, chunk_length_s } };
}

/**
 * What the columns of a model of phonemes mean.
 * @throws UniSpeechError `bad-input` for anything but a recogniser, `unsupported` for one of letters.
 */
export async function phonemeInfoOf(recognizer: EmissionSource, where: string): Promise<EmissionInfo> {
  const given: unknown = recognizer;
  // A pipeline is a function with methods.
  const methods = typeof given === 'function' || isRecord(given) ? (given as Partial<EmissionSource>) : {};
  if (typeof methods.emissions !== 'function' || typeof methods.emissionInfo !== 'function')
    throw badInput(
      'The recognizer',
      recognizer,
      "what pipeline('automatic-speech-recognition', …) gives, or its client for a worker",
    );
  const info = await recognizer.emissionInfo();
  checkPhonemes(info, where);
  return info;
}

/** @throws UniSpeechError `unsupported` for a model of letters. */
export function checkPhonemes(info: EmissionInfo, where: string): void {
  if (info.units === 'phonemes') return;
  const isLetter = (label: string, id: number): boolean =>
    label !== '' && id !== info.word_delimiter && !info.special.includes(id);
  throw new UniSpeechError(
    'unsupported',
    `${where} needs a model of phonemes, but this one writes letters (${info.labels.filter(isLetter).slice(0, 5).join(', ')}, …).`,
    'Load one with a Wav2Vec2PhonemeCTCTokenizer, such as microsoft/unispeech-1350-en-353-fr-ft-1h.',
  );
}

/** The columns that are phonemes: neither special tokens nor the word delimiter, and with a name. */
export const phonemeColumns = ({ labels, special, word_delimiter, blank }: EmissionInfo): number[] =>
  labels.flatMap((label, id) =>
    label.trim() === '' || id === blank || id === word_delimiter || special.includes(id) ? [] : [id],
  );
