/** What the Pronounce page makes of what is typed. */
import { expect, test } from 'vitest';
import { parseLexicon, spelledOut } from '../../examples/web/pronounce/units.ts';

test('words are spelled in the case of the labels, without marks', () => {
  expect(spelledOut('Yes, five!', ['<pad>', '|', "'", 'Y', 'E', 'S', 'F', 'I', 'V'])).toBe('Y E S | F I V E');
  expect(spelledOut('é … É', ['é'])).toBe('é | é');
  expect(spelledOut(' … ', ['a'])).toBe('');
});

test('a lexicon has a word and its phonemes a line', () => {
  expect(parseLexicon('')).toBeUndefined();
  expect([...(parseLexicon('five: f aɪ v\n\n yes  j ɛ s ') ?? [])]).toEqual([
    ['five', 'f aɪ v'],
    ['yes', 'j ɛ s'],
  ]);
  expect(() => parseLexicon('five')).toThrow('The line “five” needs a word and its phonemes.');
});
