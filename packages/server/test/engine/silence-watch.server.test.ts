/** When a process that says nothing is taken to hang. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { silenceLimit, SilenceWatch } from '../../src/engine/silence-watch.ts';

test('a slow device may be silent for ten batches, a fast one for as long as was set', () => {
  expect(silenceLimit(300_000, { maxBatchSeconds: undefined, speed: 100 })).toBe(300_000);
  expect(silenceLimit(300_000, { maxBatchSeconds: undefined, speed: 0.5 })).toBe(600_000);
  expect(silenceLimit(300_000, { maxBatchSeconds: 120, speed: 1 })).toBe(1_200_000);
});

test('every word begins the silence anew, also one that comes just after its end', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const silences: number[] = [];
  const watch = new SilenceWatch((milliseconds) => silences.push(milliseconds));
  watch.expect(1000);
  vi.advanceTimersByTime(900);
  watch.expect(1000);
  vi.advanceTimersByTime(1050);
  watch.expect(1000);
  vi.advanceTimersByTime(1050);
  expect(silences).toEqual([]);
  vi.advanceTimersByTime(60);
  expect(silences).toEqual([1000]);
  watch.expect(1000);
  watch.end();
  vi.advanceTimersByTime(5000);
  expect(silences).toEqual([1000]);
});
