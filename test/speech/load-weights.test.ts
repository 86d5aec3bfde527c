/** Weights from a file to a sink: what an F16 file gives float16 weights. */
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { streamWeights, type WeightSink } from '../../src/speech/core/load-weights.ts';
import { SliceEncoder } from '../../src/speech/core/slice-encoder.ts';
import type { WeightBuffer } from '../../src/speech/encoder/weight-buffers.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { writeSafetensors } from '../helpers/safetensors-writer.ts';

/** Larger than a slice of 4 MiB, in rows that do not divide it. */
const ROWS = 1100;
const ROW_LENGTH = 2060;
const PATTERNS = Uint16Array.from({ length: ROWS * ROW_LENGTH }, (_, i) => i * 7);

const plain = (name: string, shape: readonly number[]): WeightBuffer => ({
  name,
  elementCount: shape.reduce((product, dim) => product * dim, 1),
  sources: [{ name, shape }],
});
const matrix: WeightBuffer = { ...plain('matrix', [ROWS, ROW_LENGTH]), rowLength: ROW_LENGTH };
const packed: WeightBuffer = {
  ...plain('packed', [2, 4]),
  rowLength: 4,
  pack: ([values = new Float32Array()], into) => into.set(values.toReversed()),
};
const layout = [matrix, plain('vector', [8]), packed];

/** The bytes of every buffer, and which of them came as float16. */
async function load(keepsFloat16: boolean) {
  const bytes = writeSafetensors([
    { name: 'matrix', dtype: 'F16', shape: [ROWS, ROW_LENGTH], data: PATTERNS },
    { name: 'vector', dtype: 'F16', shape: [8], data: PATTERNS.subarray(1, 9) },
    { name: 'packed', dtype: 'F16', shape: [2, 4], data: PATTERNS.subarray(20, 28) },
  ]);
  const encoder = new SliceEncoder('f16');
  const buffers = new Map(layout.map((weight) => [weight, new Uint8Array(encoder.byteLengthOf(weight))]));
  const kept = new Set<string>();
  const sink: WeightSink = {
    ...(keepsFloat16 && { keepsFloat16: (weight: WeightBuffer) => encoder.keepsFloat16(weight) }),
    async write(weight, elementOffset, values) {
      if (values instanceof Uint16Array) kept.add(weight.name);
      for await (const { byteOffset, content } of encoder.slices(weight, elementOffset, values)) {
        const slice = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
        buffers.get(weight)?.set(slice, byteOffset);
      }
    },
  };
  const checkpoint = await openCheckpoint(memoryFiles({ 'model.safetensors': bytes }));
  const names = new Map(layout.map(({ name }) => [name, name]));
  await streamWeights(checkpoint, layout, names, sink, undefined);
  await checkpoint.close();
  return { kept, buffers };
}

test('float16 matrices pass through as they are where nothing moves, with the bits that widening gives', async () => {
  const [through, widened] = await Promise.all([load(true), load(false)]);
  expect([...through.kept]).toEqual(['matrix']);
  expect(widened.kept.size).toBe(0);
  for (const [weight, bytes] of through.buffers) {
    expect(Buffer.compare(bytes, widened.buffers.get(weight) ?? new Uint8Array()), weight.name).toBe(0);
  }
});

test('an encoder says what it cannot take', async () => {
  const [, vector = matrix] = layout;
  const slices = new SliceEncoder('f16').slices(vector, 0, PATTERNS);
  await expect(slices.next()).rejects.toThrow('vector is kept as float32');
  expect(new SliceEncoder('q8').keepsFloat16(matrix)).toBe(false);
  expect(new SliceEncoder('f16').keepsFloat16(vector)).toBe(false);
});
