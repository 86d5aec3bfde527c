import { expect, test } from 'vitest';
import { ChunkQueue } from '../../src/microphone/chunk-queue.ts';

const chunk = (value: number) => new Float32Array(10).fill(value);
/** Ten samples per second, so that a chunk is a second. */
const queueOf = (count: number) => {
  const queue = new ChunkQueue(10, 3);
  for (let value = 1; value <= count; value += 1) queue.push(chunk(value));
  return queue;
};
const read = async (queue: ChunkQueue) => {
  const values: (number | undefined)[] = [];
  for await (const [value] of queue) values.push(value);
  return values;
};

test('gives chunks in order, those of its end too', async () => {
  const queue = queueOf(2);
  expect(queue.queuedSeconds).toBe(2);
  const reading = read(queue);
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(queue.queuedSeconds).toBe(0);
  queue.push(chunk(3));
  queue.end();
  queue.push(chunk(4));
  expect(await reading).toEqual([1, 2, 3]);
});

test('drops the oldest beyond its bound, and says so', async () => {
  const queue = queueOf(5);
  expect([queue.queuedSeconds, queue.droppedSeconds]).toEqual([3, 2]);
  queue.end();
  expect(await read(queue)).toEqual([3, 4, 5]);
});

test('a failure comes behind the chunks', async () => {
  const queue = queueOf(1);
  queue.fail(new Error('unplugged'));
  expect((await queue.next()).value).toEqual(chunk(1));
  await expect(queue.next()).rejects.toThrow('unplugged');
});

test('a reader that leaves while it waits is let go', async () => {
  const queue = queueOf(0);
  const waiting = queue.next();
  await queue.return();
  expect(await waiting).toEqual({ done: true, value: undefined });
});
