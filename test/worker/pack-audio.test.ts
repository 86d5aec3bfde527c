/** Audio on its way to the worker: what is handed over is a copy, and says all that the original did. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { packAudio } from '../../src/worker/pack-audio.ts';

const options = { sampleRate: 16_000 };

test("samples are copied, so that the caller's own stay as they are", async () => {
  const samples = Float32Array.of(1, 2, 3);
  const { audio, transfer } = await packAudio(samples, options);
  expect(audio).toEqual(samples);
  expect(audio).not.toBe(samples);
  expect(transfer).toEqual([(audio as Float32Array).buffer]);
  structuredClone(audio, { transfer });
  expect(samples).toEqual(Float32Array.of(1, 2, 3));
});

test('a view hands over its own part alone', async () => {
  const { audio, transfer } = await packAudio(Float32Array.of(1, 2, 3, 4).subarray(1, 3), options);
  expect(audio).toEqual(Float32Array.of(2, 3));
  expect(transfer.map(({ byteLength }) => byteLength)).toEqual([8]);
});

test('objects keep their other fields, channels stay apart, and every list entry is packed', async () => {
  const left = Float32Array.of(1, 2);
  const right = Float32Array.of(3, 4);
  const { audio, transfer } = await packAudio(
    [
      { raw: [left, right], sampling_rate: 8000, id: 7 },
      { array: left, sampling_rate: 44_100 },
    ],
    options,
  );
  expect(audio).toEqual([
    { raw: [left, right], sampling_rate: 8000, id: 7 },
    { array: left, sampling_rate: 44_100 },
  ]);
  expect(transfer).toHaveLength(3);
});

test("tensors are samples at the model's rate, rows are channels, and other shapes are refused", async () => {
  const data = Float32Array.of(1, 2, 3, 4);
  expect((await packAudio(new Tensor('float32', data, [2, 2]), options)).audio).toEqual({
    raw: [Float32Array.of(1, 2), Float32Array.of(3, 4)],
    sampling_rate: 16_000,
  });
  await expect(packAudio(new Tensor('float32', data, [1, 2, 2]), options)).rejects.toThrow(
    'a tensor of dims [1, 2, 2], expected [samples] or [channels, samples]',
  );
});

test('what is no audio is passed on as it is, for the pipeline to refuse', async () => {
  expect(await packAudio(7, options)).toEqual({ audio: 7, transfer: [], warnings: [[]] });
  expect((await packAudio({ text: 'A' }, options)).audio).toMatchObject({ text: 'A' });
});

test('a WAV file goes as it is, with its name', async () => {
  const bytes = new Uint8Array(readFileSync(new URL('../../examples/audio/four-four.wav', import.meta.url)));
  const { audio } = await packAudio(new File([bytes], 'four.wav'), options);
  expect(audio).toBeInstanceOf(File);
  expect((audio as File).name).toBe('four.wav');
  expect(new Uint8Array(await (audio as File).arrayBuffer())).toEqual(bytes);
});

test('a stream is read to its end, mixed down and resampled, because it cannot be handed over', async () => {
  const samples = Float32Array.from({ length: 480 }, (_, index) => Math.sin(index));
  async function* items() {
    for (const start of [0, 100, 480])
      yield await Promise.resolve({
        data: samples.slice(start, start === 0 ? 100 : 480),
        sampling_rate: 48_000,
      });
  }
  const { audio, transfer } = await packAudio(items(), options);
  expect(audio).toEqual(resample(samples, 48_000, 16_000));
  expect(transfer).toEqual([(audio as Float32Array).buffer]);
});
