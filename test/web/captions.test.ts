/** Subtitles and data of the Transcribe page, as the formats have them. */
import { describe, expect, test } from 'vitest';
import { joinWords, type Timed, wordAt } from '../../examples/web/transcribe/alignment.ts';
import { formatTimecode, toCues, toJson, toSrt, toVtt } from '../../examples/web/transcribe/captions.ts';

const timed = (text: string, start: number, end: number): Timed => ({ text, start, end });
/** A word of 0.3 s every half second. */
const speech = (text: string, from = 0): Timed[] =>
  text.split(' ').map((word, index) => timed(word, from + index / 2, from + index / 2 + 0.3));

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

describe('toCues', () => {
  test('cuts lines of at most 42 characters between words, two a subtitle', () => {
    const text = 'THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND RUNS AWAY';
    const words = text.split(' ').map((word, index) => timed(word, index / 4, index / 4 + 0.2));
    const cues = toCues(words);
    const lines = cues.flatMap((cue) => cue.lines);
    expect(lines.join(' ')).toBe(text);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(42);
    expect(Math.max(...cues.map((cue) => cue.lines.length))).toBe(2);
    // A line of exactly 42 characters is full, not too long.
    expect(toCues([timed('A'.repeat(20), 0, 1), timed('B'.repeat(21), 1, 2)])[0]?.lines).toHaveLength(1);
    expect(toCues([timed('A'.repeat(20), 0, 1), timed('B'.repeat(22), 1, 2)])[0]?.lines).toHaveLength(2);
  });

  test('a word longer than a line stays whole on a line of its own', () => {
    const long = 'A'.repeat(60);
    expect(toCues([timed('SO', 0, 0.2), timed(long, 0.3, 2), timed('IT', 2.1, 2.3)])[0]?.lines).toEqual([
      'SO',
      long,
    ]);
  });

  test('pauses and seven seconds end a subtitle', () => {
    expect(toCues([...speech('ONE TWO'), ...speech('THREE', 1.8)]).map(({ lines }) => lines)).toEqual([
      ['ONE TWO'],
      ['THREE'],
    ]);
    const slow = Array.from({ length: 10 }, (_, index) => timed('A', index * 0.9, index * 0.9 + 0.5));
    for (const { start, end } of toCues(slow)) expect(end - start).toBeLessThanOrEqual(7);
  });

  test('short subtitles stay for a second, but never into the next one', () => {
    expect(toCues([timed('YES', 1, 1.1)])).toEqual([{ start: 1, end: 2, lines: ['YES'] }]);
    const cues = toCues(speech('A '.repeat(60).trim()));
    for (const [index, { end }] of cues.entries())
      expect(end).toBeLessThanOrEqual(cues[index + 1]?.start ?? Infinity);
  });
});

test('time codes round to milliseconds and carry over', () => {
  expect(formatTimecode(0, ',')).toBe('00:00:00,000');
  expect(formatTimecode(59.9996, '.')).toBe('00:01:00.000');
  expect(formatTimecode(3725.0421, ',')).toBe('01:02:05,042');
  expect(formatTimecode(100 * 3600, ',')).toBe('100:00:00,000');
});

const WORDS = [timed('YES', 0.5, 0.9), timed('FIVE', 2.5, 3.75)];

test('SubRip', () => {
  expect(toSrt(WORDS)).toBe(
    '1\n00:00:00,500 --> 00:00:01,500\nYES\n\n2\n00:00:02,500 --> 00:00:03,750\nFIVE\n',
  );
  expect(toSrt([])).toBe('');
});

test('WebVTT, with its markup escaped', () => {
  expect(toVtt(WORDS)).toBe(
    'WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nYES\n\n00:00:02.500 --> 00:00:03.750\nFIVE\n',
  );
  expect(toVtt([timed('A<B>&-->', 0, 2)])).toContain('\nA&lt;B&gt;&amp;--&gt;\n');
  expect(toVtt([])).toBe('WEBVTT\n');
});

test('JSON in the shape of the pipeline, rounded to milliseconds', () => {
  const json = toJson({
    audio: 'yes.wav',
    audioSeconds: 1.94006,
    model: 'models/tiny',
    text: 'YES',
    words: [timed('YES', 0.1 + 0.2, 0.5)],
    characters: [timed('Y', 0.1 + 0.2, 0.32)],
  });
  expect(JSON.parse(json)).toEqual({
    audio: 'yes.wav',
    audio_seconds: 1.94,
    model: 'models/tiny',
    text: 'YES',
    chunks: [{ text: 'YES', timestamp: [0.3, 0.5] }],
    characters: [{ text: 'Y', timestamp: [0.3, 0.32] }],
  });
});
