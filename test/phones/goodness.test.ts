/** Goodness of pronunciation on the vectors of the specification, and against a sum over all paths. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { ctcSums, type FrameLogProbs } from '../../src/decode/ctc-sums.ts';
import { logProbsWithInserted } from '../../src/decode/ctc-exchange.ts';
import { logSoftmaxRow } from '../../src/decode/log-softmax.ts';
import {
  goodnessOf as goodnessSteps,
  type GoodnessQuery,
  type SequenceGoodness,
} from '../../src/phones/goodness.ts';
import { segmentFeatures } from '../../src/phones/segment-features.ts';
import { resultOf } from '../decode/result-of.ts';
import vectors from './gop-vectors.json' with { type: 'json' };

const goodnessOf = (query: GoodnessQuery): SequenceGoodness => resultOf(goodnessSteps(query));

function logProbsOf(rows: readonly (readonly number[])[]): FrameLogProbs & { readonly logits: Float32Array } {
  const vocabSize = rows[0]?.length ?? 1;
  const logits = Float32Array.from(rows.flat());
  const data = new Float64Array(logits.length);
  const exact = rows.flat();
  rows.forEach((_, row) => logSoftmaxRow(exact, row * vocabSize, vocabSize, data, row * vocabSize));
  return { data, logits, frameCount: rows.length, vocabSize };
}

const indicesOf = (tokens: readonly number[]): number[] => tokens.map((_, index) => index);

describe('the vectors', () => {
  test.each(vectors)('of $tokens', ({ logits, blank, phones, tokens, log_p, phonemes }) => {
    const logProbs = logProbsOf(logits);
    const indices = indicesOf(tokens);
    const goodness = goodnessOf({ logProbs, tokens, blank, candidates: phones, indices });
    expect(goodness.logProb).toBeCloseTo(log_p, 5);
    expect(Math.abs(goodness.logProb - log_p)).toBeLessThan(1e-6);
    expect(goodness.tokens).toHaveLength(phonemes.length);
    phonemes.forEach((expected, index) => {
      const found = goodness.tokens[index];
      if (!found) throw new Error('a token is missing');
      const features = segmentFeatures(logProbs, logProbs.logits, expected.token, phones, [
        expected.start,
        expected.end,
      ]);
      const values = {
        gop_sf_s: found.gop,
        gop_sf_sd: found.gopWithDeletion,
        log_p_deletion: found.logProbDeletion,
        best_substitute: found.bestSubstitute?.token,
        log_p_best_substitute: found.bestSubstitute?.logProb,
        lpr: Array.from(found.exchanged, (value) => goodness.logProb - value),
        ...features,
      };
      const near = (value: unknown): unknown =>
        Array.isArray(value) ? value.map(near) : expect.closeTo(Number(value), 6);
      const { token: _, start: __, end: ___, ...rest } = expected;
      const wanted = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, near(value)]));
      expect(values).toEqual(wanted);
    });
  });
});

/** Collapsed sequence → the probability of all paths that give it. */
function sumsOfPaths(rows: readonly (readonly number[])[], blank: number): Map<string, number> {
  const sums = new Map<string, number>();
  const { data, vocabSize } = logProbsOf(rows);
  const walk = (frame: number, last: number, sequence: string, probability: number): void => {
    if (frame === rows.length) {
      sums.set(sequence, (sums.get(sequence) ?? 0) + probability);
      return;
    }
    for (let label = 0; label < vocabSize; label += 1) {
      const next = label === blank || label === last ? sequence : `${sequence}${label},`;
      walk(frame + 1, label, next, probability * Math.exp(data[frame * vocabSize + label] ?? -Infinity));
    }
  };
  walk(0, blank, '', 1);
  return sums;
}

test('1,000 small cases give what a sum over all paths of each sequence gives', () => {
  const random = new SeededRandom(20);
  let count = 0;
  while (count < 1000) {
    const vocabSize = random.integer(2, 4);
    const frameCount = random.integer(1, 5);
    const blank = random.integer(0, vocabSize - 1);
    const candidates = Array.from({ length: vocabSize }, (_, id) => id).filter((id) => id !== blank);
    const tokens = Array.from(
      { length: random.integer(1, 3) },
      () => candidates[random.integer(0, candidates.length - 1)] ?? 0,
    );
    const scale = random.uniform() < 0.2 ? 12 : 2;
    const rows = Array.from({ length: frameCount }, () =>
      Array.from({ length: vocabSize }, () =>
        random.uniform() < 0.05 ? -Infinity : Math.fround(scale * random.normal()),
      ),
    ).map((row) => (row.every((value) => value === -Infinity) ? row.map(() => 0) : row));
    const sums = sumsOfPaths(rows, blank);
    const logProbOf = (sequence: readonly number[]): number =>
      Math.log(sums.get(sequence.map((id) => `${id},`).join('')) ?? 0);
    const expected = logProbOf(tokens);
    const query = { logProbs: logProbsOf(rows), tokens, blank, candidates, indices: indicesOf(tokens) };
    if (expected === -Infinity) {
      expect(() => goodnessOf(query)).toThrow(/frames|probability/);
      continue;
    }
    count += 1;
    const found = goodnessOf(query);
    expect(found.logProb).toBeCloseTo(expected, 9);
    found.tokens.forEach((goodness, index) => {
      const substituted = candidates.map((id) => logProbOf(tokens.with(index, id)));
      const deleted = logProbOf(tokens.toSpliced(index, 1));
      const total = substituted.reduce((sum, value) => sum + Math.exp(value), 0);
      const close = (value: number): unknown => (value === -Infinity ? value : expect.closeTo(value, 8));
      expect([...goodness.exchanged]).toEqual(substituted.map(close));
      expect(goodness.logProbDeletion).toEqual(close(deleted));
      expect(goodness.gop).toBeCloseTo(expected - Math.log(total), 8);
      // One more token than without this one is the same as another one here.
      const others = tokens.toSpliced(index, 1);
      const place = {
        ...query,
        tokens: others,
        index,
        sums: resultOf(ctcSums(query.logProbs, others, blank)),
      };
      expect([...logProbsWithInserted(place, candidates)]).toEqual(substituted.map(close));
      expect(goodness.gopWithDeletion).toBeCloseTo(expected - Math.log(total + Math.exp(deleted)), 8);
    });
  }
});

test('a perfect phoneme has 0 and never more, over 500 frames of which no product has a float64', () => {
  const rows = Array.from({ length: 500 }, (_, frame) => (frame % 10 === 0 ? [0, 30, 0] : [30, 0, 0]));
  const tokens = rows.flatMap(([blank]) => (blank === 0 ? [1] : []));
  const { tokens: goodness } = goodnessOf({
    logProbs: logProbsOf(rows),
    tokens,
    blank: 0,
    candidates: [1, 2],
    indices: indicesOf(tokens),
  });
  for (const { gop, gopWithDeletion } of goodness) {
    expect(gop).toBeCloseTo(0, 6);
    expect(gop).toBeLessThanOrEqual(0);
    expect(gopWithDeletion).toBeLessThanOrEqual(gop);
  }
});

test('too few frames, no probability, and more cells than memory has room for are errors of one sentence', () => {
  const query = (rows: readonly (readonly number[])[], tokens: readonly number[]) => ({
    logProbs: logProbsOf(rows),
    tokens,
    blank: 0,
    candidates: [1],
    indices: [0],
  });
  expect(() =>
    goodnessOf(
      query(
        [
          [0, 0],
          [0, 0],
        ],
        [1, 1],
      ),
    ),
  ).toThrow('has 2 frames, but 2 expected tokens need at least 3');
  expect(() => goodnessOf(query([[0, -Infinity]], [1]))).toThrow('no probability at all');
  const many = new Array<number>(2100).fill(1);
  const rows = new Array<readonly number[]>(2 * many.length).fill([0, 0]);
  expect(() => goodnessOf(query(rows, many))).toThrow('Take one sentence at a time');
});
