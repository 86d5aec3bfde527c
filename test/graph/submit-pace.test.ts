/** Cutting runs into submits, as arithmetic. */
import { describe, expect, test } from 'vitest';
import type { KernelCall } from '../../src/gpu/kernel.ts';
import { submitEnd, SubmitPace, workOf } from '../../src/gpu/submit-pace.ts';

/** Every submit of a run, as the executor cuts it. */
function cuts(works: readonly number[], budget: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (let start = 0; start < works.length; start = found.at(-1)?.[1] ?? Infinity)
    found.push([start, submitEnd(works, start, budget)]);
  return found;
}

describe('submitEnd', () => {
  test.each([
    ['little work is one submit', [1, 2, 3], 6, [[0, 3]]],
    [
      'steps join while they fit',
      [3, 3, 3, 3, 3],
      6,
      [
        [0, 2],
        [2, 4],
        [4, 5],
      ],
    ],
    [
      'a step over the budget stands alone',
      [1, 9, 1, 1],
      5,
      [
        [0, 1],
        [1, 2],
        [2, 4],
      ],
    ],
    [
      'no budget: a submit a step',
      [1, 1],
      0,
      [
        [0, 1],
        [1, 2],
      ],
    ],
    ['steps without work cost nothing', [0, 0, 0], 0, [[0, 3]]],
  ])('%s', (_, works, budget, expected) => {
    expect(cuts(works, budget)).toEqual(expected);
  });
});

test('moving memory is work too', () => {
  const call: KernelCall = {
    kernel: { name: 'any', source: '', bindings: [] },
    workgroups: [1, 1, 1],
    params: {},
    flops: 10,
    byteCount: 3,
  };
  expect(workOf(call)).toBe(22);
  expect(workOf({ ...call, flops: 0 })).toBeGreaterThan(0);
});

describe('SubmitPace', () => {
  test('a fast device soon gets large submits', () => {
    const pace = new SubmitPace();
    pace.learn(1e9, 1);
    expect(pace.budget).toBe(150e9);
  });

  test('what waits for long on a small submit does not shrink the others', () => {
    const pace = new SubmitPace();
    const { budget } = pace;
    pace.learn(1e6, 20);
    expect(pace.budget).toBe(budget);
  });

  test('a slow device gets submits of the target time, and never none', () => {
    const pace = new SubmitPace();
    pace.learn(2e9, 1000);
    expect(pace.budget).toBeCloseTo(0.3e9);
    pace.learn(1, 1e6);
    expect(pace.budget).toBe(1e8);
  });

  test('a fixed budget learns nothing', () => {
    const pace = new SubmitPace(5);
    pace.learn(1e9, 1);
    pace.learn(1e9, 1e6);
    expect(pace.budget).toBe(5);
  });
});
