/** Diarization with tiny models: the frames of the reference, batches, options, files and errors. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sigmoid } from '../../src/base/softmax.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { AudioFrameClassificationPipeline } from '../../src/pipelines/audio-frame-classification.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { familyModel } from '../helpers/family-models.ts';
import { relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const damagedFile = path.join(import.meta.dirname, '../audio/clips/flac-one-byte-55pct.flac');
let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

describe.each(['w2v2_h_frames_weighted', 'sat_c_frames'])('%s', (name) => {
  const model = familyModel(name);
  const { clips, folder, golden } = model;
  const logits = golden.expected.tensor('logits') as Tensor<'float32'>;
  const labelCount = logits.dims[2] ?? 0;
  let diarize: AudioFrameClassificationPipeline;
  beforeAll(async () => {
    diarize = await pipeline('audio-frame-classification', folder);
  });
  afterAll(async () => {
    await diarize.dispose();
    model[Symbol.dispose]();
  });

  /** The reference's logits of a clip without those of its padding. */
  const logitsOf = (row: number): Float32Array => {
    const frameCount = diarize.model.config.frameCount(clips[row]?.length ?? 0);
    return logits.at(row).data.subarray(0, frameCount * labelCount);
  };

  test('the probabilities of the reference, alone and in a batch; who speaks is who is above a half', async () => {
    const alone = [];
    for (const clip of clips) alone.push(await diarize(clip, { return_frames: true }));
    const together = await diarize(clips, { return_frames: true, batch_size: 9 });
    for (const results of [alone, together]) {
      expect(results).toHaveLength(clips.length);
      for (const [row, { frames, segments }] of results.entries()) {
        const expected = logitsOf(row);
        const dims = [expected.length / labelCount, labelCount];
        const probabilities = new Tensor('float32', expected.map(sigmoid), dims);
        expect(relativeError(frames ?? logits, probabilities)).toBeLessThan(1e-4);
        const spoken = expected.reduce((count, logit) => count + Number(logit > 0), 0);
        const seconds = segments.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(seconds).toBeCloseTo((spoken * diarize.model.config.inputs_to_logits_ratio) / 16_000);
        expect(segments.every(({ score }) => score > 0.5 && score <= 1)).toBe(true);
      }
    }
    expect((await diarize(clips))[0]).not.toHaveProperty('frames');
    expect(await diarize([])).toEqual([]);
  });

  test('thresholds, gaps and short segments', async () => {
    const [clip = new Float32Array()] = clips;
    expect((await diarize(clip, { threshold: 1 })).segments).toEqual([]);
    const { inputs_to_logits_ratio: ratio, id2label } = diarize.model.config;
    const end = (logitsOf(0).length / labelCount) * (ratio / 16_000);
    const speakers = Object.values(id2label);
    const whole = speakers.map((speaker) => ({
      speaker,
      start: 0,
      end,
      score: expect.any(Number) as number,
    }));
    expect((await diarize(clip, { threshold: 0, min_gap_s: 1 })).segments).toEqual(whole);
    expect((await diarize(clip, { threshold: 0, min_duration_s: end + 0.001 })).segments).toEqual([]);
  });
});

describe('inputs and errors', () => {
  const model = familyModel('sat_c_frames');
  let diarize: AudioFrameClassificationPipeline;
  beforeAll(async () => {
    diarize = await pipeline('audio-frame-classification', model.folder, {
      progress_callback: () => undefined,
    });
  });
  afterAll(async () => {
    await diarize.dispose();
    model[Symbol.dispose]();
  });

  test('a damaged file: its warnings are in the result', async () => {
    const { segments, warnings } = await diarize(damagedFile);
    expect(warnings).toEqual([expect.stringContaining('0.26 s of it')]);
    expect(segments.every(({ start, end }) => start < end && end < 2)).toBe(true);
  });

  test('refuses what it does not know, and what it cannot join', async () => {
    const audio = new Float32Array(800);
    for (const [options, message] of [
      [{ threshold: 1.5 }, 'threshold is 1.5, but it must be a probability from 0 to 1'],
      [{ min_duration_s: -1 }, 'min_duration_s is -1, but it must be a number of seconds of at least 0'],
      [{ min_gap_s: '1' }, 'min_gap_s is "1"'],
      [{ return_frames: 1 }, 'return_frames is 1, but it must be true or false'],
      [{ return_frame: true }, 'A diarization call has no option "return_frame"'],
      [
        { chunk_length_s: 20 },
        'the order of the speakers of one piece says nothing about that of the next one',
      ],
    ] as const)
      await expect(diarize(audio, options as object)).rejects.toMatchObject({
        code: 'bad-option',
        message: expect.stringContaining(message) as string,
      });
    await expect(diarize(new Float32Array(5))).rejects.toMatchObject({ code: 'bad-audio' });
    expect((await diarize(audio)).segments).toBeInstanceOf(Array);
  });

  test('is made of parts, which are checked', () => {
    const { model: frames, processor } = diarize;
    expect(new AudioFrameClassificationPipeline({ model: frames, processor }).task).toBe(
      'audio-frame-classification',
    );
    expect(() => new AudioFrameClassificationPipeline({ model: {} as never, processor })).toThrow(
      'a model that classifies frames',
    );
  });
});
