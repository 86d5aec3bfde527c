import { describe, expect, test } from 'vitest';
import { parseVocabulary, Vocabulary } from '../../src/text/vocabulary.ts';

const silent = () => undefined;

describe('parseVocabulary', () => {
  test('reads flat and nested vocabularies', () => {
    const flat = new Map([
      ['a', 0],
      ['', 1],
    ]);
    expect(parseVocabulary({ a: 0, '': 1 }, 'v')).toEqual(new Map([[null, flat]]));
    expect(parseVocabulary({ en: { a: 0 }, fr: { b: 0 } }, 'v')).toEqual(
      new Map([
        ['en', new Map([['a', 0]])],
        ['fr', new Map([['b', 0]])],
      ]),
    );
  });

  test('keeps tokens that are names of object properties', () => {
    const tokens = parseVocabulary(JSON.parse('{"__proto__": 0, "constructor": 1, "1": 2}'), 'v').get(null);
    expect(tokens?.get('__proto__')).toBe(0);
    expect(tokens?.has('toString')).toBe(false);
  });

  test.each([
    [[], 'v must be an object of token to id'],
    [null, 'but it is null'],
    [{}, 'with at least one entry'],
    [{ a: '0' }, 'v: token "a" has id "0"'],
    [{ a: 0, b: -1 }, 'v: token "b" has id -1'],
    [{ a: 0.5 }, 'has id 0.5'],
    [{ en: { a: 0 }, b: 1 }, 'its entry "b" is 1'],
    [{ en: { a: null } }, 'v, language "en": token "a" has id null'],
  ])('refuses %j', (value, message) => {
    expect(() => parseVocabulary(value, 'v')).toThrow(message);
  });
});

describe('Vocabulary', () => {
  test('warns about ids that tokens share, and decodes to the last of them', () => {
    const warnings: string[] = [];
    const tokens = new Map([
      ['x', 5],
      ['y', 5],
      ['z', 7],
    ]);
    const vocabulary = new Vocabulary(tokens, [], (message) => warnings.push(message));
    expect(vocabulary.tokenOf(5)).toBe('y');
    expect([vocabulary.idOf('x'), vocabulary.idOf('y')]).toEqual([5, 5]);
    expect([vocabulary.baseSize, vocabulary.size]).toEqual([2, 3]);
    expect(warnings).toEqual([expect.stringContaining('5 ("x" and "y", which wins)')]);
  });

  test('is silent about a plain vocabulary', () => {
    const warnings: string[] = [];
    new Vocabulary(new Map([['x', 5]]), [{ content: 'x' }, { content: '' }], (message) =>
      warnings.push(message),
    );
    expect(warnings).toEqual([]);
  });

  test('shortens long warnings', () => {
    const tokens = new Map(Array.from({ length: 9 }, (_, index) => [`t${index}`, 0]));
    const warnings: string[] = [];
    new Vocabulary(tokens, [], (message) => warnings.push(message));
    expect(warnings[0]).toMatch(/and 3 more\.$/);
  });

  test('appends in order, with given ids where there are any', () => {
    const added = [{ content: 'b', id: 9 }, { content: 'c' }, { content: 'a', id: 4 }];
    const vocabulary = new Vocabulary(new Map([['a', 0]]), added, silent);
    expect([...vocabulary.toMap()]).toEqual([
      ['a', 0],
      ['b', 9],
      ['c', 2],
    ]);
  });
});
