/** Words from the characters of the Transcribe page. */
import { describe, expect, test } from 'vitest';
import { joinWords, type Timed, wordAt } from '../../examples/web/transcribe/alignment.ts';

const timed = (text: string, start: number, end: number): Timed => ({ text, start, end });

describe('joinWords', () => {
  const characters = [
    timed('H', 0.1, 0.12),
    timed('I', 0.2, 0.24),
    timed(' ', 0.24, 0.3),
    timed('A', 0.5, 0.52),
  ];

  test('joins characters between spaces, from the first start to the last end', () => {
    expect(joinWords(characters, false)).toEqual([
      { text: 'HI', start: 0.1, end: 0.24, firstCharacter: 0, endCharacter: 2 },
      { text: 'A', start: 0.5, end: 0.52, firstCharacter: 3, endCharacter: 4 },
    ]);
  });

  test('leaves phonemes apart', () => {
    const phonemes = [timed('h', 0, 0.1), timed('aɪ', 0.1, 0.2)];
    expect(joinWords(phonemes, true).map(({ text }) => text)).toEqual(['h', 'aɪ']);
  });

  test('makes no words of spaces at the edges or in a row', () => {
    const spaces = [timed(' ', 0, 0.1), timed('A', 0.1, 0.2), timed(' ', 0.2, 0.3), timed(' ', 0.3, 0.4)];
    expect(joinWords(spaces, false).map(({ text }) => text)).toEqual(['A']);
    expect(joinWords([], false)).toEqual([]);
  });

  test('finds the word at a time', () => {
    const words = joinWords(characters, false);
    expect([0, 0.1, 0.239, 0.24, 0.51, 9].map((seconds) => wordAt(words, seconds))).toEqual([
      undefined,
      0,
      0,
      undefined,
      1,
      undefined,
    ]);
  });
});
