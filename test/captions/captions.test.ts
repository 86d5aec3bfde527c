/** Captions and data, as the formats have them, from words and from characters. */
import { describe, expect, test } from 'vitest';
import type { TimedText } from '../../src/base/timed-text.ts';
import { toCues as cuesOf } from '../../src/captions/cues.ts';
import { toJson } from '../../src/captions/json.ts';
import { toSrt as srtOf } from '../../src/captions/srt.ts';
import { formatTimecode } from '../../src/captions/timecode.ts';
import { type TimedTranscript, wordsOf } from '../../src/captions/transcript.ts';
import { toVtt as vttOf } from '../../src/captions/vtt.ts';

const timed = (text: string, start: number, end: number): TimedText => ({ text, timestamp: [start, end] });
/** A word of 0.3 s every half second. */
const speech = (text: string, from = 0): TimedText[] =>
  text.split(' ').map((word, index) => timed(word, from + index / 2, from + index / 2 + 0.3));

const transcript = (words: readonly TimedText[]): TimedTranscript => ({
  text: words.map(({ text }) => text).join(' '),
  chunks: words,
});
const toCues = (words: readonly TimedText[]) => cuesOf(transcript(words));
const toSrt = (words: readonly TimedText[]) => srtOf(transcript(words));
const toVtt = (words: readonly TimedText[]) => vttOf(transcript(words));

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
    audio_seconds: 1.94006,
    model: 'models/tiny',
    text: 'YES',
    chunks: [timed('YES', 0.1 + 0.2, 0.5)],
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

test('JSON has what is given, and refuses a transcript without times', () => {
  expect(JSON.parse(toJson({ text: '', chunks: [] }))).toEqual({ text: '', chunks: [] });
  expect(() => toJson({ text: 'YES' })).toThrow("return_timestamps: 'word'");
  expect(() => toJson({ text: 'A', chunks: [timed('A', 0, 1)], characters: [timed('A', 0, NaN)] })).toThrow(
    'Chunk 0 of the transcript',
  );
});

describe('words of a transcript', () => {
  const words = (text: string, chunks: readonly TimedText[]) => wordsOf({ text, chunks });

  test('characters are joined between spaces, from the first start to the last end', () => {
    const characters = [
      timed(' ', 0, 0.1),
      timed('H', 0.1, 0.12),
      timed('I', 0.2, 0.24),
      timed(' ', 0.24, 0.3),
      timed(' ', 0.3, 0.4),
      timed('A', 0.5, 0.52),
    ];
    expect(words('HI A', characters)).toEqual([
      { text: 'HI', start: 0.1, end: 0.24 },
      { text: 'A', start: 0.5, end: 0.52 },
    ]);
    // A single word has no space that tells; its text does, whatever its case.
    expect(words('hi', characters.slice(1, 3))).toEqual([{ text: 'HI', start: 0.1, end: 0.24 }]);
    expect(srtOf({ text: 'HI A', chunks: characters })).toContain('\nHI A\n');
  });

  test('phonemes and words stay apart', () => {
    expect(words('h aɪ', [timed('h', 0, 0.1), timed('aɪ', 0.1, 0.2)]).map(({ text }) => text)).toEqual([
      'h',
      'aɪ',
    ]);
    expect(words('YES', [timed('YES', 0, 0.1)])).toEqual([{ text: 'YES', start: 0, end: 0.1 }]);
    expect(words(' A B', [timed(' A', 0, 1), timed(' B', 1, 2)]).map(({ text }) => text)).toEqual(['A', 'B']);
  });

  test('line ends in a word do not end its caption', () => {
    expect(srtOf({ text: 'A\n\nB', chunks: [timed('A\n\nB', 0, 1)] })).toBe(
      '1\n00:00:00,000 --> 00:00:01,000\nA B\n',
    );
  });

  test.each([
    ['no transcript', undefined, /Captions got undefined, expected a transcript/],
    ['a list of chunks', [timed('A', 0, 1)], /expected a transcript: \{ text, chunks \}/],
    ['a transcript without times', { text: 'A' }, /chunks are undefined.*return_timestamps: 'word'/],
    ['text without chunks', { text: 'A', chunks: [] }, /expected a list with the times of its text/],
    ['a hole', { text: 'A', chunks: new Array(1) }, /Chunk 0 of the transcript is undefined/],
    ['times that are not numbers', { text: 'A', chunks: [timed('A', NaN, 1)] }, /timestamp: \[NaN, 1\]/],
    ['times without an end', { text: 'A', chunks: [timed('A', 0, Infinity)] }, /timestamp: \[0, Infinity\]/],
    ['an open end', { text: 'A', chunks: [{ text: 'A', timestamp: [0, null] }] }, /timestamp: \[0, null\]/],
    ['an end before its start', { text: 'A', chunks: [timed('A', 2, 1)] }, /"A", is from 2 to 1 s/],
    [
      'times that go back',
      { text: 'A B', chunks: [timed('A', 2, 3), timed('B', 1, 4)] },
      /Chunk 1 of the transcript, "B", is from 1 to 4 s.*the last chunk, 2 s/,
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => wordsOf(value as TimedTranscript)).toThrow(message);
  });
});
