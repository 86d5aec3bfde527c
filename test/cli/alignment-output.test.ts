import { describe, expect, test } from 'vitest';
import type { Alignment } from '../../src/align/alignment.ts';
import { formatAlignment, notesOf } from '../../src/cli/alignment-output.ts';
import { readLexicon } from '../../src/cli/lexicon-file.ts';

const token = { score: 0.9, log_prob: -0.1, start_frame: 0, end_frame: 1, char_start: 0, char_end: 1 };
const word = { first_token: 0, token_count: 1 };
const alignment: Alignment = {
  text: 'Hi \u001b[2J — 4',
  words: [
    { ...word, text: 'Hi', start: 0.1, end: 0.4, score: 0.987654, char_start: 0, char_end: 2 },
    { ...word, text: '\u001b[2J', start: 0.4, end: 0.6, score: null, char_start: 3, char_end: 7 },
    { ...word, text: '—', start: 0.6, end: 0.7, score: null, char_start: 8, char_end: 9, inferred: true },
  ],
  tokens: [
    { ...token, id: 5, text: 'H', start: 0.1, end: 0.2, word: 0 },
    { ...token, id: 4, text: '|', start: 0.2, end: 0.3, word: null },
    { ...token, id: 9, text: 'J', start: 0.4, end: 0.5, word: 1 },
  ],
  utterances: [
    {
      text: 'Hi \u001b[2J —',
      start: 0.1,
      end: 0.7,
      score: 0.9,
      confidence: 0.8,
      char_start: 0,
      char_end: 9,
      first_word: 0,
      word_count: 3,
    },
  ],
  unaligned: [
    { text: '—', char_start: 8, char_end: 9, word: 2, reason: 'no-token' },
    ...['1', '2', '3', '4\u202e'].map((text) => ({
      text,
      char_start: 10,
      char_end: 11,
      word: 3,
      reason: 'unknown' as const,
    })),
  ],
  untranscribed: [{ start: 1, end: 2.345, text: 'FIVE' }],
  score: 0.9,
  log_prob: -3,
  boundaries: 'extended',
  duration: 2.5,
  frames: 124,
};
const formatted = (format: Parameters<typeof formatAlignment>[1]['format'], karaoke = false): string =>
  formatAlignment(alignment, { format, audio: 'dir/my talk.wav', karaoke }, false);

describe('the formats of an alignment', () => {
  test('text is a row for each word', () => {
    expect(formatted('text')).toBe(
      '0.100  0.400     0.9877  Hi\n0.400  0.600          -  \\x1b[2J\n0.600  0.700  (between)  —\n',
    );
    expect(
      formatAlignment({ ...alignment, words: [] }, { format: 'text', audio: 'a', karaoke: false }, false),
    ).toBe('');
  });

  test('json is the whole result with the name of the audio', () => {
    expect(JSON.parse(formatted('json'))).toEqual({ audio: 'dir/my talk.wav', ...alignment });
  });

  test('TextGrid has tiers of words, characters and utterances, up to the end of the audio', () => {
    const grid = formatted('textgrid');
    expect(Array.from(grid.matchAll(/name = "(.*)"/g), ([, name]) => name)).toEqual([
      'words',
      'characters',
      'utterances',
    ]);
    expect(grid).toContain('xmax = 2.5');
    expect(grid).not.toContain('"|"');
    expect(formatAlignment(alignment, { format: 'textgrid', audio: 'a', karaoke: false }, true)).toContain(
      '"phones"',
    );
  });

  test('the others are those of the captions', () => {
    expect(formatted('srt')).toMatch(/^1\n00:00:00,100 --> /);
    expect(formatted('vtt', true)).toContain('<00:00:00.400>');
    expect(formatted('vtt')).not.toContain('<00:');
    expect(formatted('ctm').split('\n')[0]).toBe('my_talk 1 0.100 0.300 Hi 0.9877');
    const spaced = {
      ...alignment,
      words: [{ ...word, text: 'h ə', start: 0, end: 1, score: 1, char_start: 0, char_end: 3 }],
    };
    expect(formatAlignment(spaced, { format: 'ctm', audio: 'a', karaoke: false }, true)).toBe(
      'a 1 0.000 1.000 h_ə 1.0000\n',
    );
    expect(formatted('eaf')).toMatch(/MEDIA_URL="dir\/my talk.wav"[^]*TIER_ID="words"[^]*>Hi</);
    expect(formatted('audacity').split('\n')[0]).toBe('0.100000\t0.400000\tHi');
  });

  test('nothing in them is obeyed by a terminal', () => {
    for (const format of ['text', 'json', 'srt', 'vtt', 'ctm', 'audacity', 'textgrid', 'eaf'] as const)
      expect(formatted(format)).not.toMatch(/\p{Cc}(?<![\n\t])|\p{Bidi_Control}/u);
  });

  test('notes tell what has no counterpart', () => {
    expect(notesOf(alignment)).toEqual([
      'the model has no tokens for "1", "2", "3", and 1 more',
      'speech that the text lacks: "FIVE" from 1.00 to 2.35 s',
    ]);
    expect(notesOf({ ...alignment, unaligned: [], untranscribed: [] })).toEqual([]);
    const untranscribed = [{ start: 0, end: 9, text: 'x'.repeat(100_000) }];
    expect(notesOf({ ...alignment, untranscribed }).join('').length).toBeLessThan(200);
  });
});

describe('a file of pronunciations', () => {
  test('has a word and its phonemes on each line; comments and later pronunciations are left out', () => {
    expect([...readLexicon(';;; CMUdict\r\nhello\th ə l oʊ\n\n  world  w ɜː  l d\nhello h ɛ l oʊ')]).toEqual([
      ['hello', ['h', 'ə', 'l', 'oʊ']],
      ['world', ['w', 'ɜː', 'l', 'd']],
    ]);
  });
  test('probabilities of MFA are left out, and variants of CMUdict are later pronunciations', () => {
    const mfa = 'the\t0.99\t0.17\t1.0\t1.02\tð ə\nthe\t0.5\tð iː';
    const cmu = 'A  AH0\nA(1)  EY1\nTOMATO(2)  T AH0\n(1)  W AH1 N';
    // X-SAMPA has vowels that are digits.
    expect([...readLexicon(`${mfa}\n${cmu}\neuh 2`)]).toEqual([
      ['the', ['ð', 'ə']],
      ['A', ['AH0']],
      ['TOMATO', ['T', 'AH0']],
      ['(1)', ['W', 'AH1', 'N']],
      ['euh', ['2']],
    ]);
    expect(() => readLexicon('word 0.5 1.0')).toThrow('Line 1 of the lexicon is "word" alone');
  });
  test('a word without phonemes is an error with its line', () => {
    expect(() => readLexicon('a b\nword')).toThrow('Line 2 of the lexicon is "word" alone');
  });
});
