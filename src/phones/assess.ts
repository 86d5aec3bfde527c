/** Scores the pronunciation of expected words in the logits of a clip. Pure. */
import { exactPath } from '../align/exact-path.ts';
import { atOnce } from '../align/in-steps.ts';
import { PathColumns } from '../align/path-columns.ts';
import { spansOf } from '../align/spans.ts';
import { makeTarget } from '../align/target.ts';
import { argmaxRows } from '../decode/argmax.ts';
import type { FrameLogits } from '../decode/decoder.ts';
import { logSoftmaxRow } from '../decode/log-softmax.ts';
import type { EmissionInfo } from '../pipelines/emissions.ts';
import type { ExpectedWord } from './expected.ts';
import { secondsOfFrames } from './frame-times.ts';
import { goodnessOf, type SequenceGoodness, type TokenGoodness } from './goodness.ts';
import { heardInstead, type HeardPlace } from './heard-instead.ts';
import { insertionsIn } from './insertions.ts';
import { PhoneRuns } from './phone-runs.ts';
import { phonemeColumns } from './phoneme-source.ts';
import type {
  InsertedPhone,
  PhoneFeatures,
  PhonePronunciation,
  PronunciationResult,
  WordPronunciation,
} from './pronunciation-result.ts';
import { segmentFeatures } from './segment-features.ts';

/** What should be said. */
export interface ExpectedSequence {
  readonly words: readonly ExpectedWord[];
  /** Of all words, and delimiters between them. */
  readonly tokens: readonly number[];
  /** Which of `tokens` are phonemes. */
  readonly indices: readonly number[];
}

export interface AssessOptions {
  readonly temperature: number;
  readonly returnsFeatures: boolean;
  /** Of the clip. */
  readonly seconds: number;
}

const MANY_ERRORS =
  'The recording differs from what is expected in so many places that not all of its errors were looked for: phonemes without an error may have one.';

/** Frames that are read before other work has its turn. */
const BLOCK_FRAMES = 64;

/**
 * Yields after some frames, and after each phoneme: what takes long is the sums over all alignments.
 * @param expected words, at least one, each with at least one phoneme.
 * @throws UniSpeechError `bad-input` for NaN; `too-short`, `no-path`, `limit-exceeded`.
 */
export function* assess(
  logits: FrameLogits,
  info: EmissionInfo,
  { words, tokens, indices }: ExpectedSequence,
  { temperature, returnsFeatures, seconds }: AssessOptions,
): Generator<void, PronunciationResult, undefined> {
  const { data, frameCount, vocabSize, startSample } = logits;
  const { blank, labels } = info;
  const logProbs = { data: new Float64Array(data.length), frameCount, vocabSize };
  const sampleAt = (frame: number): number => startSample + frame * info.samples_per_frame;
  const runs = new PhoneRuns({ info, confidence: 'mean' });
  for (const [frame, token] of argmaxRows(data, frameCount, vocabSize).entries()) {
    const offset = frame * vocabSize;
    logSoftmaxRow(data, offset, vocabSize, logProbs.data, offset, temperature);
    runs.add(token, sampleAt(frame), logProbs.data.subarray(offset, offset + vocabSize));
    if (frame % BLOCK_FRAMES === 0) yield;
  }
  const candidates = phonemeColumns(info);
  const query = { logProbs, tokens, blank, candidates, indices };
  const goodness = yield* goodnessOf(query);
  const { places, isComplete } = yield* heardInstead(query, goodness);
  // Of the same probabilities: a temperature can move the best path.
  const target = makeTarget(tokens, blank);
  const columns = new PathColumns(target, vocabSize, false);
  columns.push({ data: Float32Array.from(logProbs.data), frameCount, vocabSize });
  const { states } = atOnce(exactPath(columns, target, {}));
  const spans = spansOf(states, columns, target, vocabSize);
  const phones = indices.map((index, phone): PhonePronunciation => {
    const token = tokens[index] ?? blank;
    const [from, to] = [spans[index]?.start ?? 0, spans[index]?.end ?? 0];
    const [start, end] = secondsOfFrames(info, sampleAt(from), sampleAt(to));
    const times = { start: Math.min(start, seconds), end: Math.min(end, seconds) };
    const verdict = verdictOf(token, goodness.tokens[phone], places[phone], labels);
    const features = returnsFeatures
      ? {
          features: {
            ...segmentFeatures(logProbs, data, token, candidates, [from, to]),
            ...ratiosOf(goodness, phone, candidates, labels),
          },
        }
      : {};
    return { text: labels[token] ?? '', ...times, ...verdict, ...features };
  });
  const isPhoneme = new Set(candidates);
  const heard = runs.finish(seconds).filter(({ token }) => isPhoneme.has(token));
  const insertions = insertionsIn(
    heard.map(({ text }) => text),
    phones.map(({ text }) => text),
  ).flatMap(({ heard: place, before }): InsertedPhone[] => {
    const phone = heard[place];
    if (!phone) return [];
    const { token: _, ...rest } = phone;
    return [{ ...rest, before }];
  });
  return {
    ...scoresOf(phones, insertions),
    log_prob: goodness.logProb,
    heard: heard.map(({ text }) => text).join(' '),
    words: wordsOf(words, phones, insertions),
    phones,
    insertions,
    seconds,
    ...(!isComplete && { warnings: [MANY_ERRORS] }),
  };
}

/** The tokens of all words, and which of them are phonemes: a model that writes word delimiters expects them between words. */
export function sequenceOf(words: readonly ExpectedWord[], delimiter: number | null): ExpectedSequence {
  const tokens: number[] = [];
  const indices: number[] = [];
  for (const word of words) {
    if (tokens.length > 0 && delimiter !== null) tokens.push(delimiter);
    for (const token of word.tokens) indices.push(tokens.push(token) - 1);
  }
  return { words, tokens, indices };
}

function verdictOf(
  expected: number,
  { gop, gopWithDeletion }: Pick<TokenGoodness, 'gop' | 'gopWithDeletion'> = { gop: 0, gopWithDeletion: 0 },
  { token, gain, score }: HeardPlace = { token: expected, gain: 0, score: 0 },
  labels: readonly string[],
): Pick<PhonePronunciation, 'score' | 'gop' | 'gop_deletion' | 'heard' | 'error' | 'log_ratio'> {
  return {
    score,
    gop,
    gop_deletion: gopWithDeletion,
    heard: token === null ? null : (labels[token] ?? ''),
    error: token === null ? 'deletion' : token === expected ? null : 'substitution',
    log_ratio: gain,
  };
}

function ratiosOf(
  { logProb, tokens }: SequenceGoodness,
  phone: number,
  candidates: readonly number[],
  labels: readonly string[],
): Pick<PhoneFeatures, 'lpr' | 'lpr_deletion'> {
  const { exchanged, logProbDeletion = -Infinity } = tokens[phone] ?? {};
  const ratios = candidates.map((id, index) => [
    labels[id] ?? '',
    logProb - (exchanged?.[index] ?? -Infinity),
  ]);
  return {
    lpr: Object.fromEntries(ratios) as Record<string, number>,
    lpr_deletion: logProb - logProbDeletion,
  };
}

/** An insertion takes from the score as much as the model is sure of it. */
function scoresOf(
  phones: readonly PhonePronunciation[],
  insertions: readonly InsertedPhone[],
): { readonly score: number; readonly gop: number } {
  const total = (scores: readonly { readonly score: number }[]): number =>
    scores.reduce((sum, { score }) => sum + score, 0);
  return {
    score: total(phones) / (phones.length + total(insertions)),
    gop: phones.reduce((sum, { gop }) => sum + gop, 0) / phones.length,
  };
}

function wordsOf(
  words: readonly ExpectedWord[],
  phones: readonly PhonePronunciation[],
  insertions: readonly InsertedPhone[],
): WordPronunciation[] {
  let first = 0;
  return words.map(({ text, tokens }) => {
    const end = first + tokens.length;
    const own = phones.slice(first, end);
    const inside = insertions.filter(({ before }) => before > first && before < end);
    const word = {
      text,
      start: own[0]?.start ?? 0,
      end: own.at(-1)?.end ?? 0,
      ...scoresOf(own, inside),
      phones: [first, end] as const,
    };
    first = end;
    return word;
  });
}
