/** What is expected, as columns of the model. */
import { describe, expect, test } from 'vitest';
import { parseExpected } from '../../src/phones/expected.ts';
import { INFO, LABELS } from './made-up-source.ts';

const columns = (...names: readonly string[]): number[] => names.map((name) => LABELS.indexOf(name));
const parse = (expected: unknown, lexicon?: unknown) => parseExpected(expected, INFO, lexicon);

describe('phonemes', () => {
  test('are separated by spaces, and words by |', () => {
    expect(parse(' a  tʃ\n| o |l')).toEqual([
      { text: 'a tʃ', tokens: columns('a', 'tʃ') },
      { text: 'o', tokens: columns('o') },
      { text: 'l', tokens: columns('l') },
    ]);
  });

  test('may be written without spaces, with stress, ties and either form of marks: the longest that the model has counts', () => {
    expect(parse('ˈat\u0361ʃo.lɛ\u0303')).toEqual([
      { text: 'ˈat\u0361ʃo.lɛ\u0303', tokens: columns('a', 'tʃ', 'o', 'l', 'ɛ\u0303') },
    ]);
    expect(parse('t ʃ')[0]?.tokens).toEqual(columns('t', 'ʃ'));
    expect(parse('ɛ\u0303'.normalize('NFC'))[0]?.tokens).toEqual(columns('ɛ\u0303'));
  });

  test('that the model does not have are named, with those that it has', () => {
    expect(() => parse('a q')).toThrow('The model has no phoneme "q", which is expected. Its phonemes are');
    expect(() => parse('atq')).toThrow('no phoneme "q", which is expected in "atq"');
    // Special tokens and the column without a name are none.
    for (const special of ['<unk>', '<pad>', '😀']) expect(() => parse(special)).toThrow('no phoneme');
  });

  test('must be there', () => {
    for (const empty of ['', ' ', '|', ' | | ', 'ˈ'])
      expect(() => parse(empty)).toThrow('there is nothing to say');
    for (const wrong of [undefined, null, 5, ['a']]) expect(() => parse(wrong)).toThrow('must be a string');
  });

  test('of a hundred thousand words are cut in no time', () => {
    expect(parse('a t|'.repeat(100_000))).toHaveLength(100_000);
    expect(parse('at'.repeat(100_000))[0]?.tokens).toHaveLength(200_000);
  });
});

describe('a lexicon', () => {
  const lexicon = { hola: 'o l a', "aujourd'hui": 'a o', TACHO: ['t', 'a', 'tʃ', 'o'] };

  test('turns words into phonemes, in any case and with punctuation around them', () => {
    const expected = [
      { text: '¡Hola,', tokens: columns('o', 'l', 'a') },
      { text: 'tacho!', tokens: columns('t', 'a', 'tʃ', 'o') },
      { text: "aujourd'hui", tokens: columns('a', 'o') },
    ];
    expect(parse("¡Hola, tacho! – aujourd'hui", lexicon)).toEqual(expected);
    expect(parse("¡Hola, tacho! – aujourd'hui", new Map(Object.entries(lexicon)))).toEqual(expected);
    const look = (word: string) => (word === 'uno' ? 'o a' : undefined);
    expect(parse('uno', look)[0]?.tokens).toEqual(columns('o', 'a'));
  });

  test('without a word, or with something else for one, is an error that names it', () => {
    expect(() => parse('hola mundo', lexicon)).toThrow('The lexicon has no pronunciation of "mundo"');
    expect(() => parse('constructor', lexicon)).toThrow('no pronunciation of "constructor"');
    for (const wrong of ['', 5, 'q']) expect(() => parse('x', { x: wrong })).toThrow('The lexicon has');
    expect(() => parse('x', 'x')).toThrow('lexicon is "x", but it must be an object, a Map or a function');
    expect(() => parse('… !', lexicon)).toThrow('there is nothing to say');
  });
});
