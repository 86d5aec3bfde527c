/** The three steps of speech recognition apart: pieces of a clip, logits of a batch, and the result. */
import { describe, expect, test } from 'vitest';
import { Wav2Vec2FeatureExtractor } from '../../src/audio/feature-extractor.ts';
import { Tensor } from '../../src/base/tensor.ts';
import type { OpenedAudio } from '../../src/pipelines/open-audio.ts';
import { assembleOutput } from '../../src/pipelines/recognition-output.ts';
import { cutPieces, type Piece, planCutting } from '../../src/pipelines/recognition-pieces.ts';
import type { FrameLogits } from '../../src/decode/decoder.ts';
import { runPieces } from '../../src/pipelines/run-pieces.ts';
import { listOf } from '../helpers/async-lists.ts';
import { readAudioBatch } from '../../src/speech/core/inputs.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';

const config = UniSpeechConfig.fromJson({ model_type: 'unispeech' });
const RATE = 16_000;

const samplesOf = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => index);

/** A clip that comes in blocks of 1000 samples. */
const clipOf = (length: number, stride?: readonly [number, number]): OpenedAudio => ({
  stride,
  passThrough: {},
  samples: undefined,
  startSample: 0,
  stream: {
    name: 'the audio',
    sampleRate: RATE,
    declaredSeconds: undefined,
    warnings: [],
    async *[Symbol.asyncIterator]() {
      const samples = samplesOf(length);
      for (let start = 0; start < length; start += 1000)
        yield await Promise.resolve(samples.subarray(start, start + 1000));
    },
  },
});

async function piecesOf(
  clip: OpenedAudio,
  chunkLengthSeconds?: number,
  strideSeconds?: number,
  cut: 'fixed' | 'quiet' = 'fixed',
): Promise<Piece[]> {
  const cutting = planCutting(clip, { chunkLengthSeconds, strideSeconds, cut }, config, () => 1);
  return listOf(cutPieces(clip, cutting, () => undefined));
}

describe('the pieces of a clip', () => {
  test('one piece, of which all frames count, if the length is 0 or the clip is no longer', async () => {
    for (const [length, seconds] of [
      [50_000, 0],
      [16_000, undefined],
      [16_000, 1],
    ] as const) {
      const [piece, ...others] = await piecesOf(clipOf(length), seconds);
      expect(others).toEqual([]);
      expect(piece).toEqual({ start: 0, kept: [0, config.frameCount(length)], samples: samplesOf(length) });
    }
  });

  test('a longer clip is cut by the picked length', async () => {
    expect(await piecesOf(clipOf(16_001))).toHaveLength(2);
  });

  test('a stride of the clip leaves its frames out, however long it is', async () => {
    const [piece, ...others] = await piecesOf(clipOf(32_000, [3200, 6400]));
    expect(piece?.kept).toEqual([10, 80]);
    expect(others).toEqual([]);
  });

  test.each(['fixed', 'quiet'] as const)('%s: kept frames follow each other without a gap', async (cut) => {
    const pieces = await piecesOf(clipOf(100_000), 2, 0.5, cut);
    expect(pieces.length).toBeGreaterThan(3);
    for (const [index, { start, kept, overlap, samples }] of pieces.entries()) {
      expect(samples).toEqual(samplesOf(100_000).subarray(start, start + 32_000));
      const next = pieces[index + 1];
      const end = overlap ? overlap.first : kept[1];
      if (next) expect(start + 320 * end).toBe(next.start + 320 * next.kept[0]);
    }
  });

  test('a last chunk that gives no frame is left out', async () => {
    expect(await piecesOf(clipOf(16_000 + 100), 1, 0)).toHaveLength(1);
  });

  test('pieces come while the clip does, and only what later ones need is kept', async () => {
    let givenCount = 0;
    const clip = clipOf(100_000);
    const counting = {
      ...clip,
      stream: {
        ...clip.stream,
        async *[Symbol.asyncIterator]() {
          for await (const block of clip.stream) {
            givenCount += block.length;
            yield block;
          }
        },
      },
    };
    const cutting = planCutting(
      counting,
      { chunkLengthSeconds: 1, strideSeconds: 0.25, cut: 'quiet' },
      config,
      () => 1,
    );
    for await (const { start, samples } of cutPieces(counting, cutting, () => undefined))
      expect(givenCount).toBeLessThanOrEqual(start + samples.length + 1000);
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
  ])('refuses %s', async (_, clip, seconds, message) => {
    await expect(piecesOf(clip, seconds, seconds && 0)).rejects.toThrow(message);
  });
});

describe('runPieces', () => {
  const VOCAB_SIZE = 3;
  /** Logits that count: 100 · row + frame + token / 10, of as many frames as the longest piece gives. */
  const seen: { clips: readonly Float32Array[]; signal: AbortSignal | undefined }[] = [];
  /** Tokens: 100 · row + frame. */
  const run = ({ input_values }: { input_values: unknown }, requests: readonly string[]) => {
    const clips = input_values as readonly Float32Array[];
    const frameCount = Math.max(...clips.map(({ length }) => config.frameCount(length)));
    const ids = Float32Array.from(
      { length: clips.length * frameCount },
      (_, index) => 100 * Math.floor(index / frameCount) + (index % frameCount),
    );
    const tensor = new Tensor('float32', ids, [clips.length, frameCount, 1]);
    return Promise.resolve(new Map(requests.map((name) => [name, tensor])));
  };
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
    { config, runner: { run } },
  );
  const processor = { feature_extractor: new Wav2Vec2FeatureExtractor() };

  test('what the model gets was looked at once, by the feature extractor', async () => {
    const samples = samplesOf(800);
    const pieces = [{ samples, start: 0, kept: [0, 2] as const }];
    const { isFinite } = Number;
    let count = 0;
    Number.isFinite = (value: unknown) => {
      count += 1;
      return isFinite(value);
    };
    try {
      await runPieces(pieces, { processor, model }, 'logits', undefined);
      readAudioBatch(seen.at(-1)?.clips, undefined, config);
      expect(count).toBe(samples.length);
      // Arrays of callers are looked at, whatever they were made of.
      readAudioBatch([samples], undefined, config);
      expect(count).toBe(2 * samples.length);
    } finally {
      Number.isFinite = isFinite;
    }
    samples[7] = NaN;
    await expect(runPieces(pieces, { processor, model }, 'logits', undefined)).rejects.toThrow(
      'sample 7 is NaN',
    );
    expect(() => readAudioBatch([samples], undefined, config)).toThrow('sample 7 is NaN');
  });

  test('gives each piece the logits of its kept frames, and where they begin', async () => {
    const samples = samplesOf(4000);
    const pieces: Piece[] = [
      { samples, start: 0, kept: [0, 12] },
      { samples: samples.subarray(0, 1200), start: 6400, kept: [1, 3] },
    ];
    const { signal } = new AbortController();
    const results = await runPieces(pieces, { processor, model }, 'logits', signal);
    expect(results.map(({ piece }) => piece)).toEqual(pieces);
    const [first, second] = results.map(({ frames }) => frames as FrameLogits);
    expect(first).toMatchObject({ frameCount: 12, vocabSize: VOCAB_SIZE, startSample: 0 });
    expect(first?.data).toHaveLength(12 * VOCAB_SIZE);
    expect(second).toMatchObject({ frameCount: 2, startSample: 6400 + 320 });
    expect([...(second?.data ?? [])]).toEqual([101, 101.1, 101.2, 102, 102.1, 102.2].map(Math.fround));
    // Every piece is normalised on its own, and the caller's signal goes to the model.
    expect(seen.at(-1)?.signal).toBe(signal);
    for (const row of seen.at(-1)?.clips ?? [])
      expect(row.reduce((sum, sample) => sum + sample, 0) / row.length).toBeCloseTo(0, 4);

    const tokens = await runPieces(pieces, { processor, model }, 'tokens', undefined);
    expect(tokens.map(({ frames }) => frames)).toEqual([
      { ids: Float32Array.from({ length: 12 }, (_, frame) => frame), frameCount: 12, startSample: 0 },
      { ids: Float32Array.of(101, 102), frameCount: 2, startSample: 6400 + 320 },
    ]);
  });
});

describe('assembleOutput', () => {
  const decoded = { text: 'ours' };

  test("the caller's keys are lists with an entry per piece, and never replace the result's", () => {
    const passThrough = { id: 7, text: 'theirs' };
    expect(assembleOutput({ decoded, pieceCount: 2, passThrough })).toEqual({ text: 'ours', id: [7, 7] });
  });

  test('times, timing and warnings where there are any', () => {
    const chunks = [{ text: 'A', timestamp: [0, 1] as const }];
    const timing = { audio_seconds: 0.5, run_milliseconds: 5, chunk_length_s: 0 };
    const clip = { decoded: { text: 'A', chunks }, pieceCount: 1, passThrough: {} };
    expect(assembleOutput({ ...clip, timing, warnings: ['damaged'] })).toEqual({
      text: 'A',
      chunks,
      timing,
      warnings: ['damaged'],
    });
    expect(assembleOutput({ decoded, pieceCount: 1, passThrough: {}, warnings: [] })).toEqual({
      text: 'ours',
    });
  });
});
