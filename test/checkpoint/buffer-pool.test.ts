import { expect, test } from 'vitest';
import { BufferPool } from '../../src/checkpoint/buffer-pool.ts';

test('memory that was given back is taken again, each buffer by one user at a time', () => {
  const pool = new BufferPool();
  const first = pool.take(100);
  const second = pool.take(100);
  expect(first.byteLength).toBe(100);
  expect(second).not.toBe(first);
  pool.give(first);
  expect(pool.take(60)).toBe(first);
  expect(pool.take(60)).not.toBe(first);
});

test('the smallest free buffer that fits is taken', () => {
  const pool = new BufferPool();
  const [small, large, medium] = [pool.take(10), pool.take(1000), pool.take(100)];
  for (const buffer of [large, small, medium]) pool.give(buffer);
  expect(pool.take(50)).toBe(medium);
  expect(pool.take(50)).toBe(large);
  expect(pool.take(10)).toBe(small);
});

test('where all free ones are too small, a new one takes the place of one of them', () => {
  const pool = new BufferPool();
  const [first, second] = [pool.take(10), pool.take(10)];
  pool.give(first);
  pool.give(second);
  const larger = pool.take(20);
  expect(larger.byteLength).toBe(20);
  pool.give(larger);
  expect(pool.take(10)).toBe(first);
  expect(pool.take(10)).toBe(larger);
  // Three small ones would be in memory else.
  const another = pool.take(10);
  expect([first, second, larger]).not.toContain(another);
});
