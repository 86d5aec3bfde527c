/** A clip as the bodies of the contract: formats, roundings, segments. */
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { TranscribedClip, TranscribedUnit } from '../src/engine/transcription-job.ts';
import { answerBody, type ShownRequest, type VerboseTranscript } from '../src/http/transcript-bodies.ts';

const unit = (text: string, start: number, end: number): TranscribedUnit => ({
  text,
  start,
  end,
  probability: 0.5,
});

/** Three words, a pause of 0.7 s, and two more. */
const clip: TranscribedClip = {
  text: 'ONE TWO THREE FOUR FIVE',
  durationSeconds: 4.00049,
  words: [
    unit('ONE', 0.0204, 0.3),
    unit('TWO', 0.4, 0.62),
    unit('THREE', 0.7, 1.1),
    unit('FOUR', 1.8, 2.1006),
    unit('FIVE', 2.2, 2.5),
  ],
  tokens: [
    { id: 7, token: 'O', start: 0.0204, end: 0.1, logprob: -0.5 },
    { id: 8, token: 'T', start: 0.4, end: 0.5, logprob: -1.5 },
    { id: 9, token: 'F', start: 1.8, end: 1.9, logprob: -0.25 },
  ],
  warnings: [],
  stages: { decode: 0, queue: 0, engine: 0 },
};
const request = (changes: Partial<ShownRequest>): ShownRequest => ({
  format: 'json',
  granularities: [],
  withLogprobs: false,
  language: undefined,
  pauseSeconds: undefined,
  ...changes,
});
const bodyOf = (changes: Partial<ShownRequest>, of = clip, languages: readonly string[] = []) =>
  answerBody(of, request(changes), languages);
const verboseOf = (changes: Partial<ShownRequest>, of = clip, languages: readonly string[] = []) =>
  JSON.parse(bodyOf({ format: 'verbose_json', ...changes }, of, languages).text) as VerboseTranscript;

test('json has the text and what it was of', () => {
  const { contentType, text } = bodyOf({});
  expect(contentType).toBe('application/json');
  expect(JSON.parse(text)).toEqual({
    text: 'ONE TWO THREE FOUR FIVE',
    usage: { type: 'duration', seconds: 4 },
  });
});

test('logprobs are an entry for each token, with its bytes', () => {
  const tokens = [{ id: 1, token: 'é', start: 0, end: 1, logprob: -0.1 }];
  const { logprobs } = JSON.parse(bodyOf({ withLogprobs: true }, { ...clip, tokens }).text) as {
    logprobs: unknown;
  };
  expect(logprobs).toEqual([{ token: 'é', logprob: -0.1, bytes: [0xc3, 0xa9] }]);
});

test('text is the text and one line feed, even of silence', () => {
  expect(bodyOf({ format: 'text' })).toEqual({
    contentType: 'text/plain; charset=utf-8',
    text: 'ONE TWO THREE FOUR FIVE\n',
  });
  expect(bodyOf({ format: 'text' }, { ...clip, text: '' }).text).toBe('\n');
});

test('segments are cut at a pause of 0.6 s, with all ten fields', () => {
  const { segments, words } = verboseOf({ granularities: ['segment'] });
  expect(words).toBeUndefined();
  expect(segments).toEqual([
    {
      id: 0,
      seek: 0,
      start: 0.02,
      end: 1.1,
      text: 'ONE TWO THREE',
      tokens: [7, 8],
      temperature: 0,
      avg_logprob: -1,
      compression_ratio: 13 / deflateSync('ONE TWO THREE').byteLength,
      no_speech_prob: 0,
    },
    {
      id: 1,
      seek: 0,
      start: 1.8,
      end: 2.5,
      text: 'FOUR FIVE',
      tokens: [9],
      temperature: 0,
      avg_logprob: -0.25,
      compression_ratio: 9 / deflateSync('FOUR FIVE').byteLength,
      no_speech_prob: 0,
    },
  ]);
});

test('a request may say how long a pause ends a caption or segment', () => {
  const pauseSeconds = 0.75;
  expect(verboseOf({ granularities: ['segment'], pauseSeconds }).segments).toHaveLength(1);
  for (const format of ['srt', 'vtt'] as const)
    expect(bodyOf({ format, pauseSeconds }).text.match(/ --> /g)).toHaveLength(1);
});

test('words come where they were asked for, rounded to a millisecond', () => {
  const { segments, words } = verboseOf({ granularities: ['word'] });
  expect(segments).toBeUndefined();
  expect(words?.[0]).toEqual({ word: 'ONE', start: 0.02, end: 0.3, probability: 0.5 });
  expect(words?.[3]).toEqual({ word: 'FOUR', start: 1.8, end: 2.101, probability: 0.5 });
});

test('times lie in the clip and never go back, whatever rounding does', () => {
  const words = [unit('A', 0.5, 0.4), unit('B', 0.3, 5), unit('C', 9, 10)];
  expect(verboseOf({ granularities: ['word'] }, { ...clip, durationSeconds: 4, words }).words).toEqual([
    { word: 'A', start: 0.5, end: 0.5, probability: 0.5 },
    { word: 'B', start: 0.5, end: 4, probability: 0.5 },
    { word: 'C', start: 4, end: 4, probability: 0.5 },
  ]);
});

test('duration is a number; the language is that of the request, else the only one of the model', () => {
  expect(verboseOf({}).duration).toBe(4);
  expect(verboseOf({ language: 'de' }, clip, ['en']).language).toBe('de');
  expect(verboseOf({}, clip, ['en']).language).toBe('en');
  expect(verboseOf({}, clip, ['en', 'de']).language).toBe('');
  expect(verboseOf({}).language).toBe('');
});

test('phonemes have their own list, and make segments where there are no words', () => {
  const { words: _, ...wordless } = clip;
  const ofPhonemes = { ...wordless, text: 'w ʌ', characters: [unit('w', 0.1, 0.2), unit('ʌ', 0.2, 0.3)] };
  const { phonemes, segments } = verboseOf({ granularities: ['phoneme', 'segment'] }, ofPhonemes);
  expect(phonemes?.map(({ phoneme }) => phoneme)).toEqual(['w', 'ʌ']);
  expect(segments?.map(({ text }) => text)).toEqual(['w ʌ']);
});

test('srt and vtt have a caption for each segment, and none for silence', () => {
  expect(bodyOf({ format: 'srt' })).toEqual({
    contentType: 'text/plain; charset=utf-8',
    text: '1\n00:00:00,020 --> 00:00:01,100\nONE TWO THREE\n\n2\n00:00:01,800 --> 00:00:02,800\nFOUR FIVE\n',
  });
  const { contentType, text } = bodyOf({ format: 'vtt' });
  expect(contentType).toBe('text/vtt; charset=utf-8');
  expect(text).toBe(
    'WEBVTT\n\n00:00:00.020 --> 00:00:01.100\nONE TWO THREE\n\n00:00:01.800 --> 00:00:02.800\nFOUR FIVE\n',
  );
  const silence = { ...clip, text: '', words: [] };
  expect(bodyOf({ format: 'srt' }, silence).text).toBe('');
  expect(bodyOf({ format: 'vtt' }, silence).text).toMatch(/^WEBVTT\n\n?$/);
});

test('text that is markup in a vtt file is escaped', () => {
  const words = [unit('a<b', 0, 0.4), unit('-->', 0.5, 0.8), unit('c&d', 0.9, 1.2)];
  expect(bodyOf({ format: 'vtt' }, { ...clip, text: 'a<b --> c&d', words }).text).toMatch(
    /\na&lt;b --&gt; c&amp;d\n$/,
  );
});

test('a caption has at most 84 characters and 7 seconds, and stays for a second where the next one allows', () => {
  const words = Array.from({ length: 60 }, (_, index) =>
    unit(`WORD${index}`, index * 0.4, index * 0.4 + 0.2),
  );
  const { text } = bodyOf({ format: 'srt' }, { ...clip, durationSeconds: 30, words });
  const cues = text.trim().split('\n\n');
  expect(cues.length).toBeGreaterThan(3);
  for (const cue of cues) {
    const [, times = '', ...lines] = cue.split('\n');
    expect(lines.join(' ').length).toBeLessThanOrEqual(84);
    const [from = 0, to = 0] = times.split(' --> ').map((time) => Number(time.slice(6).replace(',', '.')));
    expect(to - from).toBeLessThanOrEqual(7.001);
    expect(to - from).toBeGreaterThanOrEqual(1);
  }
});

test('a textgrid has a tier of words and, if asked, one of characters', () => {
  const { text } = bodyOf(
    { format: 'textgrid', granularities: ['char'] },
    { ...clip, characters: [unit('O', 0.02, 0.1)] },
  );
  expect(text).toContain('Object class = "TextGrid"');
  expect(text).toContain('name = "words"');
  expect(text).toContain('name = "chars"');
});
