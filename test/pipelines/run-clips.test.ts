/** Whole clips in batches: which clips run together, and which result belongs to which clip. */
import { expect, test } from 'vitest';
import { Wav2Vec2FeatureExtractor } from '../../src/audio/feature-extractor.ts';
import type { PreparedClip } from '../../src/pipelines/prepared-clip.ts';
import { runClips } from '../../src/pipelines/run-clips.ts';
import type { ModelInputs } from '../../src/speech/core/runner.ts';

const clip = (sampleCount: number, others?: Partial<PreparedClip>): PreparedClip => ({
  name: `clip of ${sampleCount}`,
  samples: Float32Array.from({ length: sampleCount }, (_, index) => index),
  stride: undefined,
  passThrough: {},
  ...others,
});

/** The lengths of the clips of each batch, which are its output, too. */
const batches: (readonly number[])[] = [];
const model = Object.assign(
  ({ input_values }: ModelInputs) => {
    const lengths = (input_values as readonly Float32Array[]).map(({ length }) => length);
    batches.push(lengths);
    return Promise.resolve(lengths);
  },
  { config: { minimumSampleCount: 10 } },
);
const runner = { processor: { feature_extractor: new Wav2Vec2FeatureExtractor() }, model };

async function* inTurn(clips: readonly PreparedClip[]): AsyncGenerator<PreparedClip> {
  for (const each of clips) yield await Promise.resolve(each);
}

test.each([
  [1, [[20], [10], [30], [15], [12]]],
  [2, [[20, 10], [30, 15], [12]]],
  [9, [[20, 10, 30, 15, 12]]],
])('batches of %d', async (batchSize, expected) => {
  batches.length = 0;
  const clips = [20, 10, 30, 15, 12];
  const results = await runClips(
    inTurn(clips.map((length) => clip(length))),
    runner,
    { batchSize, signal: undefined },
    (lengths, row, { samples }) => [lengths[row], samples.length],
  );
  expect(batches).toEqual(expected);
  expect(results).toEqual(clips.map((length) => [length, length]));
});

test('of one length: padding never joins a batch', async () => {
  batches.length = 0;
  const clips = [20, 20, 20, 10, 20, 20].map((length) => clip(length));
  const results = await runClips(
    inTurn(clips),
    runner,
    { batchSize: 2, signal: undefined, ofOneLength: true },
    (_lengths, _row, { samples }) => samples.length,
  );
  expect(batches).toEqual([[20, 20], [20], [10], [20, 20]]);
  expect(results).toEqual([20, 20, 20, 10, 20, 20]);
});

test.each([
  [clip(9), 'bad-audio', 'clip of 9 is too short: 9 samples at 16000 Hz, this model needs at least 10.'],
  [clip(20, { stride: [0, 5] }), 'bad-input', 'clip of 20 has a stride'],
])('refuses %#, when its turn comes', async (wrong, code, message) => {
  batches.length = 0;
  const running = runClips(
    inTurn([clip(20), wrong]),
    runner,
    { batchSize: 1, signal: undefined },
    () => undefined,
  );
  await expect(running).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  expect(batches).toEqual([[20]]);
});
