import { describe, expect, test } from 'vitest';
import { alignLogits, type AlignLogitsOptions, LogitAligner } from '../../src/align/align-logits.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { PathColumns } from '../../src/align/path-columns.ts';
import { targetOf } from '../../src/align/target.ts';
import { type AlignCase, blockOf, peakyRows, randomCase, searched, vectors } from './helpers.ts';

/** The frames and tokens of a vector, which may be made by a generator. */
function inputOf({ log_probs: rows, tokens = [], generator }: AlignCase) {
  if (!generator) return { block: blockOf(rows ?? [], rows?.[0]?.length ?? 3), tokens };
  const { seed, T, C, L } = generator;
  let state = seed;
  const next = (): number => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state >>> 8;
  };
  const data = Float32Array.from({ length: T * C }, () => -(next() % 4096) / 256);
  return {
    block: { data, frameCount: T, vocabSize: C },
    tokens: Array.from({ length: L }, () => 1 + (next() % (C - 1))),
  };
}

function errorOf(run: () => unknown): UniSpeechError {
  try {
    run();
  } catch (error) {
    if (error instanceof UniSpeechError) return error;
    throw error;
  }
  throw new Error('There was no error.');
}

describe('the reference vectors', () => {
  test.each(vectors.align.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const { block, tokens } = inputOf(one);
    const options = { blank: one.blank, input: 'log_probs', star: one.star } as const;
    if (one.error !== undefined) {
      const error = errorOf(() => alignLogits(block, tokens, options));
      expect(error.code).toBe(one.error);
      expect(error.message).toContain(`has ${one.frames} frames`);
      expect(error.message).toContain(`at least ${one.needs}`);
      return;
    }
    for (const search of ['exact', 'banded'] as const) {
      const { path, spans, log_prob, frames } = alignLogits(block, tokens, { ...options, search });
      expect(log_prob).toBeCloseTo(one.score ?? NaN, 4);
      expect(frames).toBe(block.frameCount);
      if (one.path) expect([...path]).toEqual(one.path);
      if (one.starts) expect(spans.map(({ start }) => start)).toEqual(one.starts);
      if (one.ends) expect(spans.map(({ end }) => end)).toEqual(one.ends);
      if (!one.spans) continue;
      expect(spans.map(({ token, index, start, end }) => ({ token, index, start, end }))).toEqual(
        one.spans.map(({ token, index, start, end }) => ({ token, index, start, end })),
      );
      for (const [index, span] of spans.entries()) {
        if (span.token === block.vocabSize) expect([span.score, span.log_prob]).toEqual([null, null]);
        else expect(span.log_prob).toBeCloseTo(one.spans[index]?.score ?? NaN, 4);
      }
    }
  });
});

/** The best sum over all label sequences that collapse to the tokens. */
function bestSum(rows: readonly (readonly number[])[], tokens: readonly number[]): number {
  let best = -Infinity;
  const labelCount = rows[0]?.length ?? 0;
  const extend = (frame: number, last: number, done: number, sum: number): void => {
    if (sum < best) return;
    const row = rows[frame];
    if (!row) {
      if (done === tokens.length) best = Math.max(best, sum);
      return;
    }
    for (let label = 0; label < labelCount; label++) {
      const value = row[label] ?? NaN;
      if (label === 0 || label === last) extend(frame + 1, label, done, sum + value);
      else if (tokens[done] === label) extend(frame + 1, label, done + 1, sum + value);
    }
  };
  extend(0, 0, 0, 0);
  return best;
}

const collapsed = (path: Iterable<number>): number[] =>
  [...path].filter((label, frame, all) => label !== 0 && label !== all[frame - 1]);

describe('against every path there is', () => {
  test.each([
    ['numbers of any size', false],
    ['many ties', true],
  ])('the path is the best of all, with %s', (_name, ties) => {
    const random = new SeededRandom(11);
    for (let count = 0; count < 500; count++) {
      const { rows, tokens } = randomCase(random, { ties });
      const { path, log_prob, spans } = alignLogits(blockOf(rows), tokens, { input: 'log_probs' });
      expect(log_prob).toBeCloseTo(bestSum(rows, tokens), 9);
      expect(collapsed(path)).toEqual(tokens);
      const sum = [...path].reduce((total, label, frame) => total + (rows[frame]?.[label] ?? NaN), 0);
      expect(sum).toBeCloseTo(log_prob, 9);
      expect(spans.map(({ token }) => token)).toEqual(tokens);
    }
  });

  test('where moves are equal, the smaller one wins', () => {
    // Every path is equally good. Each state stays as long as it can; at the end the last token wins over the blank behind it.
    const rows = Array.from({ length: 5 }, () => [0, 0, 0]);
    expect([...alignLogits(blockOf(rows), [1, 2], { input: 'log_probs' }).path]).toEqual([1, 2, 2, 2, 2]);
  });
});

describe('searches that keep less', () => {
  test('blocks of any length give the path of one block', () => {
    const random = new SeededRandom(5);
    for (let count = 0; count < 400; count++) {
      const { rows, tokens } = randomCase(random, { ties: count % 2 === 0, maxTokens: 12, spare: 20 });
      const whole = searched(rows, tokens, { blockFrameCount: rows.length });
      for (const blockFrameCount of [1, 2, 3, 7]) {
        const cut = searched(rows, tokens, { blockFrameCount });
        expect([...cut.states]).toEqual([...whole.states]);
        expect(cut.logProb).toBe(whole.logProb);
      }
    }
  });

  test('a band that widens where the path touches it gives the path of all states', () => {
    const random = new SeededRandom(8);
    for (let count = 0; count < 24; count++) {
      const tokens = Array.from({ length: 600 }, () => random.integer(1, 26));
      // Text that nobody said, and speech without a text.
      const said = [...tokens.slice(0, 200), ...tokens.slice(count % 3 === 0 ? 200 : 290)];
      if (count % 3 === 1) said.splice(350, 0, ...Array.from({ length: 90 }, () => random.integer(1, 26)));
      const rows = peakyRows(random, said, 27, 0.15);
      const whole = searched(rows, tokens);
      for (const margin of [32, 64]) {
        const banded = searched(rows, tokens, { search: 'banded', margin, blockFrameCount: 100 });
        expect([...banded.states]).toEqual([...whole.states]);
        expect(banded.logProb).toBe(whole.logProb);
      }
    }
  });

  test('frames may come in parts of any size', () => {
    const random = new SeededRandom(3);
    const tokens = Array.from({ length: 40 }, () => random.integer(1, 6));
    const { data, frameCount, vocabSize } = blockOf(peakyRows(random, tokens, 7));
    const aligner = new LogitAligner(tokens, vocabSize, { input: 'log_probs' });
    for (let frame = 0; frame < frameCount;) {
      const count = Math.min(frameCount - frame, random.integer(0, 9));
      const part = data.slice(frame * vocabSize, (frame + count) * vocabSize);
      aligner.push({ data: part, frameCount: count, vocabSize });
      // What was pushed may be used again.
      part.fill(NaN);
      frame += count;
    }
    expect(aligner.finish()).toEqual(
      alignLogits({ data, frameCount, vocabSize }, tokens, { input: 'log_probs' }),
    );
  });
});

describe('what is aligned', () => {
  test('logits are those before the softmax', () => {
    const rows = [
      [3, 1, 0],
      [-1, 4, 1],
      [0, 0.5, 6],
    ];
    const { spans, log_prob } = alignLogits(blockOf(rows), [1, 2]);
    const probability = (row: number, label: number): number => {
      const exponentials = (rows[row] ?? []).map((value) => Math.exp(value));
      return (exponentials[label] ?? NaN) / exponentials.reduce((sum, value) => sum + value, 0);
    };
    expect(spans.map(({ start, end }) => [start, end])).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(spans[0]?.score).toBeCloseTo(probability(1, 1), 6);
    expect(spans[1]?.score).toBeCloseTo(probability(2, 2), 6);
    expect(log_prob).toBeCloseTo(Math.log(probability(0, 0) * probability(1, 1) * probability(2, 2)), 5);
  });

  test('a score is the mean of probabilities, and log_prob the mean of their logarithms', () => {
    const rows = [[0.2, 0.8].map(Math.log), [0.4, 0.6].map(Math.log), [0.9, 0.1].map(Math.log)];
    const [span] = alignLogits(blockOf(rows), [1], { input: 'log_probs' }).spans;
    expect(span).toMatchObject({ start: 0, end: 2 });
    expect(span?.score).toBeCloseTo(0.7, 6);
    expect(span?.log_prob).toBeCloseTo((Math.log(0.8) + Math.log(0.6)) / 2, 6);
  });

  test('no tokens give a path of blanks, and no frames none', () => {
    const rows = [
      [-1, -2],
      [-3, 0],
    ];
    expect(alignLogits(blockOf(rows), [], { input: 'log_probs' })).toEqual({
      path: Int32Array.of(0, 0),
      spans: [],
      log_prob: -4,
      frames: 2,
    });
    expect(alignLogits(blockOf([], 2), []).frames).toBe(0);
  });

  test('-Infinity is a log probability, and a path that needs it has none', () => {
    const rows = [
      [0, -Infinity],
      [-Infinity, 0],
    ];
    expect([...alignLogits(blockOf(rows), [1], { input: 'log_probs' }).path]).toEqual([0, 1]);
    for (const search of ['exact', 'banded'] as const) {
      const error = errorOf(() =>
        alignLogits(blockOf([[0, -Infinity]]), [1], { input: 'log_probs', search }),
      );
      expect(error.code).toBe('no-path');
      expect(error.message).toContain('1 tokens through the 1 frames');
    }
  });
});

describe('errors', () => {
  const block = blockOf([
    [0, -1, -2],
    [0, -1, -2],
  ]);
  test.each([
    ['a blank among the tokens', [1, 0], {}, 'bad-input', 'Token 1 is 0, which is the blank'],
    ['a token beyond the star', [4], {}, 'bad-input', 'Token 0 is 4'],
    ['a negative token', [-1], {}, 'bad-input', 'Token 0 is -1'],
    ['a token that is no number', [undefined], {}, 'bad-input', 'Token 0 is undefined'],
    ['a blank beyond the vocabulary', [1], { blank: 3 }, 'bad-option', 'blank is 3'],
    ['an unknown star', [1], { star: 'x' }, 'bad-option', "'zero' or 'max-non-blank'"],
    ['an unknown input', [1], { input: 'x' }, 'bad-option', "'logits' or 'log_probs'"],
    ['an unknown search', [1], { search: 'x' }, 'bad-option', "'auto', 'exact' or 'banded'"],
    ['an unknown option', [1], { beam: 1 }, 'bad-option', 'has no option "beam"'],
    [
      'repeats that need more frames',
      [1, 1],
      {},
      'too-short',
      'has 2 frames, but the 2 tokens of the text need at least 3',
    ],
  ])('%s', (_name, tokens, options, code, message) => {
    const given: unknown = tokens;
    const error = errorOf(() => alignLogits(block, given as number[], options as AlignLogitsOptions));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  test('columns larger than their limit are an error with the numbers, before they are reserved', () => {
    const pushed = (frameCount: number) => {
      const columns = new PathColumns(targetOf([1, 2, 1], 3, 0, 'zero'), 3, true, 65_536);
      columns.push({ data: new Float32Array(frameCount * 3), frameCount, vocabSize: 3 });
      return columns.frameCount;
    };
    expect(pushed(4096)).toBe(4096);
    const error = errorOf(() => pushed(4097));
    expect(error.code).toBe('limit-exceeded');
    expect(error.message).toContain(
      'Aligning 8192 frames with 3 distinct labels needs 131072 bytes, expected at most 65536.',
    );
  });

  test('NaN is an error that names the frame, also in a later part', () => {
    const aligner = new LogitAligner([1], 3);
    aligner.push(block);
    const bad = blockOf([
      [0, 0, 0],
      [0, NaN, 0],
    ]);
    expect(() => aligner.push(bad)).toThrow('frame 3 are not numbers');
  });

  test('data of another shape is an error', () => {
    expect(() => alignLogits({ ...block, frameCount: 3 }, [1])).toThrow('need 9 values, but there are 6');
    expect(() => alignLogits({ ...block, vocabSize: 0 }, [1])).toThrow('vocabSize is 0');
    expect(() => alignLogits({ ...block, data: [] as unknown as Float32Array }, [1])).toThrow(
      'logits.data is an array of 0',
    );
    expect(() => alignLogits(undefined as unknown as typeof block, [1])).toThrow('logits is undefined');
    const aligner = new LogitAligner([1], 3);
    expect(() => aligner.push({ ...block, vocabSize: 2 })).toThrow('3, as before');
  });
});
