import { describe, expect, test } from 'vitest';
import { median, pairedRatio, relativeDifference, spread } from '../../bench/lib/statistics.ts';

describe('median and spread', () => {
  test('takes the middle value, or the mean of the two middle ones, in any order', () => {
    expect(median([7])).toBe(7);
    expect(median([30, 1, 2])).toBe(2);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(spread([5, 100, 9])).toEqual({ median: 9, min: 5, max: 100 });
  });

  test('leaves its argument as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  test('has none of no values', () => {
    expect(() => median([])).toThrow('no values');
  });
});

describe('pairedRatio', () => {
  test('divides round by round, so that a slow round slows both halves', () => {
    // The third round ran at half speed: a ratio of medians would not be touched either, a ratio of means would.
    expect(pairedRatio([20, 22, 40], [10, 11, 20])).toEqual({ median: 2, min: 2, max: 2 });
    // A ratio of medians would say 3 / 2.
    expect(pairedRatio([1, 3, 8], [2, 1, 8])).toEqual({ median: 1, min: 0.5, max: 3 });
  });

  test('refuses rounds that miss a half', () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow('paired');
  });
});

describe('relativeDifference', () => {
  test('is relative to the largest expected value', () => {
    expect(relativeDifference([1, -4], [1, -4])).toBe(0);
    expect(relativeDifference([1.5, -4], [1, -4])).toBeCloseTo(0.125, 12);
  });

  test('never calls NaN or another length equal', () => {
    expect(relativeDifference([1, NaN], [1, 2])).toBeNaN();
    expect(relativeDifference([1, 2], [1, NaN])).toBeNaN();
    expect(relativeDifference([1], [1, 2])).toBe(Infinity);
  });
});
