/** The length of pieces that fits an adapter. */
import { expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { pickChunkLength } from '../../src/pipelines/chunk-length.ts';

test.each([
  [1000, 30],
  [300, 30],
  [299, 20],
  [120, 10],
  [1, 5],
])('with room for %i seconds: %i', (budget, seconds) => {
  expect(pickChunkLength((length) => 10 * length, 10 * (budget / 10))).toBe(seconds);
});

test('what the adapter cannot run does not fit, and other errors are none of memory', () => {
  const limited = (seconds: number): number => {
    if (seconds > 12) throw new UniSpeechError('limit-exceeded', 'Too long.');
    return 1;
  };
  expect(pickChunkLength(limited, 100)).toBe(10);
  const broken = (): number => {
    throw new TypeError('broken');
  };
  expect(() => pickChunkLength(broken, 100)).toThrow('broken');
});
