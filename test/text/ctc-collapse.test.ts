import { describe, expect, test } from 'vitest';
import { argmaxRows, collapseRuns } from '../../src/text/ctc-collapse.ts';

describe('collapseRuns', () => {
  test('merges equal neighbours and counts their frames', () => {
    expect(collapseRuns(['a', 'a', '_', 'a', 'b'])).toEqual([
      { token: 'a', start: 0, end: 2 },
      { token: '_', start: 2, end: 3 },
      { token: 'a', start: 3, end: 4 },
      { token: 'b', start: 4, end: 5 },
    ]);
  });

  test('without merging gives a run for every token', () => {
    expect(collapseRuns(['a', 'a', 'b'], false)).toEqual([
      { token: 'a', start: 0, end: 1 },
      { token: 'a', start: 1, end: 2 },
      { token: 'b', start: 2, end: 3 },
    ]);
  });

  test('gives nothing for nothing', () => {
    expect(collapseRuns([])).toEqual([]);
    expect(collapseRuns([], false)).toEqual([]);
  });

  test('keeps empty-string tokens as tokens', () => {
    expect(collapseRuns(['', '', 'a'])).toEqual([
      { token: '', start: 0, end: 2 },
      { token: 'a', start: 2, end: 3 },
    ]);
  });
});

describe('argmaxRows', () => {
  test('takes the first of equal maxima, and copes with infinities', () => {
    const logits = Float32Array.of(1, 3, 3, -5, -5, -6, -Infinity, -Infinity, -Infinity, 0, Infinity, 1);
    expect([...argmaxRows(logits, 4, 3)]).toEqual([1, 0, 0, 1]);
  });

  test('gives nothing for no rows', () => {
    expect(argmaxRows(new Float32Array(0), 0, 32)).toHaveLength(0);
  });

  test('refuses NaN rows and data of another shape', () => {
    expect(() => argmaxRows(Float32Array.of(0, 1, NaN, NaN), 2, 2)).toThrow('frame 1 are not numbers');
    expect(() => argmaxRows(new Float32Array(5), 2, 3)).toThrow('need 6 values');
  });
});
