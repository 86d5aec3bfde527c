/** The loss of speakers against numbers of `AMSoftmaxLoss` of transformers. */
import { expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { amSoftmaxLoss } from '../../src/losses/am-softmax.ts';

const vectors = new Tensor('float32', Float32Array.of(0.5, -1, 2, 3, 1, -1, 0.1, 0.2, 0.1), [3, 3]);
/** Of the columns of a weight [[1, -2, 0.5, 3], [0.25, 1, -1, 2], [2, 0, 1.5, -0.5]], each of length 1. */
const products = new Tensor(
  'float32',
  Float32Array.of(
    ...[1.888888955116272, -0.8944271802902222, 2.2717204093933105, -0.41208165884017944],
    ...[0.5555556416511536, -2.236067771911621, -0.5345224738121033, 3.1592929363250732],
    ...[0.15555556118488312, 0, 0, 0.1785687357187271],
  ),
  [3, 4],
);

test('is the mean over the items', () => {
  const loss = amSoftmaxLoss(vectors, products, Int32Array.of(2, 0, 3));
  expect(loss.dims).toEqual([]);
  expect(loss.item()).toBeCloseTo(17.240581512451172, 4);
});

test('of one item, and of those that count', () => {
  for (const [item, label, expected] of [
    [0, 2, 6.988479137420654],
    [1, 0, 35.55168914794922],
    [2, 3, 9.181575775146484],
  ] as const) {
    const labels = Int32Array.of(-100, -100, -100);
    labels[item] = label;
    expect(amSoftmaxLoss(vectors, products, labels).item()).toBeCloseTo(expected, 4);
  }
});

test('a vector of zeros is like no speaker', () => {
  const zeros = new Tensor('float32', new Float32Array(3), [1, 3]);
  const none = new Tensor('float32', new Float32Array(4), [1, 4]);
  // −ln softmax of [-12, 0, 0, 0] at 0.
  expect(amSoftmaxLoss(zeros, none, Int32Array.of(0)).item()).toBeCloseTo(12 + Math.log(3), 4);
});
