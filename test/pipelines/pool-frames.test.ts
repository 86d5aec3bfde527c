/** From hidden states to the vectors of a clip: known answers. */
import { expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { vectorsOf } from '../../src/pipelines/pool-frames.ts';

const frames = { pooled: false, normalized: false };
const mean = { pooled: true, normalized: false };
/** One clip. */
const statesOf = (values: Float32Array, width: number) =>
  new Tensor('float32', values, [1, values.length / width, width]);

test('of a batch each clip gets its own frames, and is divided by their number', () => {
  const states = new Tensor('float32', Float32Array.of(1, 2, 3, 5, 99, 99, 7, 8, 99, 99, 99, 99), [2, 3, 2]);
  expect([...vectorsOf(states, 0, 2, frames)]).toEqual([1, 2, 3, 5]);
  expect([...vectorsOf(states, 1, 1, frames)]).toEqual([7, 8]);
  expect([...vectorsOf(states, 0, 2, mean)]).toEqual([2, 3.5]);
  expect([...vectorsOf(states, 1, 1, mean)]).toEqual([7, 8]);
});

test('the vectors own their memory', () => {
  const states = statesOf(Float32Array.of(1, 2, 3, 4), 2);
  for (const options of [frames, mean]) {
    const vectors = vectorsOf(states, 0, 2, options);
    expect(vectors.buffer.byteLength).toBe(vectors.byteLength);
    vectors.fill(0);
  }
  expect([...states.data]).toEqual([1, 2, 3, 4]);
});

test('many frames lose no digits to the sum', () => {
  const values = new Float32Array(200_001).fill(0.1);
  values[0] = 1e6;
  const expected = (1e6 + 200_000 * Math.fround(0.1)) / 200_001;
  expect(vectorsOf(statesOf(values, 1), 0, 200_001, mean)[0]).toBe(Math.fround(expected));
});

test('every vector gets a length of one; zeros and extreme numbers stay finite', () => {
  const states = statesOf(Float32Array.of(3, 4, 0, 0, 3e38, 3e38, 1e-40, 0), 2);
  const half = Math.fround(Math.SQRT1_2);
  expect([...vectorsOf(states, 0, 4, { pooled: false, normalized: true })]).toEqual(
    [0.6, 0.8, 0, 0, half, half, 1, 0].map(Math.fround),
  );
  expect([...vectorsOf(states, 0, 1, { pooled: true, normalized: true })]).toEqual(
    [0.6, 0.8].map(Math.fround),
  );
});
