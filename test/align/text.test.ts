import { describe, expect, test } from 'vitest';
import { planText, type TextOptions } from '../../src/align/alignment-text.ts';
import type { Lexicon } from '../../src/align/lexicon.ts';
import { isStar } from '../../src/align/target.ts';
import { utterancesOf } from '../../src/align/utterances.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { madeUpInfo, vectors } from './helpers.ts';

const { vocabularies, special, delimiter, cases } = vectors.text;

function infoOf(vocab: string) {
  const labels = Object.entries(vocabularies[vocab] ?? {})
    .sort(([, a], [, b]) => a - b)
    .map(([label]) => label);
  const ids = (special[vocab] ?? []).map((label) => labels.indexOf(label));
  return madeUpInfo(labels, { special: ids, word_delimiter: labels.indexOf(delimiter) });
}

const DEFAULTS: TextOptions = { unknown: 'star', delimiters: true };
const planOf = (text: string, options: Partial<TextOptions> = {}, vocab = 'upper') =>
  planText(text, infoOf(vocab), { ...DEFAULTS, ...options });
const letters = (text: string, options: Partial<TextOptions> = {}, vocab = 'upper'): string =>
  planOf(text, options, vocab)
    .tokens.map(({ id }) => infoOf(vocab).labels[id] ?? '*')
    .join('');

describe('the reference vectors', () => {
  test.each(cases.map((one) => [`${JSON.stringify(one.text)} ${one.vocab} ${one.unknown}`, one] as const))(
    '%s',
    (_name, { text, vocab, unknown, error, tokens = [], words = [] }) => {
      const run = () => planText(text, infoOf(vocab), { unknown, delimiters: true });
      if (error !== undefined) {
        expect(run).toThrow(expect.objectContaining({ code: error }));
        return;
      }
      const plan = run();
      expect(plan.tokens.map(({ id, ...others }) => ({ id: isStar(id) ? 'star' : id, ...others }))).toEqual(
        tokens,
      );
      expect(
        plan.words.map(({ text: word, start, end, tokenCount }) => ({
          text: word,
          start,
          end,
          tokens: tokenCount,
        })),
      ).toEqual(words);
    },
  );
});

describe('text of characters', () => {
  test('every word knows its tokens, and every token its characters', () => {
    const text = '  Straße, “don’t” – ½ 3-D\n';
    const { words, tokens } = planOf(text);
    for (const [index, word] of words.entries()) {
      expect(text.slice(word.start, word.end)).toBe(word.text);
      const own = tokens.slice(word.firstToken, word.firstToken + word.tokenCount);
      expect(own.every((token) => token.word === index)).toBe(true);
      for (const { start, end } of own) expect(start >= word.start && end <= word.end).toBe(true);
    }
    expect(letters(text)).toBe("STRASSE|DON'T|*|*D");
  });

  test('what has no token is listed with its reason', () => {
    expect(planOf('Hi — 42nd 日本!').unaligned).toEqual([
      { text: '—', char_start: 3, char_end: 4, word: 1, reason: 'no-token' },
      { text: '42', char_start: 5, char_end: 7, word: 2, reason: 'unknown' },
      { text: '日本', char_start: 10, char_end: 12, word: 3, reason: 'unknown' },
    ]);
    expect(letters('Hi — 42nd 日本!', { unknown: 'skip' })).toBe('HI|ND');
    expect(planOf('42', { unknown: 'skip' }).unaligned).toHaveLength(1);
  });

  test('unknown characters of one word are one star, also with punctuation between them', () => {
    expect(letters('1,000.50 a1b2')).toBe('*|A*B*');
  });

  test('the token between words is left out where it is not wanted', () => {
    expect(letters('one, two')).toBe('ONE|TWO');
    expect(letters('one, two', { delimiters: false })).toBe('ONETWO');
  });

  test('the error of an unknown character names it, its word and its place', () => {
    expect(() => planOf('abc x9z', { unknown: 'error' })).toThrow(
      'no token for "9" in the word "x9z", at character 5',
    );
  });
});

describe('hostile text', () => {
  const long = 100_000;
  test.each([
    ['words', 'word '.repeat(long), long, 5 * long - 1],
    ['one word', 'a'.repeat(long), 1, long],
    ['punctuation', '.'.repeat(long), 1, 0],
    ['closing marks', `a.${')'.repeat(long)}b`, 1, 2],
    ['white space', `a${' '.repeat(long)}\n${'\t'.repeat(long)}b`, 2, 3],
    ['line breaks', `a${'\n'.repeat(long)}b`, 2, 3],
    ['combining marks', `e${'\u0301'.repeat(long)}`, 1, 1],
    ['digits', '7'.repeat(long), 1, 1],
    ['emoji', '👩‍👩‍👧‍👦 '.repeat(long / 10), long / 10, 0],
    ['lone surrogates', '\ud800 \udc00x'.repeat(long / 10), long / 10 + 1, long / 5 - 1],
    ['right-to-left text', '\u202eשלום hello \u202c'.repeat(long / 10), long / 5 + 1, undefined],
  ])('%s: a plan in a moment, with every word in place', (_name, text, wordCount, tokenCount) => {
    const start = performance.now();
    const { words, tokens } = planOf(text);
    utterancesOf(text, words, 'sentences');
    utterancesOf(text, words, 'lines');
    expect(performance.now() - start).toBeLessThan(5000);
    expect(words).toHaveLength(wordCount);
    if (tokenCount !== undefined) expect(tokens).toHaveLength(tokenCount);
    let last = 0;
    for (const word of words) {
      expect(word.start).toBeGreaterThanOrEqual(last);
      last = word.end;
    }
  });

  test('names of objects are no labels', () => {
    expect(planOf('constructor __proto__', { lexicon: {} }).tokens.map(({ id }) => isStar(id))).toContain(
      true,
    );
    expect(letters('constructor')).toBe('CONSTRUCTOR');
  });
});

const phonemes = madeUpInfo(['<pad>', 'h', 'ə', 'l', 'oʊ', 'w', 'ɜː', 'd', '|'], {
  special: [0],
  units: 'phonemes',
});
const spelled = (text: string, options: Partial<TextOptions> = {}): string =>
  planText(text, phonemes, { ...DEFAULTS, ...options })
    .tokens.map(({ id }) => phonemes.labels[id] ?? '*')
    .join(' ');

describe('phonemes', () => {
  test('text is phonemes with spaces between them, each a word of its own', () => {
    const { words, tokens } = planText('h ə l oʊ', phonemes, DEFAULTS);
    expect(words.map(({ text }) => text)).toEqual(['h', 'ə', 'l', 'oʊ']);
    expect(tokens.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
  });

  test('with bars they are words', () => {
    const { words } = planText('h ə l oʊ |  w ɜː l d |', phonemes, DEFAULTS);
    expect(words.map(({ text, tokenCount }) => [text, tokenCount])).toEqual([
      ['h ə l oʊ', 4],
      ['w ɜː l d', 4],
    ]);
  });

  test('a phoneme that the model lacks is unknown', () => {
    expect(spelled('h x oʊ')).toBe('h * oʊ');
    expect(() => spelled('h x', { unknown: 'error' })).toThrow('no token for "x"');
  });

  test.each<[string, Lexicon]>([
    ['an object', { hello: 'h ə l oʊ', WORLD: ['w', 'ɜː', 'l', 'd'] }],
    ['a Map', new Map(Object.entries({ hello: 'h ə l oʊ', WORLD: 'w ɜː l d' }))],
    ['a function', (word) => ({ hello: 'h ə l oʊ', WORLD: 'w ɜː l d' })[word]],
  ])('a lexicon may be %s, and words are found whatever their case and punctuation', (_name, lexicon) => {
    expect(spelled('“Hello, (World)!” — thing', { lexicon })).toBe('h ə l oʊ w ɜː l d *');
    const { words, tokens } = planText('“Hello,', phonemes, { ...DEFAULTS, lexicon });
    expect(words).toMatchObject([{ text: '“Hello,', tokenCount: 4 }]);
    expect(tokens.every(({ start, end }) => start === 1 && end === 6)).toBe(true);
  });

  test.each([
    ['a phoneme that the model lacks', { a: 'h x' }, 'the phoneme "x" in "a"'],
    ['no phonemes', { a: ' ' }, 'has " " for "a"'],
    ['a number', { a: 5 }, 'has 5 for "a"'],
  ])('a lexicon with %s is an error', (_name, lexicon, message) => {
    const run = () => spelled('a', { lexicon: lexicon as unknown as Lexicon });
    expect(run).toThrow(UniSpeechError);
    expect(run).toThrow(message);
  });
});

describe('utterances', () => {
  const rangesOf = (text: string, mode: 'sentences' | 'lines') => {
    const { words } = planOf(text);
    return utterancesOf(text, words, mode).map(({ from, to }) =>
      text.slice(words[from]?.start, words[to - 1]?.end),
    );
  };
  test('sentences end in full stops and at empty lines, also behind closing marks', () => {
    expect(rangesOf('He said “go.” Then\nhe went! Title\r\n \r\nNew 3.5 part', 'sentences')).toEqual([
      'He said “go.”',
      'Then\nhe went!',
      'Title',
      'New 3.5 part',
    ]);
  });
  test('lines end at line breaks', () => {
    expect(rangesOf('one. two\nthree\r\n\nfour', 'lines')).toEqual(['one. two', 'three', 'four']);
  });
  test('nothing has none', () => {
    expect(utterancesOf('', [], 'sentences')).toEqual([]);
  });
});
