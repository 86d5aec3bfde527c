/** Feature extraction with tiny models: the numbers of the reference, batches, options, inputs and errors. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProgressInfo } from '../../src/base/files.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { FeatureExtractionPipeline } from '../../src/pipelines/feature-extraction.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { clipFolder } from '../helpers/clips.ts';
import { relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { readPipelineGoldens, samplesOf } from '../helpers/pipeline-goldens.ts';

const damagedFile = path.join(import.meta.dirname, '../audio/clips/flac-one-byte-55pct.flac');
let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

/** Largest difference of elements, relative to the largest of them. */
const errorOf = (actual: Tensor | undefined, expected: readonly number[]): number =>
  actual === undefined
    ? Infinity
    : relativeError(
        new Tensor('float32', Float32Array.from(actual.data, Number), [actual.size]),
        new Tensor('float32', Float32Array.from(expected), [expected.length]),
      );

describe.each(readPipelineGoldens())('$folder', ({ folder, clips }) => {
  let extract: FeatureExtractionPipeline;
  beforeAll(async () => {
    // A folder without the files of a tokenizer, and a head that is left out.
    extract = await pipeline('feature-extraction', folder, { progress_callback: () => undefined });
  });
  afterAll(() => extract.dispose());

  test.each(clips)('clip $item: the hidden states of the reference, and their mean', async (clip) => {
    const features = await extract(samplesOf(clip));
    expect(features.dims).toEqual([1, clip.frameCount, 24]);
    const frames = features.at(0);
    for (const [index, frame] of [0, 1, clip.frameCount - 1].entries())
      expect(errorOf(frames.at(frame), clip.frames[index] ?? [])).toBeLessThan(1e-5);
    const mean = await extract(samplesOf(clip), { pooling: 'mean' });
    expect(mean.dims).toEqual([1, 24]);
    expect(errorOf(mean, clip.mean)).toBeLessThan(1e-5);
    const length = Math.hypot(...clip.mean);
    const unit = await extract(samplesOf(clip), { pooling: 'mean', normalize: true });
    expect(
      errorOf(
        unit,
        clip.mean.map((value) => value / length),
      ),
    ).toBeLessThan(1e-5);
  });

  test('a list: a tensor for each clip, or one of all means', async () => {
    const list = clips.map(samplesOf);
    const features = await extract(list);
    expect(features.map(({ dims }) => dims)).toEqual(clips.map(({ frameCount }) => [1, frameCount, 24]));
    const means = await extract(list, { pooling: 'mean' });
    expect(means.dims).toEqual([clips.length, 24]);
    for (const [row, { mean }] of clips.entries()) expect(errorOf(means.at(row), mean)).toBeLessThan(1e-5);
    expect(await extract([])).toEqual([]);
    expect(await extract([], { pooling: 'mean' })).toMatchObject({ dims: [0, 24] });
  });
});

describe('a model with layer norm', () => {
  const [{ folder, clips } = { folder: '', clips: [] }] = readPipelineGoldens();
  const events: ProgressInfo[] = [];
  let extract: FeatureExtractionPipeline;
  beforeAll(async () => {
    extract = await pipeline('embeddings', folder, { progress_callback: (info) => events.push(info) });
  });
  afterAll(() => extract.dispose());

  test('tells what it loaded, and opens no file of a tokenizer', () => {
    expect(extract.task).toBe('feature-extraction');
    expect(extract.processor.tokenizer).toBeUndefined();
    expect(events.at(-1)).toEqual({ status: 'ready', task: 'feature-extraction', model: folder });
    const files = events.flatMap((info) => ('file' in info && info.status === 'initiate' ? [info.file] : []));
    expect(files.sort()).toEqual(['config.json', 'model.safetensors', 'preprocessor_config.json']);
  });

  test('a batch gives each clip what it gives alone: padding counts for nothing', async () => {
    const list = clips.map(samplesOf);
    const alone = await extract(list, { normalize: true });
    const together = await extract(list, { normalize: true, batch_size: 3 });
    for (const [index, features] of together.entries()) {
      const expected = alone[index];
      if (expected === undefined) throw new Error('fewer clips');
      expect(relativeError(features, expected)).toBeLessThan(1e-5);
      // Each owns its memory, or it could not be handed over to another thread.
      expect(features.data.buffer.byteLength).toBe(features.data.byteLength);
    }
    const means = await extract(list, { pooling: 'mean', batch_size: 2 });
    for (const [row, { mean }] of clips.entries()) expect(errorOf(means.at(row), mean)).toBeLessThan(1e-5);
  });

  test('every vector of normalised frames has a length of one', async () => {
    const [clip] = clips;
    if (clip === undefined) throw new Error('no clip');
    const features = (await extract(samplesOf(clip), { normalize: true })).at(0);
    for (let frame = 0; frame < clip.frameCount; frame++)
      expect(Math.hypot(...features.at(frame).data)).toBeCloseTo(1, 6);
  });

  test('files, samples with a rate, and damaged files, which warn', async () => {
    const raw = new Float32Array(3200).map((_, index) => Math.sin(index));
    // A row of a data set has further keys.
    const row = { raw, sampling_rate: 8000, id: 7 };
    expect((await extract(row)).dims[1]).toBe(extract.model.config.frameCount(6400));
    const [whole, damaged] = await extract([`${clipFolder}yes-five.flac`, damagedFile]);
    expect(whole?.dims).toEqual(damaged?.dims);
    expect(events.filter(({ status }) => status === 'warning')).toMatchObject([
      { code: 'damaged-audio', message: expect.stringContaining(`${damagedFile}: 0.26 s of it`) as string },
    ]);
  });

  test.each([
    [
      { pooling: 'cls' },
      'bad-option',
      'pooling is "cls", but of audio there is only the mean of all frames. Set it to \'mean\'',
    ],
    [{ normalize: 1 }, 'bad-option', 'normalize is 1'],
    [{ batch_size: 0 }, 'bad-option', 'batch_size is 0'],
    [{ chunk_length_s: 5 }, 'bad-option', 'A feature extraction call has no option "chunk_length_s"'],
    [{ quantize: true }, 'bad-option', 'has no option "quantize"'],
  ])('refuses %j', async (options, code, message) => {
    const refused = expect(extract(new Float32Array(400), options as object)).rejects;
    await refused.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  test('refuses what is no audio, and runs on', async () => {
    for (const [audio, code] of [
      [5, 'bad-input'],
      [new Float32Array(5), 'bad-audio'],
      ['missing.wav', 'not-found'],
      [{ raw: new Float32Array(400), sampling_rate: 16_000, stride: [0, 100] }, 'bad-input'],
    ] as const)
      await expect(extract(audio as never)).rejects.toMatchObject({ code });
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(extract(new Float32Array(400), { signal })).rejects.toBe(reason);
    expect((await extract(new Float32Array(400))).dims[0]).toBe(1);
  });
});

test('a folder that does not say how audio is prepared is an error in one sentence', async () => {
  const [{ folder } = { folder: '' }] = readPipelineGoldens();
  const copy = await mkdtemp(path.join(tmpdir(), 'no-preprocessor-'));
  try {
    await cp(folder, copy, { recursive: true });
    await rm(path.join(copy, 'preprocessor_config.json'));
    await expect(pipeline('feature-extraction', copy)).rejects.toMatchObject({
      code: 'not-found',
      sentence: `${copy} has neither processor_config.json nor preprocessor_config.json.`,
    });
  } finally {
    await rm(copy, { recursive: true });
  }
});

test('is made of parts, which are checked', async () => {
  const [{ folder } = { folder: '' }] = readPipelineGoldens();
  await using extract = await pipeline('feature-extraction', folder);
  const { model, processor } = extract;
  const again = new FeatureExtractionPipeline({ model, processor });
  expect((await again(new Float32Array(400))).dims[2]).toBe(24);
  expect(() => new FeatureExtractionPipeline({ model: {} as never, processor })).toThrow(
    'a model without head',
  );
  expect(() => new FeatureExtractionPipeline({ model, processor: {} as never })).toThrow(
    'a Wav2Vec2Processor',
  );
});
