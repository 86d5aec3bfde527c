/** Bytes that are read again: nothing is lost, and nobody waits for a source that hangs. */
import { expect, test } from 'vitest';
import { bytesInMemory, RewindableBytes } from '../../src/audio/byte-stream.ts';

/** One byte, and then one whenever the test gives it. */
function slowSource() {
  let give: (value: number) => void = () => undefined;
  async function* blocks() {
    yield await Promise.resolve(Uint8Array.of(1));
    for (;;) yield Uint8Array.of(await new Promise<number>((resolve) => (give = resolve)));
  }
  return { input: new RewindableBytes({ blocks: blocks() }), give: (value: number) => give(value) };
}

test('a stop ends the one who waits, and what comes later is there for the next', async () => {
  const { input, give } = slowSource();
  const first = input.all();
  expect((await first.next()).value).toEqual(Uint8Array.of(1));
  const waiting = first.next();
  input.stop();
  expect((await waiting).done).toBe(true);
  const second = input.all();
  expect((await second.next()).value).toEqual(Uint8Array.of(1));
  const next = second.next();
  give(2);
  expect((await next).value).toEqual(Uint8Array.of(2));
});

test('closing does not wait for a read that hangs', async () => {
  const { input } = slowSource();
  const bytes = input.all();
  await bytes.next();
  const waiting = bytes.next();
  await input.close();
  expect((await waiting).done).toBe(true);
});

test('only bytes that have come or that are in memory are known to end', async () => {
  expect(new RewindableBytes(bytesInMemory(Uint8Array.of(1))).isFinite).toBe(true);
  const { input } = slowSource();
  await input.all().next();
  expect(input.isFinite).toBe(false);
});
