/** From logits to labels: known answers. */
import { expect, test } from 'vitest';
import { labelScores } from '../../src/pipelines/label-scores.ts';

const labels = { 0: 'a', 1: 'b', 2: 'c' };

test('the likeliest first, at most as many as asked for', () => {
  const logits = Float32Array.of(Math.log(0.25), Math.log(0.5), Math.log(0.25));
  expect(labelScores(logits, labels, 'softmax', Infinity)).toEqual([
    { label: 'b', score: expect.closeTo(0.5, 6) as number },
    { label: 'a', score: expect.closeTo(0.25, 6) as number },
    { label: 'c', score: expect.closeTo(0.25, 6) as number },
  ]);
  expect(labelScores(logits, labels, 'softmax', 1)).toHaveLength(1);
  expect(labelScores(logits, labels, 'softmax', 0)).toEqual([]);
});

test('every function, of extreme logits too', () => {
  const logits = Float32Array.of(-1e4, 3e38, 0);
  const scores = (name: 'softmax' | 'sigmoid' | 'none') =>
    labelScores(logits, labels, name, Infinity).map(({ score }) => score);
  expect(scores('softmax')).toEqual([1, 0, 0]);
  expect(scores('sigmoid')).toEqual([1, 0.5, 0]);
  expect(scores('none')).toEqual([Math.fround(3e38), 0, -1e4]);
});

test('classes without a name have their number', () => {
  expect(labelScores(Float32Array.of(1, 2, 3), { 1: 'b' }, 'none', 2)).toEqual([
    { label: 'LABEL_2', score: 3 },
    { label: 'b', score: 2 },
  ]);
});
