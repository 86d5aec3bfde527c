/** How well expected words are pronounced in a clip. */
import type { Lexicon } from '../align/lexicon.ts';
import { inSteps } from '../align/in-steps.ts';
import { joinSamples } from '../audio/channels.ts';
import { UniSpeechError } from '../base/errors.ts';
import { keepUnread } from '../base/keep-unread.ts';
import { checkBoolean } from '../base/option-checks.ts';
import { checkSumsSize } from '../decode/ctc-sums.ts';
import type { AudioSource } from '../pipelines/audio-source.ts';
import type { EmissionSource } from '../pipelines/emissions.ts';
import { assess, sequenceOf } from './assess.ts';
import { parseExpected } from './expected.ts';
import { checkPhonemeCall, phonemeInfoOf, type PhonemeCallOptions } from './phoneme-source.ts';
import type { PronunciationResult } from './pronunciation-result.ts';

export interface PronunciationOptions extends PhonemeCallOptions {
  /** How words are pronounced: with it `expected` is words. A word is looked up as it is written, in lower case and in capitals. */
  readonly lexicon?: Lexicon | undefined;
  /** Also return what regressions on human scores use: ratios for every rival phoneme, and measures of the aligned frames. Default: false. */
  readonly return_features?: boolean | undefined;
}

/** Numbers of all frames: 128 MiB, and what is made of them takes four times as much. */
const MAX_LOGITS = 2 ** 25;

/**
 * Compares a recording with what should be said, phoneme by phoneme. The recording is of one sentence, or a few: the sums take 16 bytes for each frame and expected
 * phoneme, twice, and an error says when that is too much, before more of the recording is read. The work leaves turns to the rest of the thread.
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
  keepUnread(audio);
  const info = await phonemeInfoOf(recognizer, 'pronunciation()');
  const sequence = sequenceOf(parseExpected(expected, info, lexicon), info.word_delimiter);
  const parts: Float32Array[] = [];
  const warnings: string[] = [];
  let [vocabSize, frameCount, seconds] = [info.labels.length, 0, 0];
  for await (const part of recognizer.emissions(audio, call)) {
    vocabSize = part.vocabSize;
    frameCount += part.frameCount;
    checkSumsSize(frameCount, sequence.tokens.length);
    checkLogitCount(frameCount, vocabSize);
    parts.push(part.data);
    seconds = part.progress.seconds;
    warnings.push(...(part.warnings ?? []));
  }
  const frames = { data: joinSamples(parts), vocabSize, frameCount, startSample: 0 };
  const steps = assess(frames, info, sequence, { temperature, returnsFeatures, seconds });
  // The source may have given its last part before it heard of the signal.
  options.signal?.throwIfAborted();
  const result = await inSteps(steps, options.signal);
  warnings.push(...(result.warnings ?? []));
  return { ...result, ...(warnings.length > 0 && { warnings }) };
}

/** @throws UniSpeechError `limit-exceeded`. */
function checkLogitCount(frameCount: number, vocabSize: number): void {
  if (frameCount * vocabSize <= MAX_LOGITS) return;
  throw new UniSpeechError(
    'limit-exceeded',
    `The recording has ${frameCount} frames of ${vocabSize} labels or more, but at most ${Math.floor(MAX_LOGITS / vocabSize)} frames are possible.`,
    'Take one sentence at a time.',
  );
}
