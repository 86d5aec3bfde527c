/** Phonemes and pronunciation from audio to scores, with a small model of phonemes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { phones } from '../../src/phones/phones.ts';
import { pronunciation } from '../../src/phones/pronunciation.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { clipFolder, modelFolder, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { type PhonemeModel, phonemeModel } from '../helpers/phoneme-model.ts';

const clip = `${clipFolder}yes-five.flac`;
let release: () => void;
let model: PhonemeModel;
let recognize: AutomaticSpeechRecognitionPipeline;

beforeAll(async () => {
  release = await shareTestContext();
  model = phonemeModel();
  recognize = await pipeline('asr', model.folder);
});
afterAll(async () => {
  await recognize.dispose();
  model[Symbol.dispose]();
  release();
});

test('phones are those of the recognition, with its confidences, and times of half a frame later', async () => {
  const found = await phones(recognize, clip, { return_visemes: true });
  const { text, chunks } = await recognize(clip, { return_timestamps: 'char', return_confidence: true });
  expect(found.text).toBe('j ɛ s f aɪ v ɛ');
  expect(found.text).toBe(text);
  expect(found.phones).toEqual(
    chunks?.map((chunk) => ({
      text: chunk.text,
      start: expect.closeTo(chunk.timestamp[0] + 0.0025, 9) as unknown,
      end: expect.closeTo(chunk.timestamp[1] + 0.0025, 9) as unknown,
      score: expect.closeTo(chunk.confidence ?? NaN, 9) as unknown,
    })),
  );
  expect(found.visemes?.map(({ viseme }) => viseme)).toEqual(
    expect.arrayContaining(['sil', 'ih', 'E', 'SS', 'FF', 'aa']),
  );
  expect(found.visemes?.at(-1)?.end).toBe(found.seconds);
  expect(found.unknown).toEqual([]);
  // Two windows are one clip.
  const inParts = await phones(recognize, clip, { chunk_length_s: 1 });
  expect(inParts.text).toBe(found.text);
});

test('what was said scores high, and errors are found where they were made', async () => {
  const right = await pronunciation(recognize, clip, 'j ɛ s | f aɪ v ɛ');
  expect(right.heard).toBe('j ɛ s f aɪ v ɛ');
  expect(right.score).toBeGreaterThan(0.9);
  expect(right.words.map(({ text }) => text)).toEqual(['j ɛ s', 'f aɪ v ɛ']);
  expect(right.phones.map(({ error }) => error)).toEqual(new Array(7).fill(null));
  const lexicon = { yes: 'j ɛ t', five: 'f aɪ n v ɛ' };
  const wrong = await pronunciation(recognize, clip, 'Yes, five!', { lexicon, return_features: true });
  expect(wrong.phones.map(({ text, heard, error }) => [text, heard, error])).toEqual([
    ['j', 'j', null],
    ['ɛ', 'ɛ', null],
    ['t', 's', 'substitution'],
    ['f', 'f', null],
    ['aɪ', 'aɪ', null],
    ['n', null, 'deletion'],
    ['v', 'v', null],
    ['ɛ', 'ɛ', null],
  ]);
  expect(wrong.insertions).toEqual([]);
  expect(wrong.words[0]?.score).toBeLessThan(0.8);
  expect(right.score - wrong.score).toBeGreaterThan(0.2);
  expect(wrong.phones[2]?.features?.lpr.s).toBeLessThan(-2);
  const shorter = await pronunciation(recognize, clip, 'j ɛ s | f aɪ v');
  expect(shorter.insertions.map(({ text, before }) => [text, before])).toEqual([['ɛ', 6]]);
  expect(right.score - shorter.score).toBeGreaterThan(0.1);
  // Plain data, so it can be kept as it is.
  expect(structuredClone(wrong)).toEqual(wrong);
  expect(JSON.parse(JSON.stringify(right))).toEqual(right);
});

test('a model of letters, silence and a stray phoneme are errors, after which the model goes on', async () => {
  await using letters = await pipeline('asr', modelFolder);
  await expect(phones(letters, clip)).rejects.toThrow(
    'needs a model of phonemes, but this one writes letters (E, T, A',
  );
  await expect(pronunciation(letters, clip, 'j')).rejects.toMatchObject({ code: 'unsupported' });
  const samples = await readSamples(clip);
  await expect(pronunciation(recognize, samples.subarray(0, 800), 'j ɛ s')).rejects.toMatchObject({
    code: 'too-short',
  });
  await expect(pronunciation(recognize, clip, 'j ø s')).rejects.toThrow('no phoneme "ø"');
  await expect(phones(recognize, 'no-such-file.wav')).rejects.toMatchObject({ code: 'not-found' });
  const aborted = AbortSignal.abort(new Error('enough'));
  await expect(phones(recognize, clip, { signal: aborted })).rejects.toThrow('enough');
  expect((await phones(recognize, samples.subarray(0, 9600))).text).toBe('j ɛ s');
});
