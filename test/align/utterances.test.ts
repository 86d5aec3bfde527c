import { describe, expect, test } from 'vitest';
import { leastMean } from '../../src/align/utterances.ts';

describe('leastMean', () => {
  test('is the worst of all stretches of 30 frames, as a probability', () => {
    const logProbs = new Float32Array(100).fill(-0.1);
    logProbs.fill(-2, 40, 55);
    expect(leastMean(logProbs)).toBeCloseTo(Math.exp((15 * -2 + 15 * -0.1) / 30), 6);
  });
  test('of fewer frames it is their mean', () => {
    expect(leastMean(Float32Array.of(-1, -3))).toBeCloseTo(Math.exp(-2), 6);
  });
});
