/** Captions and data, as the formats have them, from words and from characters. */
import { describe, expect, test } from 'vitest';
import type { TimedText } from '../../src/base/timed-text.ts';
import { toJson } from '../../src/captions/json.ts';
import { toSrt as srtOf } from '../../src/captions/srt.ts';
import { formatTimecode } from '../../src/captions/timecode.ts';
import type { TimedWord } from '../../src/captions/timed-words.ts';
import { type CaptionSource, type TimedTranscript, wordsOf } from '../../src/captions/transcript.ts';
import { toVtt as vttOf, type VttOptions } from '../../src/captions/vtt.ts';
import { parseVtt } from './parse-formats.ts';
import vectors from './subtitles.json' with { type: 'json' };

const timed = (text: string, start: number, end: number): TimedText => ({ text, timestamp: [start, end] });
const transcript = (words: readonly TimedText[]): TimedTranscript => ({
  text: words.map(({ text }) => text).join(' '),
  chunks: words,
});
const toSrt = (words: readonly TimedText[]) => srtOf(transcript(words));
const toVtt = (words: readonly TimedText[]) => vttOf(transcript(words));

test('time codes round to milliseconds and carry over', () => {
  expect(formatTimecode(3725.0421, ',')).toBe('01:02:05,042');
  for (const [seconds, comma, point] of vectors.formats.stamps) {
    expect(formatTimecode(Number(seconds), ',')).toBe(comma);
    expect(formatTimecode(Number(seconds), '.')).toBe(point);
  }
});

const WORDS = [timed('YES', 0.5, 0.9), timed('FIVE', 2.5, 3.75)];

test('SubRip', () => {
  expect(toSrt(WORDS)).toBe(
    '1\n00:00:00,500 --> 00:00:01,333\nYES\n\n2\n00:00:02,500 --> 00:00:03,750\nFIVE\n',
  );
  expect(toSrt([])).toBe('');
});

test('WebVTT, with its markup escaped', () => {
  expect(toVtt(WORDS)).toBe(
    'WEBVTT\n\n00:00:00.500 --> 00:00:01.333\nYES\n\n00:00:02.500 --> 00:00:03.750\nFIVE\n',
  );
  expect(toVtt([timed('A<B>&-->', 0, 2)])).toContain('\nA&lt;B&gt;&amp;--&gt;\n');
  expect(toVtt([])).toBe('WEBVTT\n');
});

describe('WebVTT with the times of words', () => {
  const karaoke = (words: readonly TimedWord[]): string => vttOf({ words }, { karaoke: true });

  test('has a time before each word that begins within its caption', () => {
    const words = vectors.cases[0]?.words.slice(0, 13) ?? [];
    const text = karaoke(
      words.map(([word, start, end]) => ({ text: `${word}`, start: Number(start), end: Number(end) })),
    );
    expect(text).toContain('\n00:00:00.010 --> 00:00:04.860\nThe <00:00:00.270>quick <00:00:00.550>brown ');
    expect(text).toContain('<00:00:01.820>over\n<00:00:02.290>a <00:00:02.600>lazy ');
    expect(parseVtt(text)).toHaveLength(1);
  });

  test('a word without a time of its own comes with the word before it, and times only rise', () => {
    const words = [
      { text: 'I', start: 1, end: 1.2 },
      { text: 'saw', start: 1, end: 1.5 },
      { text: '5', start: 1.5, end: 2, score: null, inferred: true },
      { text: '<cats>', start: 2, end: 2.5 },
      { text: 'go', start: 2.0004, end: 2.5 },
    ];
    const text = karaoke(words);
    expect(text).toBe('WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nI saw 5 <00:00:02.000>&lt;cats&gt; go\n');
    expect(parseVtt(text)).toHaveLength(1);
  });

  test('a word that begins when its caption has gone has no time', () => {
    const text = karaoke([
      { text: 'so.', start: 1, end: 1 },
      { text: 'it', start: 1, end: 1.0002 },
      { text: 'is.', start: 1.0003, end: 1.0003 },
      { text: 'it', start: 1.0003, end: 2 },
    ]);
    expect(parseVtt(text)).toHaveLength(3);
    expect(text).not.toContain('<');
  });

  test.each([
    [{ karaoke: 'yes' }, 'karaoke is "yes", but it must be true or false'],
    [{ voices: true }, 'toVtt has no option "voices". Its options are max_chars_per_line'],
  ])('refuses %o', (options, message) => {
    expect(() => vttOf({ words: [] }, options as VttOptions)).toThrow(message);
  });
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

test('JSON of words has their scores, and says which have no time of their own', () => {
  const words = [
    { text: 'I', start: 0.1 + 0.2, end: 1, score: 0.123456 },
    { text: '5', start: 1, end: 1, score: null, inferred: true },
    { text: 'is', start: 1, end: 2 },
  ];
  expect(JSON.parse(toJson({ words, audio: 'a.wav', audio_seconds: 2 }))).toEqual({
    audio: 'a.wav',
    audio_seconds: 2,
    words: [{ ...words[0], start: 0.3 }, words[1], words[2]],
  });
  expect(JSON.parse(toJson({ text: 'A', chunks: [timed('A', 0, 1)], words: [] }))).toEqual({
    text: 'A',
    chunks: [timed('A', 0, 1)],
    words: [],
  });
  expect(() => toJson({ words: [{ text: 'A', start: 1, end: 0 }] })).toThrow('Word 0 of the transcript');
});

test('JSON has what is given, and refuses a transcript without times', () => {
  const sure = { ...timed('A', 0, 1), confidence: 0.5 };
  expect(JSON.parse(toJson({ text: 'A', chunks: [sure] }))).toEqual({ text: 'A', chunks: [sure] });
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

  test('confidences become scores, but for characters that are joined', () => {
    const sure = (text: string, start: number) => ({ ...timed(text, start, start + 1), confidence: 0.5 });
    expect(words('HI A', [sure('HI', 0), { ...sure('A', 1), confidence: null }])).toEqual([
      { text: 'HI', start: 0, end: 1, score: 0.5 },
      { text: 'A', start: 1, end: 2 },
    ]);
    expect(words('HI', [sure('HI', 0)])).toEqual([{ text: 'HI', start: 0, end: 1, score: 0.5 }]);
    expect(words('HI', [sure('H', 0), sure('I', 1)])).toEqual([{ text: 'HI', start: 0, end: 2 }]);
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

  test('words of an alignment are taken as they are, in one line each', () => {
    const aligned = [
      { text: ' a\u0085\tb\u0000', start: 0, end: 1, score: 0.5 },
      { text: '\n', start: 1, end: 1 },
      { text: '5', start: 1, end: 1, score: null, inferred: true },
    ];
    expect(wordsOf({ words: aligned })).toEqual([{ ...aligned[0], text: 'a b' }, aligned[2]]);
    // Words count before chunks.
    expect(wordsOf({ text: 'A', chunks: [timed('A', 0, 1)], words: [] })).toEqual([]);
  });

  test.each([
    [{ words: 'a' }, 'The words of the transcript are "a", expected a list'],
    [{ words: new Array(1) }, 'Word 0 of the transcript is undefined, expected { text'],
    [{ words: [{ text: 'a', start: 0 }] }, 'Word 0 of the transcript is { text: "a", start: 0 }'],
    [{ words: [{ text: 'a', start: 0, end: 1, score: NaN }] }, 'score: NaN }, expected'],
    [{ words: [{ text: 'a', start: -1, end: 1 }] }, 'start: -1'],
    [
      {
        words: [
          { text: 'a', start: 1, end: 1 },
          { text: 'b', start: 0.5, end: 1 },
        ],
      },
      'Word 1 of the transcript, "b", is from 0.5 to 1 s, expected an end that is not before its start, and a start that is not before the last one, 1 s',
    ],
  ])('refuses words %#', (source, message) => {
    expect(() => wordsOf(source as CaptionSource)).toThrow(message);
  });

  test.each([
    ['no transcript', undefined, /Captions got undefined, expected a transcript/],
    ['a list of chunks', [timed('A', 0, 1)], /expected a transcript: \{ text, chunks \} or \{ words \}/],
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
      /Chunk 1 of the transcript, "B", is from 1 to 4 s.*the last one, 2 s/,
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => wordsOf(value as TimedTranscript)).toThrow(message);
  });
});
