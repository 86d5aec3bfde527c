/** The queue on a real model: a clip reads the same alone and among any others, and nobody waits for a long one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { listOf } from '../helpers/async-lists.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const goldens = readClipGoldens('demo.json');
let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
let clips: readonly Float32Array[];

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('asr', modelFolder);
  clips = await Promise.all(goldens.map(({ file }) => readSamples(clipFolder + file)));
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

/** All demo clips one after the other, again and again. */
function long(seconds: number): Float32Array {
  const all = new Float32Array(seconds * 16_000);
  for (let at = 0, index = 0; at < all.length; index += 1) {
    const clip = clips[index % clips.length] ?? new Float32Array(1);
    all.set(clip.subarray(0, all.length - at), at);
    at += clip.length;
  }
  return all;
}

test('each clip alone is the clip in any mix, with its times, to the letter', async () => {
  const random = new SeededRandom(15);
  const queue = recognize.queue({ max_batch: 4, max_batch_seconds: 20, linger_ms: 20 });
  const audio = [
    ...clips,
    long(9),
    ...clips.slice(0, 4).map((clip) => clip.subarray(0, Math.ceil(clip.length * 0.6))),
  ];
  const options = { return_timestamps: 'word', chunk_length_s: 4 } as const;
  const alone = [];
  for (const clip of audio) alone.push(await recognize(clip, options));
  expect(alone.slice(0, goldens.length).map(({ text }) => text)).toEqual(goldens.map(({ text }) => text));
  for (let round = 0; round < 2; round += 1) {
    const order = audio.map((clip, index) => ({ clip, index, place: random.uniform() }));
    order.sort((a, b) => a.place - b.place);
    const added = order.map(({ clip, index }) => ({ index, ...queue.add(clip, options) }));
    for (const { index, result, parts } of added) {
      expect(await result).toEqual(alone[index]);
      expect((await listOf(parts)).map(({ text }) => text).join('')).toBe(alone[index]?.text);
    }
  }
  await queue.close();
});

test('files go through it as well, and a damaged one costs itself alone', async () => {
  const queue = recognize.queue();
  const added = goldens.map(({ file, text }) => ({ text, ...queue.add(clipFolder + file) }));
  const missing = queue.add(`${clipFolder}missing.wav`);
  await expect(missing.result).rejects.toMatchObject({ code: 'not-found' });
  const leaving = new AbortController();
  const gone = queue.add(long(25), { chunk_length_s: 5, signal: leaving.signal });
  const parts = gone.parts[Symbol.asyncIterator]();
  expect((await parts.next()).done).toBe(false);
  leaving.abort(new Error('gone'));
  await expect(gone.result).rejects.toThrow('gone');
  for (const { text, result } of added) expect((await result).text).toBe(text);
  await queue.close();
});

test('a short clip that comes during a long one is done long before it', async () => {
  const queue = recognize.queue({ max_batch_seconds: 10 });
  const order: string[] = [];
  const whole = queue.add(long(45), { chunk_length_s: 5 });
  const done = whole.result.then(() => order.push('long'));
  const [first] = clips;
  let partCount = 0;
  for await (const { progress } of whole.parts) {
    partCount += 1;
    if (partCount > 1) continue;
    expect(progress.seconds).toBeLessThan(30);
    // Two batches may be under way before it.
    void queue.add(first).result.then(() => order.push(`short at ${partCount}`));
  }
  await done;
  expect(order[0]).toMatch(/^short at [1-6]$/);
  expect(partCount).toBeGreaterThan(7);
  await queue.close();
});
