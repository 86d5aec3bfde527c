/** Emissions of the tiny model: the logits that recognition makes its text of, and all that belongs to a loop over them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinSamples } from '../../src/audio/channels.ts';
import { GreedyDecoder } from '../../src/decode/greedy-decoder.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import type { EmissionOptions, EmissionPart } from '../../src/pipelines/emissions.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { listOf } from '../helpers/async-lists.ts';
import { clipFolder, modelFolder, readSamples } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const clip = `${clipFolder}zero-six-one-seven-nine-yes.wav`;
let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
let samples: Float32Array;

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('asr', modelFolder);
  samples = await readSamples(clip);
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

const joined = (parts: readonly EmissionPart[]) => joinSamples(parts.map(({ data }) => data));

test('of a clip in one piece they are the logits of the model', async () => {
  const parts = await listOf(recognize.emissions(samples, { return_samples: true }));
  const { logits } = await recognize.model(await recognize.processor(samples));
  const frameCount = parts.reduce((sum, part) => sum + part.frameCount, 0);
  expect([1, frameCount, parts[0]?.vocabSize]).toEqual(logits.dims);
  expect(joined(parts)).toEqual(logits.data);
  expect(joinSamples(parts.map((part) => part.samples ?? new Float32Array()))).toEqual(samples);
  expect(parts.at(-1)?.progress.seconds).toBe(samples.length / 16_000);
});

const ways: readonly EmissionOptions[] = [
  { chunk_length_s: 1 },
  { chunk_length_s: 1.5, cut: 'fixed' },
  { chunk_length_s: 1, batch_size: 3 },
  { chunk_length_s: 0 },
];
test.each(ways)('they say what recognition says, in its frames: %j', async (options) => {
  const parts = await listOf(recognize.emissions(clip, options));
  expect(parts.length).toBeGreaterThan(options.chunk_length_s === 0 ? 0 : 1);
  const { tokenizer } = recognize;
  const decoder = new GreedyDecoder({
    tokenizer,
    sampleRate: 16_000,
    samplesPerFrame: 320,
    timestamps: 'word',
  });
  let end = 0;
  for (const part of parts) {
    expect(part.startSample).toBe(end);
    end += part.frameCount * 320;
    if (part.frameCount > 0) decoder.push(part);
  }
  const { text, chunks } = await recognize(clip, { ...options, return_timestamps: 'word' });
  expect(decoder.finish()).toEqual({ text, chunks });
  expect(text.length).toBeGreaterThan(10);
});

test('of a part of a file: its frames, its text, and times that count from the start of the file', async () => {
  const part = { start_s: 0.5, end_s: 2.5 };
  const cut = samples.subarray(8000, 40_000);
  const [parts, expected] = [
    await listOf(recognize.emissions(clip, { ...part, return_samples: true, chunk_length_s: 1 })),
    await listOf(recognize.emissions(cut, { chunk_length_s: 1 })),
  ];
  expect(joined(parts)).toEqual(joined(expected));
  expect(parts.map(({ startSample }) => startSample)).toEqual(
    expected.map(({ startSample }) => startSample + 8000),
  );
  expect(joinSamples(parts.map((each) => each.samples ?? new Float32Array()))).toEqual(cut);
  expect(parts.at(-1)?.progress).toMatchObject({ seconds: 2, total_seconds: 2 });
  const options = { return_timestamps: 'word' } as const;
  const whole = await recognize(cut, options);
  const shifted = whole.chunks?.map(({ text, timestamp: [start, end] }) => [text, start + 0.5, end + 0.5]);
  const found = await recognize(clip, { ...options, ...part });
  expect(found.text).toBe(whole.text);
  expect(found.chunks?.map(({ text, timestamp }) => [text, ...timestamp])).toEqual(shifted);
  const streamed = await listOf(recognize.stream(clip, { ...options, ...part }));
  expect(streamed.flatMap(({ chunks = [] }) => chunks)).toEqual(found.chunks);
  expect(shifted?.length).toBeGreaterThan(1);
  for (const wrong of [{ start_s: -1 }, { start_s: 2, end_s: 2 }, { end_s: Number.NaN }])
    await expect(recognize(clip, wrong)).rejects.toMatchObject({ code: 'bad-option' });
});

test('the columns are those of the model', async () => {
  const info = await recognize.emissionInfo();
  expect(info).toMatchObject({ units: 'characters', samples_per_frame: 320, samples_per_window: 400 });
  expect(info.labels).toHaveLength(recognize.model.config.vocab_size);
  expect(info.labels[info.blank]).toBe('<pad>');
  expect(info.labels[info.word_delimiter ?? -1]).toBe('|');
});

test('left early or aborted they leave nothing under way, and errors come when the loop begins', async () => {
  for await (const part of recognize.emissions(samples, { chunk_length_s: 1 })) {
    expect(part.frameCount).toBeGreaterThan(10);
    break;
  }
  const abort = new AbortController();
  const reason = new Error('enough');
  const parts = recognize.emissions(samples, { chunk_length_s: 1, signal: abort.signal });
  await parts.next();
  abort.abort(reason);
  await expect(listOf(parts)).rejects.toBe(reason);
  await expect(recognize.emissions('nowhere.wav').next()).rejects.toThrow('nowhere.wav');
  await expect(recognize.emissions(samples, { return_timing: true } as object).next()).rejects.toThrow(
    'emissions() has no option "return_timing"',
  );
  await expect(recognize.emissions(samples.subarray(0, 10)).next()).rejects.toThrow('is too short');
  // No turn is held any more: what it says is that the model has no languages.
  await expect(recognize.set_target_lang('fra')).rejects.toMatchObject({ code: 'bad-option' });
});
