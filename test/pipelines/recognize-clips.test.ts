/** Clips that fail among others: each fails once and alone, whatever shares its batches. A made-up model stands for the GPU. */
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { Wav2Vec2FeatureExtractor } from '../../src/audio/feature-extractor.ts';
import { Tensor } from '../../src/base/tensor.ts';
import type { DecodedText, Decoder } from '../../src/decode/decoder.ts';
import { tokensOf } from '../../src/decode/window-frames.ts';
import { batchesByLength } from '../../src/pipelines/piece-batches.ts';
import { checkRecognitionOptions } from '../../src/pipelines/recognition-options.ts';
import type { RecognitionParts } from '../../src/pipelines/read-clip.ts';
import { recognizeClips, wholeClips } from '../../src/pipelines/recognize-clips.ts';
import { type EachHost, recognizeEach } from '../../src/pipelines/recognize-each.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { listOf } from '../helpers/async-lists.ts';

const config = UniSpeechConfig.fromJson({ model_type: 'unispeech' });

/** The number of frames as text. */
class Frames implements Decoder {
  #count = 0;
  push(frames: Parameters<Decoder['push']>[0]): void {
    this.#count += tokensOf(frames).length;
  }
  take(): DecodedText {
    return { text: '' };
  }
  finish(): DecodedText {
    return { text: String(this.#count) };
  }
}

/** Of a clip that does not change, the ids are missing; a clip of one second fails. */
const run = ({ input_values }: { readonly input_values: readonly Float32Array[] }) => {
  if (input_values.some(({ length }) => length === 16_000)) return Promise.reject(new Error('too much'));
  const frameCount = Math.max(...input_values.map(({ length }) => config.frameCount(length)));
  const ids = input_values.flatMap((samples) =>
    new Array<number>(frameCount).fill(samples[0] === 0 ? -1 : 5),
  );
  const tensor = new Tensor('float32', Float32Array.from(ids), [input_values.length, frameCount, 1]);
  return Promise.resolve(new Map([['token_ids', tensor]]));
};
const recognizer = {
  model: { config, runner: { run } },
  processor: { feature_extractor: new Wav2Vec2FeatureExtractor() },
  tokenizer: { pad_token_id: 0 },
  sampleRate: 16_000,
  decoder: { reads: 'tokens', create: () => new Frames() },
  pickSeconds: () => 30,
  warn: () => undefined,
} as unknown as RecognitionParts;

const noise = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => ((i * 37) % 11) / 11);

async function* breaking(seconds: number): AsyncGenerator<Float32Array> {
  for (let second = 0; second < seconds; second += 1) yield await Promise.resolve(noise(16_001));
  throw new Error('the line is dead');
}

const recognize = (clips: readonly unknown[], options: object) => {
  const checked = checkRecognitionOptions(options, recognizer.tokenizer, recognizer.decoder);
  const limits = { maxItems: 4, maxSamples: Infinity, isOfOneLength: false, poolSamples: 1e9 };
  const parts = recognizeClips(clips, recognizer, {
    checked,
    count: clips.length,
    batches: (steps) => batchesByLength(steps, limits),
    ahead: 2,
    isolates: true,
  });
  return listOf(wholeClips(parts, (_, taken) => taken.map(({ text }) => text).join('')));
};

test('logits that are NaN, a model that fails and a stream that breaks cost their own clip alone', async () => {
  const results = await recognize(
    [noise(8000), new Float32Array(8100), noise(8200), noise(16_000), breaking(0), noise(9000)],
    {},
  );
  const found = results
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, output, error }) => `${index} ${output ?? String(error).replace(/\.? .*are/, ' are')}`);
  expect(found).toEqual([
    '0 24',
    expect.stringMatching(/^1 UniSpeechError.* are not numbers/),
    '2 25',
    '3 Error: too much',
    '4 Error: the line is dead',
    '5 27',
  ]);
});

test('a clip of many pieces fails once, and nothing comes of it afterwards', async () => {
  const options = { chunk_length_s: 1, stride_length_s: 0 };
  for (const clip of [noise(16_000 * 9), breaking(6)]) {
    const results = await recognize([noise(5000), clip, noise(6000)], options);
    expect(results.map(({ index }) => index).toSorted()).toEqual([0, 1, 2]);
    expect(results.map(({ error }) => error !== undefined).filter(Boolean)).toHaveLength(1);
  }
});

test('progress is that of clips that are longer than a piece', async () => {
  const heard = new Set<number>();
  const host: EachHost = {
    check: (options) => checkRecognitionOptions(options, recognizer.tokenizer, recognizer.decoder),
    limits: () => ({ isOfOneLength: false, sampleRate: 16_000, seconds: 30 }),
    recognize: (clips, options) => recognizeClips(clips, recognizer, options),
  };
  const lengths = [...new Array<number>(20).fill(8000), 60_000, ...new Array<number>(20).fill(9000), 40_000];
  const clips = lengths.map((length) => noise(length));
  const options = {
    chunk_length_s: 2,
    batch_size: 3,
    progress_callback: ({ index }: { readonly index: number }) => heard.add(index),
  };
  const results = await listOf(recognizeEach(host, clips, options, clips.length));
  expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
  expect([...heard]).toEqual([20, 41]);
});

test('a clip that cannot be cut as asked is ended, whatever kind of stream it is', async () => {
  const ended: string[] = [];
  const stream = new ReadableStream<Float32Array>({ cancel: () => void ended.push('stream') });
  const readable = new Readable({
    read: () => undefined,
    destroy: (_, done) => {
      ended.push('readable');
      done(null);
    },
  });
  const byHand = {
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: true as const, value: undefined }),
      return: () => Promise.resolve({ done: true as const, value: void ended.push('by hand') }),
    }),
  };
  const results = await recognize([stream, readable, byHand], { chunk_length_s: 0.001 });
  expect(results.map(({ error }) => String(error))).toEqual(
    new Array(3).fill(expect.stringMatching(/chunk_length_s/)),
  );
  expect(ended.toSorted()).toEqual(['by hand', 'readable', 'stream']);
});
