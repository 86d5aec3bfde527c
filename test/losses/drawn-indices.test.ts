/** Masks and negatives that are drawn from a seed: the rules of the reference hold for every seed. */
import { describe, expect, test } from 'vitest';
import { compute_mask_indices } from '../../src/losses/mask-indices.ts';
import { sample_negative_indices } from '../../src/losses/negative-indices.ts';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);
const onesOf = (row: Uint8Array): number => row.reduce((sum, bit) => sum + bit, 0);

describe('compute_mask_indices', () => {
  const options = { shape: [2, 49], mask_prob: 0.2, mask_length: 2 };

  test('equal seeds give equal masks, others do not', () => {
    const first = compute_mask_indices({ ...options, seed: 7 });
    expect(first.dims).toEqual([2, 49]);
    expect(first.type).toBe('bool');
    expect(compute_mask_indices({ ...options, seed: 7 })).toEqual(first);
    expect(compute_mask_indices({ ...options, seed: 8 })).not.toEqual(first);
  });

  test('spans have the length; their number is rounded up as often as its fraction says', () => {
    // 0.3 · 49 / 10 = 1.47 spans.
    let two = 0;
    for (const seed of SEEDS) {
      const { data } = compute_mask_indices({ shape: [1, 49], mask_prob: 0.3, mask_length: 10, seed });
      const [first = '', ...more] = data.join('').match(/1+/g) ?? [];
      expect(first.length).toBeGreaterThanOrEqual(10);
      if (first.length > 10 || more.length > 0) two += 1;
      expect(onesOf(data)).toBeLessThanOrEqual(20);
    }
    expect(Math.abs(two / SEEDS.length - 0.47)).toBeLessThan(0.1);
  });

  test('every frame can be masked', () => {
    const seen = new Uint8Array(98);
    for (const seed of SEEDS)
      compute_mask_indices({ ...options, seed }).data.forEach((bit, frame) => {
        seen[frame] = (seen[frame] ?? 0) | bit;
      });
    expect(onesOf(seen)).toBe(98);
  });

  test('padding is not masked, and a shorter row has fewer spans', () => {
    const attention_mask = [new Uint8Array(49).fill(1), new Uint8Array(49).fill(1, 0, 20)];
    for (const seed of SEEDS) {
      const { data } = compute_mask_indices({ ...options, attention_mask, seed });
      expect(onesOf(data.subarray(49 + 20))).toBe(0);
      expect(onesOf(data.subarray(49))).toBeLessThanOrEqual(6);
    }
  });

  test('a row too short for a span gives its padding, as in the reference', () => {
    const attention_mask = [
      [1, 1, 1, 1, 1],
      [1, 0, 0, 0, 0],
    ];
    const spans = { mask_prob: 0, mask_length: 2, min_masks: 1 };
    const mask = compute_mask_indices({ shape: [2, 5], ...spans, attention_mask, seed: 1 });
    expect(mask.at(1).data).toEqual(Uint8Array.of(0, 0, 0, 0, 1));
    expect(onesOf(mask.at(0).data)).toBe(2);
  });

  test.each([
    ['no span where none is asked for', { mask_prob: 0 }, 0, 0],
    ['at least min_masks spans', { mask_prob: 0, min_masks: 1 }, 2, 2],
    // 24 spans of 2, some of which overlap.
    ['no more spans than fit', { mask_prob: 0, min_masks: 100 }, 25, 48],
    ['no more spans than the share', { mask_prob: 1, mask_length: 49 }, 49, 49],
  ])('%s', (_, more, least, most) => {
    for (const seed of SEEDS) {
      const count = onesOf(compute_mask_indices({ ...options, ...more, seed }).at(1).data);
      expect(count).toBeGreaterThanOrEqual(least);
      expect(count).toBeLessThanOrEqual(most);
    }
  });

  test.each([
    [{ shape: [2] }, /^shape is an array of 1, but it must be \[batch, frames\]/],
    [{ shape: [2, 0] }, /^shape is an array of 2/],
    [{ mask_prob: NaN }, /^mask_prob is NaN, but it must be a number of at least 0\.$/],
    [{ mask_prob: -1 }, /^mask_prob is -1/],
    [
      { mask_length: 0 },
      /^mask_length is 0, but it must be a whole number from 1 to the number of frames, 49\.$/,
    ],
    [{ mask_length: 50 }, /^mask_length is 50/],
    [{ min_masks: 0.5 }, /^min_masks is 0.5/],
    [{ seed: -1 }, /^seed is -1, but it must be a whole number from 0 to 2147483645\.$/],
    [{ seed: 2 ** 31 - 2 }, /^seed is 2147483646/],
    [{ attention_mask: [[1]] }, /^attention_mask must have the shape \[2, 49\]/],
    [{ mask_probability: 0.1 }, /^compute_mask_indices has no option "mask_probability"/],
  ])('refuses %j', (more, message) => {
    expect(() => compute_mask_indices({ ...options, seed: 1, ...more })).toThrow(message);
  });
});

describe('sample_negative_indices', () => {
  const options = { features_shape: [2, 6], num_negatives: 5 };
  const mask_time_indices = [
    [1, 0, 1, 1, 0, 0],
    [0, 0, 0, 0, 1, 1],
  ];

  test('equal seeds give equal negatives, others do not', () => {
    const first = sample_negative_indices({ ...options, seed: 7 });
    expect(first.dims).toEqual([2, 6, 5]);
    expect(first.type).toBe('int32');
    expect(sample_negative_indices({ ...options, seed: 7 })).toEqual(first);
    expect(sample_negative_indices({ ...options, seed: 8 })).not.toEqual(first);
  });

  test('are all other masked frames of the clip, and no other', () => {
    const seen = new Map<number, Set<number>>();
    for (const seed of SEEDS) {
      const { data } = sample_negative_indices({ ...options, mask_time_indices, seed });
      data.forEach((index, i) => {
        const frame = Math.floor(i / 5);
        seen.set(frame, (seen.get(frame) ?? new Set()).add(index));
      });
    }
    const sorted = (frame: number) => [...(seen.get(frame) ?? [])].toSorted((a, b) => a - b);
    expect([0, 2, 3].map(sorted)).toEqual([
      [2, 3],
      [0, 3],
      [0, 2],
    ]);
    expect([10, 11].map(sorted)).toEqual([[11], [10]]);
    // Frames that are not masked have the first frame of the clip.
    expect([1, 4, 5, 6, 9].map(sorted)).toEqual([[0], [0], [0], [6], [6]]);
  });

  test('are all other frames of the clip without a mask', () => {
    const seen = new Set<number>();
    for (const seed of SEEDS) {
      const frame = sample_negative_indices({ ...options, seed })
        .at(1)
        .at(2);
      for (const index of frame.data) seen.add(index);
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([6, 7, 9, 10, 11]);
  });

  test('a clip without masked frames has none', () => {
    const mask = [Uint8Array.of(1, 1, 0, 0, 0, 0), new Uint8Array(6)];
    const { data } = sample_negative_indices({ ...options, mask_time_indices: mask, seed: 1 });
    expect(new Set(data.subarray(30))).toEqual(new Set([6]));
  });

  const oneMasked = [Uint8Array.of(1, 1, 0, 0, 0, 0), Uint8Array.of(1, 0, 0, 0, 0, 0)];
  test.each([
    ['shape', { features_shape: 6 }, /^features_shape is 6, but it must be \[batch, frames\]/],
    [
      'number',
      { num_negatives: 0 },
      /^num_negatives is 0, but it must be a whole number from 1 to 22369621\.$/,
    ],
    [
      'mask',
      { mask_time_indices: [[1]] },
      /^mask_time_indices must have the shape \[2, 6\] \(batch, frames\), but it has 1 rows\.$/,
    ],
    [
      'masked frame',
      { mask_time_indices: oneMasked },
      /^Item 1 has one masked frame, but negatives are drawn among the others\. Mask at least two frames of each item, or none\.$/,
    ],
    ['seed', { seed: 0.5 }, /^seed is 0.5/],
    ['option', { negatives: 3 }, /^sample_negative_indices has no option "negatives"/],
  ])('refuses a wrong %s', (_, more: object, message) => {
    expect(() => sample_negative_indices({ ...options, seed: 1, ...more })).toThrow(message);
  });
});
