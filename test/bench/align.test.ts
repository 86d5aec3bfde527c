import { describe, expect, test } from 'vitest';
import { edgeErrors } from '../../bench/align/accuracy.ts';
import { parseOptions } from '../../bench/align/options.ts';
import { searchFigures } from '../../bench/align/speed.ts';
import { BenchUsageError } from '../../bench/lib/usage-error.ts';

describe('the bench of alignment', () => {
  test('has everything by default, and says what it does not understand', () => {
    expect(parseOptions([])).toEqual({
      parts: ['accuracy', 'speed'],
      clipCount: 54,
      noises: [undefined],
      hours: 1,
      words: 10_000,
    });
    expect(parseOptions(['--only', 'speed', '--noise', '0,0.01', '--hours', '0.1'])).toMatchObject({
      parts: ['speed'],
      noises: [undefined, 0.01],
      hours: 0.1,
    });
    expect(parseOptions(['--help'])).toBeUndefined();
    expect(() => parseOptions(['--noise', 'x'])).toThrow(BenchUsageError);
    expect(() => parseOptions(['--clips', '1.5'])).toThrow(BenchUsageError);
  });

  test('counts how far edges are off, to both sides', () => {
    expect(edgeErrors([0.01, -0.03, 0.07, -0.2])).toEqual({
      mean: expect.closeTo(77.5, 9) as number,
      median: expect.closeTo(50, 9) as number,
      within: [0.25, 0.5, 0.75],
      edgeCount: 4,
    });
  });

  test('both searches find the same path of the made-up logits, with every token on it', () => {
    const banded = searchFigures('banded', 0.02, 10_000);
    const exact = searchFigures('exact', 0.02, 10_000);
    expect(banded.alignment).toEqual(exact.alignment);
    expect(exact.alignment.spans).toHaveLength(exact.tokenCount);
    expect(exact.frameCount).toBe(3600);
  });
});
