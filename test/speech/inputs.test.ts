/** Batches and masks as a model reads them: real samples, frames to attend, and one code for each frame. */
import { describe, expect, test } from 'vitest';
import { FRAME_KEEP, FRAME_REPLACE, FRAME_ZERO } from '../../kernels/elementwise.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../../src/speech/heads/sequence-classification.ts';
import { SEWConfig } from '../../src/speech/families/sew.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { attendedFrames, encoderInputs, frameCodes, readAudioBatch } from '../../src/speech/core/inputs.ts';

const config = UniSpeechConfig.fromJson({});
/** Of the default convolutions: three frames. */
const SAMPLES = 1040;
const batchOf = (...lengths: readonly number[]) => ({
  items: lengths.length,
  samples: SAMPLES,
  data: new Float32Array(lengths.length * SAMPLES),
  lengths,
});

test('clips of different lengths are padded with zeros, and their lengths count as masks', () => {
  const batch = readAudioBatch(
    [new Float32Array(400).fill(1), new Float32Array(720).fill(2)],
    undefined,
    config,
  );
  expect(batch).toMatchObject({ items: 2, samples: 720, lengths: [400, 720] });
  expect([batch.data[399], batch.data[400], batch.data[720]]).toEqual([1, 0, 2]);
  expect(readAudioBatch([new Float32Array(400)], undefined, config).lengths).toBeUndefined();
});

test('a mask counts its ones, wherever they are, and refuses other numbers', () => {
  const values = new Tensor('float32', new Float32Array(2 * 400), [2, 400]);
  const first = new Array<number>(400).fill(0).fill(1, 100, 300);
  const mask = [first, new Array<number>(400).fill(1)];
  expect(readAudioBatch(values, mask, config).lengths).toEqual([200, 400]);
  const bits = mask.map((row) => BigInt64Array.from(row, BigInt));
  expect(readAudioBatch(values, bits, config).lengths).toEqual([200, 400]);
  const other = [first, first.map((bit) => 7 * bit)];
  expect(() => readAudioBatch(values, other, config)).toThrow('Entry 100 of row 1 of attention_mask is 7');
});

// The reference indexes a mask by the number of frames minus one, and negative indices count from the end.
test.each([
  [SAMPLES, 3],
  [720, 2],
  [400, 1],
  [399, 3],
  [79, 2],
])('%i real samples attend to %i of three frames', (length, frames) => {
  expect(attendedFrames(batchOf(SAMPLES, length), 3, config)).toEqual([3, frames]);
});

test('frames behind a clip are zero, masked ones replaced, and without either there are no codes', () => {
  const timeMask = [
    [1, 0, 0],
    [0, 0, 1],
  ];
  const codes = frameCodes([3, 2], 3, timeMask, config);
  expect([...(codes ?? [])]).toEqual([
    FRAME_REPLACE,
    FRAME_KEEP,
    FRAME_KEEP,
    FRAME_KEEP,
    FRAME_KEEP,
    FRAME_ZERO,
  ]);
  expect(frameCodes([3, 3], 3, undefined, config)).toBeUndefined();
});

describe('a model that runs on pools of two frames', () => {
  const pooling = SEWConfig.fromJson({});

  test('attends in pools that hold a real frame, and to nothing in a row without any', () => {
    const inputs = encoderInputs(batchOf(SAMPLES, 720, 400, 399), undefined, pooling);
    expect([...(inputs.get('key_counts') ?? [])]).toEqual([3, 2, 1, 0]);
    // Of three frames there is one pool.
    expect([...(inputs.get('layer_key_counts') ?? [])]).toEqual([1, 1, 1, 0]);
    expect(encoderInputs(batchOf(SAMPLES), undefined, config).has('layer_key_counts')).toBe(false);
  });

  test('refuses to classify a row without any frame', () => {
    const call = {
      config: pooling,
      shape: { items: 2, samples: SAMPLES, frames: 3 },
      sampleCounts: [SAMPLES, 399],
      isMasked: true,
      inputs: {},
    };
    expect(() => SEQUENCE_CLASSIFICATION_HEAD.prepare(call)).toThrow(
      'Row 1 of the batch has 399 real samples, which give no frame to classify.',
    );
  });

  test('needs a pool of frames', () => {
    expect(pooling.minimumSampleCount).toBe(720);
    expect(() => readAudioBatch(new Float32Array(719), undefined, pooling)).toThrow(
      'The audio is too short: 719 samples, this model needs at least 720.',
    );
  });
});
