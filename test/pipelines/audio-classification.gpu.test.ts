/** Audio classification with tiny models: the scores of the reference, batches, options, inputs and errors. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProgressInfo } from '../../src/base/files.ts';
import { AudioClassificationPipeline } from '../../src/pipelines/audio-classification.ts';
import type { AudioClassificationOutput } from '../../src/pipelines/label-scores.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { type ClipResult, readPipelineGoldens, samplesOf } from '../helpers/pipeline-goldens.ts';

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

/** The same labels in the same order, with these scores to 1e-5. */
function expectScores(actual: AudioClassificationOutput | undefined, expected: ClipResult['softmax']): void {
  expect(actual?.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
  for (const [index, { score }] of expected.entries())
    expect(Math.abs((actual?.[index]?.score ?? NaN) - score)).toBeLessThan(1e-5);
}

describe.each(readPipelineGoldens())('$folder', ({ folder, clips }) => {
  let classify: AudioClassificationPipeline;
  const events: ProgressInfo[] = [];
  beforeAll(async () => {
    // A folder without the files of a tokenizer.
    classify = await pipeline('audio-classification', folder, {
      progress_callback: (info) => events.push(info),
    });
  });
  afterAll(() => classify.dispose());

  test.each(clips)('clip $item: the scores of the reference, by every function', async (clip) => {
    const samples = samplesOf(clip);
    for (const function_to_apply of ['softmax', 'sigmoid', 'none'] as const)
      expectScores(await classify(samples, { top_k: null, function_to_apply }), clip[function_to_apply]);
    expect(await classify(samples, { top_k: 2 })).toEqual((await classify(samples)).slice(0, 2));
    expect(await classify(samples, { top_k: 0 })).toEqual([]);
  });

  test('a list: the labels of each clip, five at most unless asked for more', async () => {
    const results = await classify(clips.map(samplesOf));
    expect(results).toHaveLength(clips.length);
    for (const [index, { softmax }] of clips.entries()) expectScores(results[index], softmax.slice(0, 5));
    expect(await classify([])).toEqual([]);
    const [all] = await classify(clips.slice(0, 1).map(samplesOf), { top_k: 100 });
    expect(all).toHaveLength(classify.model.config.num_labels);
  });

  test('a batch gives each clip what it gives alone: padding counts for nothing', async () => {
    // With group norm that is so for clips of equal lengths.
    const batch = folder.endsWith('layer-weighted')
      ? clips
      : clips.slice(1, 2).flatMap((clip) => [clip, clip]);
    const results = await classify(batch.map(samplesOf), { batch_size: 3 });
    for (const [index, { softmax }] of batch.entries()) expectScores(results[index], softmax.slice(0, 5));
  });

  test('groups of classes: the best of each, with scores among its own classes', async () => {
    const [clip] = clips;
    if (!clip) throw new Error('no clip');
    const names = Object.values(classify.model.config.id2label);
    const logits = names.map((name) => clip.none.find(({ label }) => label === name)?.score ?? NaN);
    const label_groups = { first: [0, 1], others: [1, names.length] } as const;
    const [first, best, ...more] = await classify(samplesOf(clip), { label_groups });
    expect(more).toEqual([]);
    expect(first).toEqual({ group: 'first', label: names[0], score: 1 });
    const others = logits.slice(1);
    const largest = Math.max(...others);
    const sum = others.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    expect(best).toMatchObject({ group: 'others', label: names[logits.indexOf(largest)] });
    expect(best?.score).toBeCloseTo(1 / sum, 4);
    const all = await classify(samplesOf(clip), { label_groups, top_k: null });
    expect(all).toHaveLength(names.length);
  });

  test('tells what it loaded, and refuses what it does not know', async () => {
    expect(events.at(-1)).toEqual({ status: 'ready', task: 'audio-classification', model: folder });
    expect(classify.processor.tokenizer).toBeUndefined();
    const audio = new Float32Array(400);
    for (const [options, message] of [
      [{ top_k: -1 }, 'top_k is -1, but it must be a whole number of at least 0, or null for all labels'],
      [{ top_k: 1.5 }, 'top_k is 1.5'],
      [
        { function_to_apply: 'max' },
        'Invalid value for `function_to_apply`: "max". Valid options are \'softmax\'',
      ],
      [{ topk: 3 }, 'An audio classification call has no option "topk"'],
    ] as const)
      await expect(classify(audio, options as object)).rejects.toMatchObject({
        code: 'bad-option',
        message: expect.stringContaining(message) as string,
      });
    await expect(classify(new Float32Array(5))).rejects.toMatchObject({ code: 'bad-audio' });
    expect((await classify(audio)).length).toBeGreaterThan(2);
  });

  test('is made of parts, which are checked', () => {
    const { model, processor } = classify;
    const again = new AudioClassificationPipeline({ model, processor });
    expect(again.task).toBe('audio-classification');
    expect(() => new AudioClassificationPipeline({ model: {} as never, processor })).toThrow(
      'a model that classifies clips',
    );
  });
});

test('a model without the head is an error that names what is missing', async () => {
  const folder = `${goldensFolder}tiny/layer-stable`;
  await expect(pipeline('audio-classification', folder)).rejects.toThrow(/preprocessor_config|classifier/);
});
