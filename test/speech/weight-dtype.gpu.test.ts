/** Weights in fewer bits: the tokens stay, the memory shrinks, and the same file gives every precision. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { platform } from '#platform';
import { decodeRows, encodeRows } from '../../kernels/encode-weights.ts';
import { streamWeights, type WeightSink } from '../../src/speech/core/load-weights.ts';
import { UniSpeechModel } from '../../src/speech/unispeech-models.ts';
import { WEIGHT_FORMAT, type Dtype } from '../../src/speech/encoder/weight-dtype.ts';
import { encoderLayout } from '../../src/speech/encoder/weight-layout.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { resolveNames } from '../../src/checkpoint/names.ts';
import { clipFolder, modelFolder, readClipGoldens, readSamples } from '../helpers/clips.ts';
import { argmax, GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { isFull } from '../helpers/test-depth.ts';
import { COMMON_PIECES } from '../../src/speech/encoder/encoder.ts';

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

/** Share of frames of all demo clips whose most likely token is the reference's. */
async function agreement(dtype: Dtype): Promise<number> {
  await using recognize = await pipeline('automatic-speech-recognition', modelFolder, { dtype });
  let same = 0;
  let total = 0;
  for (const { file, ids } of readClipGoldens('demo.json')) {
    const { input_values } = await recognize.processor(await readSamples(clipFolder + file));
    const { logits } = await recognize.model({ input_values });
    const found = argmax(logits);
    expect(found).toHaveLength(ids.length);
    same += found.filter((id, frame) => id === ids[frame]).length;
    total += ids.length;
  }
  return same / total;
}

describe('tokens of the demo clips', () => {
  test.each([
    ['fp32', 1],
    ['fp16', 1],
    ['q8', 0.995],
    ['q4', 0.97],
  ] as const)('%s: at least %d of the frames', async (dtype, least) => {
    const share = await agreement(dtype);
    console.log(`${dtype}: ${(100 * share).toFixed(2)} % of the frames`);
    expect(share).toBeGreaterThanOrEqual(least);
  });
});

/** Gives the matrices of a float32 model the numbers that they would have in another format. */
async function roundMatrices(model: UniSpeechModel, folder: string, dtype: Dtype): Promise<void> {
  const { context, weights } = model.runner;
  const format = WEIGHT_FORMAT[dtype];
  const checkpoint = await openCheckpoint(platform.openModelFiles(folder));
  const sink: WeightSink = {
    write({ name, rowLength }, elementOffset, values: Float32Array) {
      const place = weights.bindings.get(name);
      if (rowLength === undefined || place === undefined) return Promise.resolve();
      const shape = { rows: values.length / rowLength, rowLength };
      const rounded = decodeRows(format, encodeRows(format, values, rowLength), shape);
      context.device.queue.writeBuffer(place.buffer, (place.offset ?? 0) + 4 * elementOffset, rounded);
      return Promise.resolve();
    },
  };
  try {
    const layout = encoderLayout({ config: model.config, pieces: COMMON_PIECES });
    const { names } = resolveNames(
      layout.flatMap(({ sources }) => sources),
      checkpoint,
      model.config.family.names,
    );
    await streamWeights(checkpoint, layout, names, sink, undefined);
  } finally {
    await checkpoint.close();
  }
}

/**
 * Whole models whose matrices have ragged blocks, padded heads and groups of few channels. Kernels and formats by themselves:
 * test/kernels/gemm.gpu.test.ts and encode-weights.test.ts; what is left to go wrong is where a model puts its weights.
 */
describe('models of odd shapes compute with exactly the rounded numbers', () => {
  test.each([
    'group-postnorm-odd-sizes',
    'layer-postnorm-weight-g-v',
    ...(isFull ? ['group-stable-sharded', 'group-stable-long-kernel', 'layer-postnorm-wide-strides'] : []),
  ])('%s', async (name) => {
    const folder = `${goldensFolder}tiny/${name}`;
    const golden = new GoldenFile(`${folder}/golden.safetensors`);
    const input_values = golden.tensor('input_values');
    const reference = golden.tensor('unmasked.last_hidden_state');
    const errors: number[] = [];
    for (const dtype of ['fp16', 'q8', 'q4'] as const) {
      await using rounded = await UniSpeechModel.from_pretrained(folder);
      await roundMatrices(rounded, folder, dtype);
      const expected = (await rounded({ input_values })).last_hidden_state;
      await using model = await UniSpeechModel.from_pretrained(folder, { dtype });
      const { last_hidden_state } = await model({ input_values });
      expect(relativeError(last_hidden_state, expected), dtype).toBeLessThan(1e-4);
      errors.push(relativeError(last_hidden_state, reference));
    }
    // What rounding costs a model of a few dozen random channels.
    expect(errors[0]).toBeLessThan(5e-3);
    expect(errors[1]).toBeLessThan(0.1);
    expect(errors).toEqual([...errors].sort((a, b) => a - b));
  });
});
