/** Alignment with the bundled model: how far edges are from those by which clips were joined, and long audio in pieces. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClipErrors, clipErrors, type EDGE_RULES, edgeErrors } from '../../bench/align/accuracy.ts';
import { align } from '../../src/align/align.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { clipFolder, modelFolder } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { joinedClips, joinWords, readSpokenWords, type BankWord } from '../helpers/joined-words.ts';

let release: () => void;
let recognizer: AutomaticSpeechRecognitionPipeline;
let voices: BankWord[][];

beforeAll(async () => {
  release = await shareTestContext();
  recognizer = await pipeline('automatic-speech-recognition', modelFolder);
  voices = await readSpokenWords();
});
afterAll(async () => {
  await recognizer.dispose();
  release();
});

describe('edges of words', () => {
  const clips: ClipErrors[] = [];
  // Seconds on a machine with nothing else to do.
  beforeAll(async () => {
    for (const clip of joinedClips(voices, 18)) clips.push(await clipErrors(recognizer, clip));
  }, 600_000);
  const errorsOf = (rule: (typeof EDGE_RULES)[number]) => edgeErrors(clips.flatMap((clip) => clip[rule]));

  test('with the default rule are 50 ms from the truth at most, on average', () => {
    expect(errorsOf('extended').mean).toBeLessThanOrEqual(50);
    expect(errorsOf('extended').edgeCount).toBeGreaterThan(100);
  });

  test('at pauses are 30 ms from the truth at most, and half of them 12 ms', () => {
    expect(errorsOf('audio').mean).toBeLessThanOrEqual(30);
    expect(errorsOf('audio').median).toBeLessThanOrEqual(12);
  });

  test('are nearer than those of tokens alone', () => {
    expect(errorsOf('frames').mean).toBeGreaterThan(1.2 * errorsOf('extended').mean);
  });
});

test('audio in pieces is aligned as in one, and samples of all of it are heard', async () => {
  const [voice = []] = voices;
  const { samples, text } = joinWords(voice, { seed: 4, wordCount: 9 });
  const whole = await align(recognizer, samples, text, { boundaries: 'audio', chunk_length_s: 0 });
  const inPieces = await align(recognizer, samples, text, { boundaries: 'audio', chunk_length_s: 2 });
  expect(inPieces.duration).toBeCloseTo(samples.length / 16_000, 9);
  expect(whole.duration).toBe(inPieces.duration);
  expect(inPieces.frames).toBe(whole.frames);
  for (const [index, { start, end }] of inPieces.words.entries()) {
    expect(Math.abs(start - (whole.words[index]?.start ?? NaN))).toBeLessThan(0.06);
    expect(Math.abs(end - (whole.words[index]?.end ?? NaN))).toBeLessThan(0.06);
  }
});

test('the text of a recognition is aligned where it was read', async () => {
  const file = `${clipFolder}zero-nine-two-two-eight-three-four.wav`;
  const { text, chunks = [] } = await recognizer(file, { return_timestamps: 'word' });
  const { words, score, utterances, duration } = await align(recognizer, file, text, {
    boundaries: 'frames',
  });
  expect(duration).toBeCloseTo(3.21, 2);
  expect(words.map((word) => word.text)).toEqual(chunks.map((chunk) => chunk.text));
  for (const [index, { start, end }] of words.entries()) {
    // The times of chunks count from the start of frames.
    expect(start).toBeCloseTo((chunks[index]?.timestamp[0] ?? NaN) + 0.0025, 9);
    expect(end).toBeCloseTo((chunks[index]?.timestamp[1] ?? NaN) + 0.0025, 9);
  }
  expect(score).toBeGreaterThan(0.9);
  expect(utterances).toHaveLength(1);
});
