/** The comparison of two embeddings: cosine, threshold, and what it refuses. */
import { expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import type { AudioSource } from '../../src/pipelines/audio-source.ts';
import { compareSpeakers } from '../../src/pipelines/compare-speakers.ts';
import { cos_sim } from '../../src/pipelines/cosine.ts';

/** The samples of a clip are its embedding. */
const embed = (audio: readonly AudioSource[]): Promise<Tensor<'float32'>> => {
  const rows = audio as readonly Float32Array[];
  const data = Float32Array.from(rows.flatMap((row) => [...row]));
  return Promise.resolve(new Tensor('float32', data, [rows.length, rows[0]?.length ?? 0]));
};
const a = Float32Array.of(3, 4);
const b = Float32Array.of(4, 3);

test('the cosine, and whether it reaches the threshold', async () => {
  const similarity = expect.closeTo(0.96) as number;
  expect(await compareSpeakers(embed, a, b)).toEqual({ similarity, same: true, threshold: 0.86 });
  expect(await compareSpeakers(embed, a, b, { threshold: 0.97 })).toEqual({
    similarity,
    same: false,
    threshold: 0.97,
  });
  const exact = await compareSpeakers(embed, a, a, { threshold: 1 });
  expect(exact).toEqual({ similarity: 1, same: true, threshold: 1 });
  expect((await compareSpeakers(embed, a, b, { threshold: null })).threshold).toBe(0.86);
});

test.each<[unknown, object, string]>([
  [a, { threshold: 86 }, 'threshold is 86, but it must be a number from -1 to 1'],
  [a, { threshold: NaN }, 'threshold is NaN'],
  [a, { treshold: 0.5 }, 'A comparison of speakers has no option "treshold"'],
  [a, { batch_size: 2 }, 'A comparison of speakers has no option "batch_size"'],
  [[a, a], {}, 'as one of its two clips'],
])('refuses %#', async (second, options, message) => {
  await expect(compareSpeakers(embed, a, second as never, options)).rejects.toThrow(message);
});

test('cos_sim', () => {
  expect(cos_sim([1, 0], [0, 2])).toBe(0);
  expect(cos_sim([1, 1], [-2, -2])).toBeCloseTo(-1);
  expect(cos_sim([0, 0], [1, 1])).toBeNaN();
  expect(() => cos_sim([1], [1, 2])).toThrow('cos_sim got vectors of 1 and 2 numbers');
});
