import { expect, test } from 'vitest';
import { ByteWindow } from '../../src/audio/byte-window.ts';

const count = (from: number, to: number) =>
  Uint8Array.from({ length: to - from }, (_, index) => from + index);

test('keeps what was not discarded, and counts from the start of the file', () => {
  const window = new ByteWindow();
  expect([window.start, window.end, window.isComplete]).toEqual([0, 0, false]);
  window.append(count(0, 10));
  window.discardTo(4);
  window.append(count(10, 20));
  expect([window.start, window.end]).toEqual([4, 20]);
  expect(window.bytes).toEqual(count(4, 20));
  expect(window.slice(9, 12)).toEqual(count(9, 12));
  expect(window.slice(0, 6)).toEqual(count(4, 6));
  expect(window.slice(18, 30)).toEqual(count(18, 20));
  window.discardTo(2);
  expect(window.start).toBe(4);
  window.discardTo(25);
  expect([window.start, window.end]).toEqual([20, 20]);
  window.finish();
  expect(window.isComplete).toBe(true);
});

test('a block that nothing is kept before is not copied, and no block is written to', () => {
  const file = count(0, 30);
  const window = new ByteWindow();
  window.append(file.subarray(0, 10));
  expect(window.bytes.buffer).toBe(file.buffer);
  window.append(Uint8Array.of(99));
  expect(window.bytes.buffer).not.toBe(file.buffer);
  expect(file).toEqual(count(0, 30));
});

test('views stay as they are while bytes come one by one', () => {
  const window = new ByteWindow();
  const views: Uint8Array[] = [];
  for (let place = 0; place < 300_000; place += 1) {
    window.append(Uint8Array.of(place & 255));
    if (place % 1000 === 999) {
      views.push(window.slice(place - 9, place + 1));
      // Much is kept at first, nothing later.
      if (place > 200_000) window.discardTo(place - (place % 7));
    }
  }
  views.forEach((view, index) =>
    expect(view).toEqual(Uint8Array.from({ length: 10 }, (_, byte) => (1000 * index + 990 + byte) & 255)),
  );
});
