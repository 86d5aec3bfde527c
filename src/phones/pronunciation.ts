/** How well expected words are pronounced in a clip. */
import type { Lexicon } from '../align/lexicon.ts';
import { joinSamples } from '../audio/channels.ts';
import { checkBoolean } from '../base/option-checks.ts';
import type { AudioSource } from '../pipelines/audio-source.ts';
import type { EmissionSource } from '../pipelines/emissions.ts';
import { assess } from './assess.ts';
import { parseExpected } from './expected.ts';
import { checkPhonemeCall, phonemeInfoOf, type PhonemeCallOptions } from './phoneme-source.ts';
import type { PronunciationResult } from './pronunciation-result.ts';

export interface PronunciationOptions extends PhonemeCallOptions {
  /** How words are pronounced: with it `expected` is words. A word is looked up as it is written, in lower case and in capitals. */
  readonly lexicon?: Lexicon | undefined;
  /** Also return what regressions on human scores use: ratios for every rival phoneme, and measures of the aligned frames. Default: false. */
  readonly return_features?: boolean | undefined;
}

/**
 * Compares a recording with what should be said, phoneme by phoneme. The recording is of one sentence, or a few: the sums take 16 bytes for each frame and expected
 * phoneme, twice, and an error says when that is too much.
 * @param recognizer of `pipeline('automatic-speech-recognition', …)` or of a worker, with a model of phonemes.
 * @param expected phonemes separated by spaces, with `|` between words; with a lexicon words.
 * @throws UniSpeechError `unsupported` for a model of letters; `bad-input` for an expected text without phonemes or with one that the model does not have;
 * `bad-input`, `too-short` for a recording that is too short for it; `limit-exceeded`, `bad-option`; what the recogniser throws; the signal's reason.
 */
export async function pronunciation(
  recognizer: EmissionSource,
  audio: AudioSource,
  expected: string,
  options: PronunciationOptions = {},
): Promise<PronunciationResult> {
  const { temperature, call } = checkPhonemeCall(options, ['lexicon', 'return_features'], 'pronunciation()');
  const { lexicon, return_features: returnsFeatures = false } = options;
  checkBoolean('return_features', returnsFeatures);
  const info = await phonemeInfoOf(recognizer, 'pronunciation()');
  const words = parseExpected(expected, info, lexicon);
  const parts: Float32Array[] = [];
  const warnings: string[] = [];
  let [vocabSize, seconds] = [info.labels.length, 0];
  for await (const part of recognizer.emissions(audio, call)) {
    parts.push(part.data);
    vocabSize = part.vocabSize;
    seconds = part.progress.seconds;
    warnings.push(...(part.warnings ?? []));
  }
  const data = joinSamples(parts);
  const frames = { data, vocabSize, frameCount: data.length / vocabSize, startSample: 0 };
  const result = assess(frames, info, words, { temperature, returnsFeatures, seconds });
  return { ...result, ...(warnings.length > 0 && { warnings }) };
}
