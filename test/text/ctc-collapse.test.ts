import { describe, expect, test } from 'vitest';
import { collapseRuns } from '../../src/text/ctc-collapse.ts';

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
