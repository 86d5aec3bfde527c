/** Moving the edges of words. */
import { expect, test } from 'vitest';
import { moveEdge } from '../../examples/web/align/word-edits.ts';
import { Random } from '../fuzz/random.ts';

const WORDS = [
  { start: 0.5, end: 1 },
  { start: 1, end: 2 },
  { start: 2.5, end: 3 },
];
const spans = (words: readonly { start: number; end: number }[]) =>
  words.map(({ start, end }) => [start, end]);

test('an edge moves alone where nothing touches it', () => {
  expect(spans(moveEdge(WORDS, 1, 'end', 2.2, 4))).toEqual([
    [0.5, 1],
    [1, 2.2],
    [2.5, 3],
  ]);
  expect(spans(moveEdge(WORDS, 0, 'start', 0.25, 4))[0]).toEqual([0.25, 1]);
});

test('a neighbour that touches goes along, both ways', () => {
  expect(spans(moveEdge(WORDS, 1, 'start', 0.8, 4))).toEqual([
    [0.5, 0.8],
    [0.8, 2],
    [2.5, 3],
  ]);
  expect(spans(moveEdge(WORDS, 1, 'start', 1.2, 4))).toEqual([
    [0.5, 1.2],
    [1.2, 2],
    [2.5, 3],
  ]);
});

test('a neighbour is pushed, and keeps 20 ms; so does the word', () => {
  expect(spans(moveEdge(WORDS, 1, 'end', 9, 4))).toEqual([
    [0.5, 1],
    [1, 2.98],
    [2.98, 3],
  ]);
  expect(spans(moveEdge(WORDS, 1, 'end', 0, 4))[1]).toEqual([1, 1.02]);
  expect(spans(moveEdge(WORDS, 2, 'end', 9, 4))[2]).toEqual([2.5, 4]);
  expect(spans(moveEdge(WORDS, 0, 'start', -1, 4))[0]).toEqual([0, 1]);
});

test('what is no time, or no word, changes nothing', () => {
  expect(moveEdge(WORDS, 1, 'end', NaN, 4)).toBe(WORDS);
  expect(moveEdge(WORDS, 3, 'end', 1, 4)).toBe(WORDS);
});

test('whatever is moved, words stay in order and have no negative length', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    let now = 0;
    let words: readonly { start: number; end: number }[] = Array.from({ length: 5 }, () => {
      const start = now + random.pick([0, 0.1]);
      now = start + random.pick([0, 0.01, 0.3]);
      return { start, end: now };
    });
    for (let move = 0; move < 10; move += 1) {
      words = moveEdge(words, random.below(5), random.pick(['start', 'end']), random.next() * 2, 2);
      const edges = words.flatMap(({ start, end }) => [start, end]);
      for (const [index, edge] of edges.entries())
        expect(edge).toBeGreaterThanOrEqual((edges[index - 1] ?? 0) - 0.0011);
    }
  }
});
