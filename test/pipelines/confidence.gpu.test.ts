/** Confidences and log probabilities of the tiny model: those of its logits, the same in one call, in parts and in batches. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { wordAlternatives } from '../../src/decode/n-best.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import type { SpeechRecognitionOutput } from '../../src/pipelines/recognition-output.ts';
import type { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { listOf } from '../helpers/async-lists.ts';
import { clipFolder, modelFolder, readSamples } from '../helpers/clips.ts';
import { argmax } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
let samples: Float32Array;

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('asr', modelFolder);
  samples = await readSamples(`${clipFolder}yes-five.flac`);
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

const near = (value: number): unknown => expect.closeTo(value, 5);

test('they are the posteriors of the frames of each character', async () => {
  const { logits } = await recognize.model(await recognize.processor(samples));
  const [, frameCount = 0, vocabSize = 0] = logits.dims;
  const rows = Array.from({ length: frameCount }, (_, frame) =>
    logits.data.subarray(frame * vocabSize, (frame + 1) * vocabSize),
  );
  const posteriors = rows.map(
    (row) => 1 / row.reduce((sum, value) => sum + Math.exp(value - Math.max(...row)), 0),
  );
  const ids = argmax(logits);
  const tokenizer = recognize.tokenizer as Wav2Vec2CTCTokenizer;
  const { char_offsets, word_offsets } = tokenizer.decode([...ids], {
    output_char_offsets: true,
    output_word_offsets: true,
  });
  const blank = recognize.tokenizer.pad_token_id;
  const meanOf = ({ start_offset, end_offset }: { start_offset: number; end_offset: number }): number => {
    const own = posteriors
      .slice(start_offset, end_offset)
      .filter((_, index) => ids[start_offset + index] !== blank);
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };
  const options = { return_confidence: true, return_logprobs: true } as const;
  const byChar = await recognize(samples, { ...options, return_timestamps: 'char' });
  expect(byChar.chunks?.map(({ confidence }) => confidence)).toEqual(
    char_offsets?.map((unit) => near(meanOf(unit))),
  );
  expect(
    byChar.logprobs
      ?.map(({ token }) => token)
      .join('')
      .trim(),
  ).toBe('YES FIVE');
  const byWord = await recognize(samples, { ...options, return_timestamps: 'word' });
  expect(byWord.chunks?.map(({ confidence }) => confidence)).toEqual(
    word_offsets?.map((unit) => near(meanOf(unit))),
  );
  expect(byWord.confidence).toBeGreaterThan(0.8);
  expect(byWord.confidence).toBeLessThan(1);
  // Text and times are those of a call without.
  const plain = await recognize(samples, { return_timestamps: 'word' });
  expect(plain).not.toHaveProperty('confidence');
  const measured = plain.chunks?.map((chunk) => ({ ...chunk, confidence: expect.any(Number) as number }));
  expect(byWord.chunks).toEqual(measured);
});

test('streams, batches and each give what a call gives', async () => {
  const options = { return_confidence: true, return_logprobs: true, return_timestamps: 'word' } as const;
  const cut = { ...options, chunk_length_s: 1 };
  const whole = await recognize(samples, cut);
  const parts = await listOf(recognize.stream(samples, cut));
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.flatMap(({ chunks }) => chunks)).toEqual(whole.chunks);
  expect(parts.flatMap(({ logprobs }) => logprobs)).toEqual(whole.logprobs);
  for (const { text, confidence } of parts) expect(confidence === null).toBe(text === '');
  const clips = [samples, samples.subarray(0, 16_000)];
  const oneByOne = [await recognize(samples, cut), await recognize(samples.subarray(0, 16_000), cut)];
  const inBatches = await recognize(clips, { ...cut, batch_size: 2 });
  const byEach = await listOf(recognize.each(clips, cut));
  const rounded = (outputs: readonly (SpeechRecognitionOutput | undefined)[]): unknown =>
    JSON.parse(
      JSON.stringify(outputs, (_, value: unknown) =>
        typeof value === 'number' ? Number(value.toFixed(4)) : value,
      ),
    );
  expect(rounded(inBatches)).toEqual(rounded(oneByOne));
  expect(rounded(byEach.map(({ output }) => output))).toEqual(rounded(oneByOne));
});

test('clips in a queue have them beside clips without, which read only tokens', async () => {
  const queue = recognize.queue();
  const options = { return_confidence: true, return_timestamps: 'word' } as const;
  const [sure, plain] = await Promise.all([
    queue.add(samples, options).result,
    queue.add(samples.subarray(0, 16_000)).result,
  ]);
  await queue.close();
  const { confidence = NaN, ...alone } = await recognize(samples, options);
  expect(sure.text).toBe(alone.text);
  expect(sure.confidence).toBeCloseTo(confidence ?? NaN, 4);
  expect(sure.chunks?.map(({ confidence: value }) => typeof value)).toEqual(['number', 'number']);
  expect(plain).toEqual(await recognize(samples.subarray(0, 16_000)));
});

test('beam search has alternatives instead', async () => {
  await using beam = await pipeline('asr', modelFolder, { decoder: { type: 'beam' } });
  await expect(beam(samples, { return_confidence: true })).rejects.toMatchObject({
    code: 'unsupported',
    sentence: expect.stringContaining('return_confidence is of the likeliest token of each frame') as string,
  });
  const { n_best = [] } = await beam(samples, { decoder_kwargs: { n_best: 5 } });
  const words = wordAlternatives(n_best);
  expect(words.map(({ text }) => text)).toEqual(['YES', 'FIVE']);
  for (const { confidence, alternatives } of words) {
    const others = alternatives.reduce((sum, other) => sum + other.confidence, 0);
    expect(confidence + others).toBeCloseTo(1, 9);
    expect(confidence).toBeGreaterThan(0.5);
  }
});

test('a temperature changes confidences, not text; other measures are asked for', async () => {
  const confidenceOf = async (options: object): Promise<number> =>
    (await recognize(samples, { return_confidence: true, ...options })).confidence ?? NaN;
  const mean = await confidenceOf({});
  expect(await confidenceOf({ temperature: 4 })).toBeLessThan(mean);
  expect(await confidenceOf({ return_confidence: 'min' })).toBeLessThan(mean);
  expect(await confidenceOf({ return_confidence: 'max' })).toBeGreaterThan(mean);
  expect(await confidenceOf({ confidence_measure: 'entropy' })).not.toBe(mean);
  expect((await recognize(samples, { return_confidence: true, temperature: 4 })).text).toBe('YES FIVE');
});

test.each([
  [
    { return_confidence: 'median' },
    "return_confidence is \"median\", but it must be true, false, 'mean', 'min' or 'max'",
  ],
  [{ return_confidence: true, confidence_measure: 'gini' }, 'confidence_measure is "gini"'],
  [
    { return_confidence: true, temperature: 0 },
    'temperature is 0, but it must be a number from 0.01 to 1000',
  ],
  [{ return_confidence: true, temperature: NaN }, 'temperature is NaN'],
  [{ temperature: 2 }, 'temperature is of use only with return_confidence or return_logprobs'],
  [
    { confidence_measure: 'entropy', return_logprobs: true },
    'confidence_measure is of use only with return_confidence',
  ],
  [{ return_logprobs: 'yes' }, 'return_logprobs is "yes"'],
])('wrong options %j are refused before anything runs', async (options, message) => {
  await expect(recognize(samples, options as object)).rejects.toThrow(message);
});
