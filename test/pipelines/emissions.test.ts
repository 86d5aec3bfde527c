/** Emissions without a GPU: frames and samples that follow each other, and what their columns mean. A made-up model gives the logits. */
import { expect, test } from 'vitest';
import { Wav2Vec2FeatureExtractor } from '../../src/audio/feature-extractor.ts';
import { Tensor } from '../../src/base/tensor.ts';
import type { FrameLogits } from '../../src/decode/decoder.ts';
import { checkEmissionOptions, emissionInfoOf, emissionParts } from '../../src/pipelines/emissions.ts';
import { FrameCollector } from '../../src/pipelines/frame-collector.ts';
import { batchesInOrder } from '../../src/pipelines/piece-batches.ts';
import type { RecognitionParts } from '../../src/pipelines/read-clip.ts';
import { recognizeClips } from '../../src/pipelines/recognize-clips.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';
import { listOf } from '../helpers/async-lists.ts';

const config = UniSpeechConfig.fromJson({ model_type: 'unispeech', vocab_size: 2 });

const frames = (startSample: number, ...data: number[]): FrameLogits => ({
  data: Float32Array.from(data),
  frameCount: data.length / 2,
  vocabSize: 2,
  startSample,
});

test('frames of windows that follow each other are one part, and others parts of their own', () => {
  const collector = new FrameCollector(320);
  const first = frames(0, 1, 2, 3, 4);
  for (const window of [first, frames(640), frames(640, 5, 6), frames(1280, 7, 8)]) collector.push(window);
  first.data.fill(0);
  expect(collector.take()).toEqual([frames(0, 1, 2, 3, 4, 5, 6), frames(1280, 7, 8)]);
  expect(collector.take()).toEqual([]);
  collector.push(frames(1600, 9, 10));
  expect(collector.finish()).toEqual([frames(1600, 9, 10)]);
});

test('a logit that is NaN is an error of its frame', () => {
  const collector = new FrameCollector(320);
  expect(() => collector.push(frames(0, 1, 2, 3, NaN))).toThrow('The logits of frame 1 are not numbers');
  expect(() => collector.push({ ids: new Float32Array(2), frameCount: 2, startSample: 0 })).toThrow(
    TypeError,
  );
});

/** Each frame says where it begins. The samples are counted up, so that each says where it lies. */
const model = Object.assign(
  ({ input_values }: { readonly input_values: readonly Float32Array[] }) => {
    const [samples = new Float32Array()] = input_values;
    const count = config.frameCount(samples.length);
    const data = Float32Array.from({ length: 2 * count }, (_, index) =>
      index % 2 === 0 ? (samples[0] ?? 0) + 320 * (index / 2) : -1,
    );
    return Promise.resolve({ logits: new Tensor('float32', data, [1, count, 2]) });
  },
  { config },
);

function emissions(clip: unknown, options: object, returnsSamples = true) {
  const events = recognizeClips(
    [clip],
    {
      model,
      processor: { feature_extractor: new Wav2Vec2FeatureExtractor({ do_normalize: false }) },
      tokenizer: { pad_token_id: 1 },
      sampleRate: 16_000,
      decoder: { reads: 'logits', create: () => new FrameCollector(320) },
      pickSeconds: () => 30,
      warn: () => undefined,
    } as unknown as RecognitionParts<readonly FrameLogits[]>,
    {
      checked: checkEmissionOptions(options),
      count: undefined,
      batches: (steps) => batchesInOrder(steps, 1),
      ahead: 1,
      isolates: false,
      keepsSamples: returnsSamples,
    },
  );
  return listOf(emissionParts(events, { config }, returnsSamples));
}

const counted = Float32Array.from({ length: 50_123 }, (_, index) => index);

test.each([
  { cut: 'quiet' },
  { cut: 'fixed' },
  { cut: 'fixed', stride_length_s: 0 },
  { cut: 'quiet', stride_length_s: [0.4, 0.02] },
] as const)('frames lie where they say, and samples are those of the clip: %j', async (options) => {
  async function* blocks() {
    for (let at = 0; at < counted.length; at += 7001)
      yield await Promise.resolve(counted.subarray(at, at + 7001));
  }
  for (const clip of [counted, blocks()]) {
    const parts = await emissions(clip, { chunk_length_s: 1, ...options });
    expect(parts.length).toBeGreaterThan(3);
    const places = parts.flatMap(({ data, startSample }) =>
      [...data]
        .filter((_, index) => index % 2 === 0)
        .map((place, frame) => [place, startSample + 320 * frame]),
    );
    for (const [place, start] of places) expect(place).toBe(start);
    const isWithoutRight = options.cut === 'fixed' && 'stride_length_s' in options;
    expect(places.length).toBe(config.frameCount(counted.length) - (isWithoutRight ? 3 : 0));
    const heard = parts.flatMap(({ samples }) => [...(samples ?? [])]);
    expect(Float32Array.from(heard)).toEqual(counted);
    // Together they end where the frames do.
    let end = 0;
    for (const { samples, startSample, frameCount } of parts.slice(0, -1)) {
      end += samples?.length ?? 0;
      expect(end).toBe(startSample + 320 * frameCount);
    }
    expect(parts.at(-1)?.progress).toMatchObject({ seconds: 50_123 / 16_000, chunk_length_s: 1 });
  }
});

test('samples come only where they are asked for', async () => {
  for (const part of await emissions(counted, { chunk_length_s: 1 }, false))
    expect(part).not.toHaveProperty('samples');
});

test('options are checked', () => {
  expect(() => checkEmissionOptions({ return_timestamps: 'word' } as object)).toThrow(
    'emissions() has no option "return_timestamps"',
  );
  expect(() => checkEmissionOptions({ return_samples: 1 } as object)).toThrow('return_samples is 1');
  expect(() => checkEmissionOptions({ chunk_length_s: -1 })).toThrow('chunk_length_s is -1');
});

test('columns have the labels of the tokenizer, and empty ones where it has none', () => {
  const tokenizer = new Wav2Vec2CTCTokenizer({ '<pad>': 0, '<unk>': 1, '|': 2, a: 3 });
  const sized = UniSpeechConfig.fromJson({ model_type: 'unispeech', vocab_size: 5 });
  expect(emissionInfoOf(tokenizer, sized, 16_000)).toEqual({
    labels: ['<pad>', '<unk>', '|', 'a', '<s>'],
    blank: 0,
    word_delimiter: 2,
    unknown: 1,
    special: [4, 1, 0],
    units: 'characters',
    sampling_rate: 16_000,
    samples_per_frame: 320,
    samples_per_window: 400,
  });
  const small = UniSpeechConfig.fromJson({ model_type: 'unispeech', vocab_size: 2 });
  expect(emissionInfoOf(tokenizer, small, 16_000)).toMatchObject({
    labels: ['<pad>', '<unk>'],
    word_delimiter: null,
    special: [1, 0],
  });
  const phonemes = new Wav2Vec2PhonemeCTCTokenizer({ '<s>': 1, '<pad>': 0, '</s>': 2, '<unk>': 3, aː: 4 });
  const wide = UniSpeechConfig.fromJson({ model_type: 'unispeech', vocab_size: 7 });
  expect(emissionInfoOf(phonemes, wide, 16_000)).toMatchObject({
    labels: ['<pad>', '<s>', '</s>', '<unk>', 'aː', '', ''],
    word_delimiter: null,
    units: 'phonemes',
  });
});

test('a blank that the model has no column for is an error', () => {
  const tokenizer = new Wav2Vec2CTCTokenizer({ a: 0, b: 1, '<pad>': 2 });
  expect(() => emissionInfoOf(tokenizer, config, 16_000)).toThrow(
    'The blank of CTC is token 2, but the model has 2 tokens.',
  );
});
