/** Confidences of characters and words on the vectors of the specification, and what hypotheses say of words. */
import { describe, expect, test } from 'vitest';
import {
  characterConfidence,
  confidenceOf,
  type FrameWorth,
  joinedSum,
  joinedWorth,
  NO_CONFIDENCE,
  sumOfCharacters,
  worthOfFrame,
} from '../../src/decode/confidence.ts';
import { ctcSums } from '../../src/decode/ctc-sums.ts';
import { logSoftmaxRow } from '../../src/decode/log-softmax.ts';
import { hypothesisPosteriors, wordAlternatives } from '../../src/decode/n-best.ts';
import vectors from './confidence-vectors.json' with { type: 'json' };
import { resultOf } from './result-of.ts';

function rowsOf(logits: readonly (readonly number[])[]): readonly Float64Array[] {
  return logits.map((row) => {
    const out = new Float64Array(row.length);
    logSoftmaxRow(row, 0, row.length, out, 0);
    return out;
  });
}

const near = (value: number): unknown => expect.closeTo(value, 7);

/** @throws Error for no frames. */
function worthOf(rows: readonly Float64Array[], token: number, start: number, end: number): FrameWorth {
  const worth = rows
    .slice(start, end)
    .map((row) => worthOfFrame(row, token, 'posterior'))
    .reduce<FrameWorth | undefined>(joinedWorth, undefined);
  if (!worth) throw new Error('no frames');
  return worth;
}

describe.each(vectors)('vectors of $tokens.length tokens', (vector) => {
  const rows = rowsOf(vector.logits);
  const characters = vector.tokens.map(({ id, start, end }) => ({
    id,
    start,
    end,
    worth: worthOf(rows, id, start, end),
  }));

  test('characters have the mean, the least and the largest posterior of their frames', () => {
    const found = characters.map(({ worth, ...place }) => ({
      ...place,
      mean: characterConfidence(worth, 'mean'),
      min: characterConfidence(worth, 'min'),
      max: characterConfidence(worth, 'max'),
    }));
    expect(found).toEqual(
      vector.tokens.map(({ mean, min, max, ...place }) => ({
        ...place,
        mean: near(mean),
        min: near(min),
        max: near(max),
      })),
    );
  });

  test('words weigh characters by their frames, or take the weakest', () => {
    const found = vector.words.map(({ start, end }) => {
      const own = characters.filter(
        (character) => character.id !== vector.delimiter && character.start >= start && character.end <= end,
      );
      const sum = sumOfCharacters(own.map(({ worth }) => worth));
      return { start, end, mean: confidenceOf(sum, 'mean'), min: confidenceOf(sum, 'min') };
    });
    expect(found).toEqual(
      vector.words.map(({ start, end, mean, min }) => ({ start, end, mean: near(mean), min: near(min) })),
    );
  });

  test('entropy asks all tokens, and the sum over alignments gives the sequence', () => {
    expect(rows.map((row) => worthOfFrame(row, 0, 'entropy').sum)).toEqual(
      vector.entropy_confidence.map(near),
    );
    const vocabSize = rows[0]?.length ?? 0;
    const data = Float64Array.from(rows.flatMap((row) => [...row]));
    const tokens = vector.tokens.map(({ id }) => id);
    const { logProbability } = resultOf(
      ctcSums({ data, vocabSize, frameCount: rows.length }, tokens, vector.blank),
    );
    expect(logProbability).toBeCloseTo(vector.log_p, 7);
  });

  test('the posteriors of hypotheses are the softmax of their scores', () => {
    expect(hypothesisPosteriors(vector.n_best_scores)).toEqual(vector.n_best_posteriors.map(near));
  });
});

test('what was not measured is null, and parts put together are the whole', () => {
  expect(confidenceOf(NO_CONFIDENCE, 'mean')).toBe(null);
  expect(confidenceOf(sumOfCharacters([]), 'min')).toBe(null);
  const [vector] = vectors;
  const rows = rowsOf(vector?.logits ?? []);
  const worths = (vector?.tokens ?? []).map(({ id, start, end }) => worthOf(rows, id, start, end));
  const whole = sumOfCharacters(worths);
  const parts = joinedSum(sumOfCharacters(worths.slice(0, 2)), sumOfCharacters(worths.slice(2)));
  for (const rule of ['mean', 'min', 'max'] as const)
    expect(confidenceOf(parts, rule)).toBeCloseTo(confidenceOf(whole, rule) ?? NaN, 12);
  expect(confidenceOf(whole, 'max')).toBeCloseTo(
    Math.max(...worths.map(({ sum, frameCount }) => sum / frameCount)),
    12,
  );
});

test('the entropy of equal chances is 0, that of a certainty 1, and a probability of 0 adds nothing', () => {
  const [even, sure] = rowsOf([
    [0, 0, 0, 0],
    [0, -Infinity, -Infinity, -Infinity],
  ]);
  expect(worthOfFrame(even ?? new Float64Array(), 1, 'entropy').sum).toBeCloseTo(0, 12);
  expect(worthOfFrame(sure ?? new Float64Array(), 1, 'entropy').sum).toBe(1);
});

describe('wordAlternatives', () => {
  const word = (text: string, start: number, end: number) => ({ text, timestamp: [start, end] as const });
  // Posteriors of 0.5, 0.25, 0.15 and 0.1.
  const hypotheses = [
    { score: Math.log(0.5), words: [word('FOUR', 2, 6), word('NINE', 9, 14)] },
    { score: Math.log(0.25), words: [word('FOR', 2, 6), word('NINE', 10, 13)] },
    { score: Math.log(0.15), words: [word('FOR', 3, 5), word('MY', 8, 10), word('NO', 12, 13)] },
    { score: Math.log(0.1), words: [word('NINE', 9, 14), word('FOUR', 20, 22)] },
  ];

  test('sums the hypotheses that have a word at overlapping frames, and names what others have there', () => {
    expect(wordAlternatives(hypotheses)).toEqual([
      {
        ...word('FOUR', 2, 6),
        confidence: near(0.5),
        alternatives: [
          { text: 'FOR', confidence: near(0.4) },
          { text: '', confidence: near(0.1) },
        ],
      },
      {
        ...word('NINE', 9, 14),
        confidence: near(0.85),
        alternatives: [{ text: 'MY NO', confidence: near(0.15) }],
      },
    ]);
  });

  test('a single hypothesis is alone, none has no words, and scores must be numbers', () => {
    const [first] = hypotheses;
    expect(wordAlternatives(first ? [first] : []).map(({ confidence }) => confidence)).toEqual([1, 1]);
    expect(wordAlternatives([])).toEqual([]);
    expect(() => wordAlternatives([{ score: NaN, words: [] }])).toThrow('A score is NaN');
  });
});
