/** Speaker verification with tiny models: the embeddings of the reference, lists, comparisons, options and errors. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { cos_sim } from '../../src/pipelines/cosine.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { SpeakerVerificationPipeline } from '../../src/pipelines/speaker-verification.ts';
import { familyModel } from '../helpers/family-models.ts';
import { relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

describe.each(['w2v2_i_xvector_batch', 'w2v2_j_xvector_weighted', 'sat_b_xvector'])('%s', (name) => {
  const model = familyModel(name);
  const { clips, folder, golden } = model;
  const expected = golden.expected.tensor('embeddings') as Tensor<'float32'>;
  const [, width = 0] = expected.dims;
  let verify: SpeakerVerificationPipeline;
  beforeAll(async () => {
    verify = await pipeline('speaker-verification', folder);
  });
  afterAll(async () => {
    await verify.dispose();
    model[Symbol.dispose]();
  });

  // Embeddings of padded rows are others: the first row of each case is the longest.
  test('the embedding of the reference, as it is and of length 1', async () => {
    const [clip = new Float32Array()] = clips;
    const embedding = await verify(clip);
    expect(relativeError(embedding.at(0), expected.at(0))).toBeLessThan(1e-4);
    expect(await verify.embed(clip)).toEqual(embedding);
    const { data } = await verify(clip, { normalize: true });
    expect(Math.hypot(...data)).toBeCloseTo(1, 5);
    expect(cos_sim(data, embedding.data)).toBeCloseTo(1, 6);
  });

  test('a list: each clip as it is alone, however many run together', async () => {
    const list = [...clips, ...clips.slice(-1)];
    const all = await verify(list, { batch_size: 9 });
    expect(all.dims).toEqual([list.length, width]);
    for (const [row, clip] of clips.entries()) {
      const { embeddings } = await verify.model({ input_values: [clip] });
      expect(all.at(row).data).toEqual(embeddings.data);
    }
    expect(all.at(list.length - 1).data).toEqual(all.at(list.length - 2).data);
    expect(await verify([])).toMatchObject({ dims: [0, width] });
  });

  test('a comparison: the cosine of the two, and whether it reaches the threshold', async () => {
    const [a = new Float32Array()] = clips;
    const b = a.map((sample, index) => sample * Math.sin(index));
    expect(await verify.compare(a, a)).toEqual({
      similarity: expect.closeTo(1, 6) as number,
      same: true,
      threshold: 0.86,
    });
    const [first, second] = [await verify(a), await verify(b)];
    const similarity = cos_sim(first.data, second.data);
    expect(await verify.compare(a, b, { threshold: similarity - 0.01 })).toEqual({
      similarity: expect.closeTo(similarity, 6) as number,
      same: true,
      threshold: similarity - 0.01,
    });
    const { same } = await verify.compare(a, b, { threshold: Math.min(similarity + 1e-3, 1) });
    expect(same).toBe(false);
  });
});

test('refuses what it does not know, and clips that are too short', async () => {
  using model = familyModel('sat_b_xvector');
  await using verify = await pipeline('speaker-verification', model.folder);
  const audio = new Float32Array(1200);
  for (const [options, message] of [
    [{ normalize: 1 }, 'normalize is 1, but it must be true or false'],
    [{ normalise: true }, 'A speaker embedding call has no option "normalise"'],
  ] as const)
    await expect(verify(audio, options as object)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining(message) as string,
    });
  await expect(verify.compare(audio, audio, { threshold: 2 })).rejects.toMatchObject({ code: 'bad-option' });
  // The convolutions of the head need several frames.
  await expect(verify([audio, new Float32Array(300)])).rejects.toMatchObject({
    code: 'bad-audio',
    message: expect.stringContaining('is too short: 300 samples at 16000 Hz') as string,
  });
  expect((await verify(audio)).dims).toEqual([1, 14]);
  const { model: speakers, processor } = verify;
  expect(new SpeakerVerificationPipeline({ model: speakers, processor }).task).toBe('speaker-verification');
  expect(() => new SpeakerVerificationPipeline({ model: {} as never, processor })).toThrow(
    'a model of speakers',
  );
});
