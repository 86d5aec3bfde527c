/** Results on their way from the worker to the page: tensors stay tensors, and memory is handed over. */
import { expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { receiveResult, transferOf } from '../../src/worker/results.ts';

/** As `postMessage` hands a value over. */
const sent = (result: unknown, isOfList = false): unknown =>
  receiveResult(structuredClone(result, { transfer: transferOf(result) }), isOfList);
const tensorOf = (...values: number[]) =>
  new Tensor('float32', Float32Array.from(values), [1, values.length]);

test('tensors arrive as tensors, and their memory is handed over', () => {
  const tensor = tensorOf(1, 2, 3);
  const arrived = sent(tensor);
  expect(arrived).toBeInstanceOf(Tensor);
  expect(arrived).toEqual(tensorOf(1, 2, 3));
  expect(tensor.data).toHaveLength(0);
  const list = sent([tensorOf(1), tensorOf(2, 3)], true);
  expect(list).toEqual([tensorOf(1), tensorOf(2, 3)]);
  expect((list as unknown[])[1]).toBeInstanceOf(Tensor);
  // One tensor for all clips of a list.
  expect(sent(tensorOf(4, 5), true)).toEqual(tensorOf(4, 5));
});

test('tensors of an object arrive as tensors in it', () => {
  const warnings = ['damaged'];
  const result = { segments: [{ speaker: 'A', start: 0, end: 1 }], frames: tensorOf(1, 2), warnings };
  const { segments } = result;
  const arrived = sent(result);
  expect(arrived).toEqual({ segments, frames: tensorOf(1, 2), warnings });
  expect((arrived as typeof result).frames).toBeInstanceOf(Tensor);
  expect(result.frames.data).toHaveLength(0);
  expect(sent([{ frames: tensorOf(3) }], true)).toEqual([{ frames: tensorOf(3) }]);
});

test('results without tensors stay as they are', () => {
  // Keys of a caller's audio object, as recognition returns them.
  const kept = { text: 'YES', dims: [[1, 2]], data: [new Float32Array(2)], type: ['float32'] };
  expect(sent(kept)).toEqual(kept);
  const labels = [{ label: 'yes', score: 1 }];
  expect(sent(labels)).toEqual(labels);
  expect(sent([labels, labels], true)).toEqual([labels, labels]);
});

test('arrays of a part are handed over as well', () => {
  const part = { data: Float32Array.of(1, 2), frameCount: 1, vocabSize: 2, samples: new Float32Array(320) };
  const arrived = structuredClone(part, { transfer: transferOf(part) });
  expect(arrived).toEqual({ ...part, data: Float32Array.of(1, 2), samples: new Float32Array(320) });
  expect([part.data.length, part.samples.length]).toEqual([0, 0]);
});
