/** Calls of a loaded model with wrong values: one sentence that names the argument, and the model stays usable. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { modelFolder } from '../helpers/clips.ts';
import { shareTestContext } from '../helpers/gpu.ts';

let release: () => void;
let recognize: AutomaticSpeechRecognitionPipeline;
const clip = new Float32Array(16_000).fill(0.1);

beforeAll(async () => {
  release = await shareTestContext();
  recognize = await pipeline('automatic-speech-recognition', modelFolder);
});
afterAll(async () => {
  await recognize.dispose();
  release();
});

/** What a call of any kind throws or rejects with. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function expectRefusal(call: () => unknown, argument: string): Promise<void> {
  const error = await refusal(call);
  expect(error).toBeInstanceOf(UniSpeechError);
  const { code, message } = error as UniSpeechError;
  expect(['bad-input', 'bad-option']).toContain(code);
  expect(message).toContain(argument);
  expect(message.length).toBeLessThanOrEqual(400);
}

const INPUTS: readonly (readonly [string, unknown, string])[] = [
  ['nothing', undefined, 'input_values'],
  ['samples alone', clip, 'input_values'],
  ['a number', 1, 'input_values'],
  ['no input_values', { attention_mask: [] }, 'input_values'],
  ['null', { input_values: null }, 'input_values'],
  ['holes', { input_values: new Array<Float32Array>(2) }, 'input_values'],
  ['integers', { input_values: new Int32Array(16_000) }, 'input_values'],
  ['NaN', { input_values: clip.map((sample, index) => (index === 7 ? NaN : sample)) }, 'sample 7 is NaN'],
  ['int64', { input_values: new Tensor('int64', new BigInt64Array(4), [2, 2]) }, 'input_values'],
  ['3 dims', { input_values: new Tensor('float32', clip, [2, 2, 4000]) }, '[2, 2, 4000]'],
  ['a mask of one row too many', { input_values: [clip], attention_mask: [[1], [1]] }, 'attention_mask'],
  ['a mask of numbers', { input_values: [clip], attention_mask: 7 }, 'attention_mask'],
  ['a mask of null', { input_values: [clip], attention_mask: [null] }, 'attention_mask'],
  [
    'a mask of texts',
    { input_values: [clip], attention_mask: [Array<string>(16_000).fill('x')] },
    'attention_mask',
  ],
  ['hidden states of a text', { input_values: clip, output_hidden_states: 'yes' }, 'output_hidden_states'],
  ['no signal', { input_values: clip, signal: {} }, 'signal'],
  ['labels of a text', { input_values: clip, labels: 'YES' }, 'labels'],
  ['a hole among labels', { input_values: clip, labels: new Array<number[]>(1) }, 'labels'],
  ['labels of no vocabulary', { input_values: clip, labels: [[1e9]] }, 'labels'],
  ['an unknown name', { input_values: clip, attention: 1 }, 'attention'],
];

test.each(INPUTS)('a model call with %s', async (_, inputs, argument) => {
  const call = recognize.model as unknown as (inputs: unknown) => Promise<unknown>;
  await expectRefusal(() => call(inputs), argument);
});

test.each([
  [undefined],
  ['1'],
  [7],
  [[]],
  [[0, 16_000]],
  [[1, -1]],
  [[1, 1.5]],
  [[1, 16_000, 1]],
  [[1e9, 1e9]],
  [[1, NaN]],
])('explain(%j)', async (dims) => {
  await expectRefusal(() => recognize.model.explain(dims as number[]), 'explain()');
});

test.each([
  [{ chunk_length_s: NaN }, 'chunk_length_s'],
  [{ chunk_length_s: -1 }, 'chunk_length_s'],
  [{ chunk_length_s: 1e300 }, 'chunk_length_s'],
  [{ chunk_length_s: 2, stride_length_s: ['a', 1] }, 'stride_length_s'],
  [{ batch_size: 0 }, 'batch_size'],
  [{ batch_size: '2' }, 'batch_size'],
  [{ return_timestamps: 'sentence' }, 'return_timestamps'],
  [{ return_timestamps: 1 }, 'return_timestamps'],
  [{ signal: 'stop' }, 'signal'],
  [null, 'options'],
])('a recognition call with %j', async (options, argument) => {
  await expectRefusal(() => recognize(clip, options as object), argument);
});

test('is usable after all that', async () => {
  const { text } = await recognize(clip);
  expect(text).toBeTypeOf('string');
});
