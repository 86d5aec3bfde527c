/** The three steps of speech recognition apart: pieces of a clip, logits of a batch, and the result. */
import { describe, expect, test } from 'vitest';
import { Wav2Vec2FeatureExtractor } from '../../src/audio/feature-extractor.ts';
import { Tensor } from '../../src/base/tensor.ts';
import type { PreparedClip } from '../../src/pipelines/audio-source.ts';
import { assembleOutput } from '../../src/pipelines/recognition-output.ts';
import { type Piece, planPieces } from '../../src/pipelines/recognition-pieces.ts';
import { runPieces } from '../../src/pipelines/run-pieces.ts';
import { readAudioBatch } from '../../src/speech/core/inputs.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';

const config = UniSpeechConfig.fromJson({ model_type: 'unispeech' });
const RATE = 16_000;

const clipOf = (length: number, stride?: readonly [number, number]): PreparedClip => ({
  name: 'the audio',
  samples: Float32Array.from({ length }, (_, index) => index),
  stride,
  passThrough: {},
});
const plan = (clip: PreparedClip, chunkLengthSeconds?: number, strideSeconds?: number) =>
  planPieces(clip, { chunkLengthSeconds, strideSeconds }, config, RATE);

describe('planPieces', () => {
  test('a clip as it is is one piece, of which all frames count', () => {
    const [piece, ...others] = plan(clipOf(16_000));
    expect(others).toEqual([]);
    expect(piece).toMatchObject({ start: 0, kept: [0, config.frameCount(16_000)] });
    expect(piece?.samples).toHaveLength(16_000);
  });

  test('a stride of the clip leaves its frames out', () => {
    expect(plan(clipOf(16_000, [3200, 6400]))[0]?.kept).toEqual([10, 30]);
  });

  test('chunks cover the clip: kept frames follow each other without a gap', () => {
    const pieces = plan(clipOf(100_000), 2, 0.5);
    expect(pieces.length).toBeGreaterThan(3);
    for (const [index, { start, kept, samples }] of pieces.entries()) {
      expect(samples[0]).toBe(start);
      const next = pieces[index + 1];
      if (next) expect(start + 320 * kept[1]).toBe(next.start + 320 * next.kept[0]);
    }
  });

  test('a last chunk that gives no frame is left out', () => {
    expect(plan(clipOf(16_000 + 100), 1, 0)).toHaveLength(1);
  });

  test.each([
    [
      'a clip of fewer samples than a frame takes',
      clipOf(399),
      undefined,
      /too short: 399 samples at 16000 Hz/,
    ],
    ['chunks of fewer samples than that', clipOf(800), 0.02, /gives pieces of 320 samples.*at least 400/],
    ['chunks of a clip with a stride', clipOf(800, [0, 0]), 1, /cannot be combined with chunk_length_s/],
  ])('refuses %s', (_, clip, seconds, message) => {
    expect(() => plan(clip, seconds, seconds && 0)).toThrow(message);
  });
});

describe('runPieces', () => {
  const VOCAB_SIZE = 3;
  /** Logits that count: 100 · row + frame + token / 10, of as many frames as the longest piece gives. */
  const seen: { clips: readonly Float32Array[]; signal: AbortSignal | undefined }[] = [];
  const model = Object.assign(
    (inputs: { input_values: unknown; signal?: AbortSignal }) => {
      const clips = inputs.input_values as readonly Float32Array[];
      seen.push({ clips, signal: inputs.signal });
      const frameCount = Math.max(...clips.map(({ length }) => config.frameCount(length)));
      const data = Float32Array.from({ length: clips.length * frameCount * VOCAB_SIZE }, (_, index) => {
        const row = Math.floor(index / VOCAB_SIZE / frameCount);
        return 100 * row + (Math.floor(index / VOCAB_SIZE) % frameCount) + (index % VOCAB_SIZE) / 10;
      });
      const logits = new Tensor('float32', data, [clips.length, frameCount, VOCAB_SIZE]);
      return Promise.resolve({ logits });
    },
    { config },
  );
  const processor = { feature_extractor: new Wav2Vec2FeatureExtractor() };

  test('what the model gets was looked at once, by the feature extractor', async () => {
    const { samples } = clipOf(800);
    const pieces = [{ samples, start: 0, kept: [0, 2] as const }];
    const { isFinite } = Number;
    let count = 0;
    Number.isFinite = (value: unknown) => {
      count += 1;
      return isFinite(value);
    };
    try {
      await runPieces(pieces, { processor, model }, undefined);
      readAudioBatch(seen.at(-1)?.clips, undefined, config);
      expect(count).toBe(samples.length);
      // Arrays of callers are looked at, whatever they were made of.
      readAudioBatch([samples], undefined, config);
      expect(count).toBe(2 * samples.length);
    } finally {
      Number.isFinite = isFinite;
    }
    samples[7] = NaN;
    await expect(runPieces(pieces, { processor, model }, undefined)).rejects.toThrow('sample 7 is NaN');
    expect(() => readAudioBatch([samples], undefined, config)).toThrow('sample 7 is NaN');
  });

  test('gives each piece the logits of its kept frames, and where they begin', async () => {
    const { samples } = clipOf(4000);
    const pieces: Piece[] = [
      { samples, start: 0, kept: [0, 12] },
      { samples: samples.subarray(0, 1200), start: 6400, kept: [1, 3] },
    ];
    const { signal } = new AbortController();
    const results = await runPieces(pieces, { processor, model }, signal);
    expect(results.map(({ piece }) => piece)).toEqual(pieces);
    const [first, second] = results.map(({ logits }) => logits);
    expect(first).toMatchObject({ frameCount: 12, vocabSize: VOCAB_SIZE, startSample: 0 });
    expect(first?.data).toHaveLength(12 * VOCAB_SIZE);
    expect(second).toMatchObject({ frameCount: 2, startSample: 6400 + 320 });
    expect([...(second?.data ?? [])]).toEqual([101, 101.1, 101.2, 102, 102.1, 102.2].map(Math.fround));
    // Every piece is normalised on its own, and the caller's signal goes to the model.
    expect(seen.at(-1)?.signal).toBe(signal);
    for (const row of seen.at(-1)?.clips ?? [])
      expect(row.reduce((sum, sample) => sum + sample, 0) / row.length).toBeCloseTo(0, 4);
  });
});

describe('assembleOutput', () => {
  const clip = { ...clipOf(8000), passThrough: { id: 7, text: 'theirs' } };

  test("the caller's keys are lists with an entry per piece, and never replace the result's", () => {
    expect(assembleOutput({ clip, pieceCount: 2, milliseconds: 5 }, { text: 'ours' }, undefined)).toEqual({
      text: 'ours',
      id: [7, 7],
    });
  });

  test('times, timing and warnings where there are any', () => {
    const chunks = [{ text: 'A', timestamp: [0, 1] as const }];
    const warned = { ...clip, passThrough: {}, warnings: ['damaged'] };
    expect(
      assembleOutput({ clip: warned, pieceCount: 1, milliseconds: 5 }, { text: 'A', chunks }, RATE),
    ).toEqual({
      text: 'A',
      chunks,
      timing: { audio_seconds: 0.5, run_milliseconds: 5 },
      warnings: ['damaged'],
    });
    expect(
      assembleOutput(
        { clip: { ...warned, warnings: [] }, pieceCount: 1, milliseconds: 5 },
        { text: '' },
        undefined,
      ),
    ).toEqual({ text: '' });
  });
});
