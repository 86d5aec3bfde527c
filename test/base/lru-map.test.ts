import { expect, test } from 'vitest';
import { LruMap } from '../../src/base/lru-map.ts';

/** A map of two entries that notes what it made and what it forgot. */
function makeMap() {
  const made: string[] = [];
  const evicted: string[] = [];
  const map = new LruMap<string, string>(2, (value) => evicted.push(value));
  const use = (key: string): string =>
    map.getOrMake(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  return { map, made, evicted, use };
}

test('an entry is made once and found from then on', () => {
  const { map, made, use } = makeMap();
  expect(map.get('a')).toBeUndefined();
  expect([use('a'), use('a'), map.get('a')]).toEqual(['A', 'A', 'A']);
  expect(made).toEqual(['a']);
});

test('what goes is the entry used longest ago, not the one made longest ago', () => {
  const { map, evicted, use } = makeMap();
  use('a');
  use('b');
  map.get('a');
  use('c');
  expect(evicted).toEqual(['B']);
  // Found again through getOrMake counts as use, too.
  use('a');
  use('d');
  expect(evicted).toEqual(['B', 'C']);
  expect([map.get('a'), map.get('d'), map.get('c')]).toEqual(['A', 'D', undefined]);
});

test('a look for what is not there changes nothing', () => {
  const { map, evicted, use } = makeMap();
  use('a');
  use('b');
  map.get('x');
  use('c');
  expect(evicted).toEqual(['A']);
});

test('clear gives every entry back', () => {
  const { map, evicted, use } = makeMap();
  use('a');
  use('b');
  map.clear();
  expect(evicted).toEqual(['A', 'B']);
  expect(map.get('a')).toBeUndefined();
  use('c');
  expect(evicted).toEqual(['A', 'B']);
});
