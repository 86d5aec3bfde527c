/** Words as intervals that follow each other, as tiers of annotations have them. Pure. */
import type { GridInterval } from './textgrid.ts';
import type { TimedWord } from './timed-words.ts';

/** The longest interval of a word without length, in seconds. */
export const LEAST_SECONDS = 0.001;

/**
 * Without gaps from 0 to the end; those of silence have no text. A word ends at the latest where the next one begins. One without length takes up to a
 * millisecond behind it, and where there is no room it shares the interval beside it, divided by a space.
 * @param words begin in order, and end by then.
 */
export function intervalsOf(words: readonly TimedWord[], end: number): readonly GridInterval[] {
  const intervals: GridInterval[] = [];
  const add = (interval: GridInterval): void => {
    const from = intervals.at(-1)?.end ?? 0;
    if (interval.start > from) intervals.push({ start: from, end: interval.start, text: '' });
    if (interval.end > interval.start) intervals.push(interval);
  };
  /** Of words that found no room, for the next interval. */
  let waiting = '';
  for (const [index, { text, start, end: wordEnd }] of words.entries()) {
    const nextStart = words[index + 1]?.start ?? end;
    const to = Math.min(wordEnd > start ? wordEnd : start + LEAST_SECONDS, nextStart);
    const last = intervals.at(-1);
    if (to > start) {
      add({ start, end: to, text: joined(waiting, text) });
      waiting = '';
    } else if (last && waiting === '' && last.end === start)
      intervals[intervals.length - 1] = { ...last, text: joined(last.text, text) };
    else waiting = joined(waiting, text);
  }
  // Only words at the very end still wait: before it there is room. Here they do not touch the last word, or they would be a part of it.
  add({
    start: waiting === '' ? end : Math.max(intervals.at(-1)?.end ?? 0, end - LEAST_SECONDS),
    end,
    text: waiting,
  });
  return intervals;
}

const joined = (first: string, second: string): string => (first === '' ? second : `${first} ${second}`);
