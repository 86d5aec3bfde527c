import { describe, expect, test } from 'vitest';
import { planMemory, type Lifetime } from '../../src/graph/memory.ts';

/** Lifetimes from [bytes, first step, last step]. */
const lifetimes = (...entries: readonly (readonly [number, number, number])[]): readonly Lifetime[] =>
  entries.map(([byteLength, firstStep, lastStep]) => ({ byteLength, firstStep, lastStep }));

function expectSound(tensors: readonly Lifetime[]): void {
  const { slabOf, slabByteLengths } = planMemory(tensors);
  tensors.forEach((a, i) => {
    expect(slabByteLengths[slabOf[i] ?? -1]).toBeGreaterThanOrEqual(a.byteLength);
    tensors.forEach((b, j) => {
      const overlap = a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
      if (i < j && overlap) expect(slabOf[i], `tensors ${i} and ${j} live together`).not.toBe(slabOf[j]);
    });
  });
}

describe('planMemory', () => {
  test('a chain needs two slabs: each step reads one and writes the other', () => {
    const chain = lifetimes([100, 0, 1], [80, 1, 2], [60, 2, 3], [40, 3, 4]);
    expect(planMemory(chain)).toEqual({ slabOf: [0, 1, 0, 1], slabByteLengths: [100, 80] });
  });

  test('a tensor of a step never shares the slab of another tensor of that step', () => {
    expectSound(lifetimes([64, 0, 3], [64, 1, 1], [64, 1, 2], [128, 2, 4], [16, 3, 3], [16, -1, 0]));
  });

  test('random lifetimes are sound, and slabs come largest first', () => {
    let state = 1;
    const random = (limit: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state % limit;
    };
    for (let round = 0; round < 50; round++) {
      const tensors = Array.from({ length: 30 }, () => {
        const firstStep = random(40);
        return { byteLength: 16 * (1 + random(100)), firstStep, lastStep: firstStep + random(8) };
      });
      expectSound(tensors);
      const { slabByteLengths } = planMemory(tensors);
      expect([...slabByteLengths].sort((a, b) => b - a)).toEqual(slabByteLengths);
    }
  });
});
