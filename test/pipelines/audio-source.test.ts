/** What speech recognition accepts as audio, up to the samples that reach the feature extractor. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { prepareClip } from '../../src/pipelines/audio-source.ts';
import { formatChunk, chunk, riff } from '../audio/write-wav.ts';

const prepare = (source: unknown, position?: { index: number; count: number }) =>
  prepareClip(source, { position, sampleRate: 16_000 });
const samplesOf = async (source: unknown) => Array.from((await prepare(source)).samples);

/** Two channels of 16 bits at 16 kHz. */
const data = new Uint8Array(Int16Array.of(0x4000, 0, -0x4000, 0, 0x2000, 0x2000).buffer);
const format = { tag: 1, bits: 16, sampleRate: 16_000, channelCount: 2, data };
const wav = new Uint8Array(riff(formatChunk(format), chunk('data', data)));
const wavSamples = [0.25, -0.25, 0.25];

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audio-source-'));
  file = path.join(folder, 'clip.wav');
  await writeFile(file, wav);
});
afterAll(() => rm(folder, { recursive: true }));

describe('prepareClip', () => {
  test('decodes files and bytes, and mixes them down', async () => {
    expect(await samplesOf(file)).toEqual(wavSamples);
    expect(await samplesOf(pathToFileURL(file))).toEqual(wavSamples);
    expect(await samplesOf(wav)).toEqual(wavSamples);
    expect(await samplesOf(wav.slice().buffer)).toEqual(wavSamples);
  });

  test('takes bytes in memory of every kind', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(wav.length));
    shared.set(wav);
    const odd = Buffer.concat([Buffer.alloc(13), wav]);
    const sources = [shared, shared.buffer, odd.subarray(13), new DataView(odd.buffer, odd.byteOffset + 13)];
    for (const source of sources) expect(await samplesOf(source)).toEqual(wavSamples);
    expect(await samplesOf(new Float32Array(new SharedArrayBuffer(12)))).toEqual([0, 0, 0]);
    for (const source of [new Uint8ClampedArray(wav), new Uint16Array(3)])
      await expect(prepare(source)).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('takes the same of another realm', async () => {
    const other = (code: string): unknown => vm.runInNewContext(code, { bytes: [...wav] });
    expect(await samplesOf(other('new Float32Array(2)'))).toEqual([0, 0]);
    expect(await samplesOf(other('({ raw: new Int16Array(2), sampling_rate: 16000 })'))).toEqual([0, 0]);
    expect(await samplesOf({ raw: other('[new Float32Array(2)]'), sampling_rate: 16_000 })).toEqual([0, 0]);
    expect(await samplesOf(other('new Uint8Array(bytes)'))).toEqual(wavSamples);
    expect(await samplesOf(other('new Uint8Array(bytes).buffer'))).toEqual(wavSamples);
  });

  test('takes what transformers.js has as audio, with its rate', async () => {
    const samples = Float32Array.of(0.5, 0.25);
    for (const key of ['raw', 'array', 'data', 'audio']) {
      const { passThrough, ...clip } = await prepare({ [key]: samples, sampling_rate: 16_000, id: 1 });
      expect([Array.from(clip.samples), passThrough]).toEqual([[0.5, 0.25], { id: 1 }]);
    }
    // Beside the usual keys these are the caller's own.
    const { passThrough } = await prepare({ raw: samples, sampling_rate: 16_000, audio: 'a.wav' });
    expect(passThrough).toEqual({ audio: 'a.wav' });
  });

  test.each([
    [{ raw: new Float32Array(2) }, 'keys [raw], expected samples in "raw"'],
    [{ raw: new Float32Array(2), samplingRate: 16_000 }, 'keys [raw, samplingRate], expected samples'],
    [new Response(''), 'got a Response, expected samples'],
    [{ samples: new Float32Array(2), sampling_rate: 16_000 }, 'keys [samples, sampling_rate], expected'],
    [{ raw: new Float32Array(2), sampling_rate: '16000' }, 'The sampling_rate of the audio is "16000"'],
    [{ raw: new Float32Array(2), sampling_rate: 22_050.5 }, 'The sampling_rate of the audio is 22050.5'],
  ])('says what is wrong with %j', async (source, message) => {
    await expect(prepare(source)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(prepare(source)).rejects.toThrow(message);
  });

  test('takes blobs and files, and names the file', async () => {
    expect(await samplesOf(new Blob([wav]))).toEqual(wavSamples);
    const clip = await prepare(new File([wav], 'talk.wav'));
    expect([Array.from(clip.samples), clip.name]).toEqual([wavSamples, 'talk.wav']);
    await expect(prepare(new File(['no'], 'talk.wav'))).rejects.toThrow('talk.wav is not an audio file');
    const gone = Object.assign(new File([wav], 'gone.wav'), {
      stream: () =>
        new ReadableStream({ pull: (controller) => controller.error(new Error('it was deleted')) }),
    });
    await expect(prepare(gone)).rejects.toMatchObject({
      code: 'not-found',
      message: 'gone.wav could not be read: it was deleted. Pick the file again.',
    });
  });

  test('takes what is like an AudioBuffer, of any rate and number of channels', async () => {
    const channels = [1, 2, 6].map((value) => new Float32Array(30).fill(value));
    const buffer = {
      numberOfChannels: 3,
      sampleRate: 48_000,
      length: 30,
      getChannelData: (index: number) => channels[index] ?? new Float32Array(0),
    };
    const { samples } = await prepare(buffer);
    expect(Array.from(samples)).toEqual(Array.from(resample(new Float32Array(30).fill(3), 48_000, 16_000)));
  });

  test('reads files over HTTP, and says what came instead', async () => {
    const answers: Readonly<Record<string, readonly [number, string, Uint8Array | string]>> = {
      '/clip.wav': [200, 'audio/wav', wav],
      '/page.wav': [200, 'text/html; charset=utf-8', '<!doctype html>'],
      '/busy.wav': [503, 'text/plain', 'later'],
    };
    const server = createServer(({ url = '' }, response) => {
      const [status, type, body] = answers[url] ?? [404, 'text/plain', 'no'];
      response.writeHead(status, { 'Content-Type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    try {
      expect(await samplesOf(`${base}/clip.wav`)).toEqual(wavSamples);
      expect(await samplesOf(new URL(`${base}/clip.wav`))).toEqual(wavSamples);
      for (const [urlPath, code, reason] of [
        ['/none.wav', 'not-found', 'the server answered 404'],
        ['/page.wav', 'not-found', 'the server answered with an HTML page'],
        ['/busy.wav', 'network', 'the server answered 503'],
      ] as const) {
        await expect(prepare(base + urlPath)).rejects.toMatchObject({
          code,
          message: `The audio file ${base}${urlPath} could not be read: ${reason}. Check the address.`,
        });
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
    await expect(prepare(`${base}/clip.wav`)).rejects.toMatchObject({ code: 'network' });
  });

  test('takes samples at the rate of the model', async () => {
    const samples = Float32Array.of(0.5, -1);
    expect((await prepare(samples)).samples).toBe(samples);
    expect(await samplesOf(Float64Array.of(0.5, -1))).toEqual([0.5, -1]);
    expect(await samplesOf(Int16Array.of(1, -2))).toEqual([1, -2]);
    expect(await samplesOf(new Tensor('float32', samples, [2]))).toEqual([0.5, -1]);
    expect(await samplesOf(new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]))).toEqual([2, 3]);
  });

  test('takes objects: raw before array, resampled after mixing down, other keys passed through', async () => {
    const left = Float32Array.from({ length: 64 }, (_, index) => Math.sin(index));
    const right = left.map((sample) => sample * 3);
    const mono = left.map((sample) => sample * 2);
    const object = { raw: [left, right], array: null, sampling_rate: 48_000, id: 7, path: 'kept' };
    const before = { ...object };
    const clip = await prepare(object);
    resample(mono, 48_000, 16_000).forEach((sample, index) =>
      expect(clip.samples[index]).toBeCloseTo(sample, 6),
    );
    expect(clip.samples).toHaveLength(22);
    expect(clip.passThrough).toEqual({ id: 7, path: 'kept' });
    expect(object).toEqual(before);
    const fromArray = await prepare({ raw: null, array: [1, 2], sampling_rate: 16_000, path: 'x', id: 7 });
    expect(fromArray).toMatchObject({ samples: Float32Array.of(1, 2), passThrough: { id: 7 } });
    expect(fromArray.passThrough).not.toHaveProperty('path');
  });

  test('converts the stride of an object to the rate of the model', async () => {
    const raw = new Float32Array(100).fill(1);
    // 5 / 2 rounds to even, as in Python.
    expect((await prepare({ raw, sampling_rate: 32_000, stride: [5, 6] })).stride).toEqual([2, 3]);
    expect((await prepare({ raw, sampling_rate: 16_000, stride: null })).stride).toBeUndefined();
    await expect(prepare({ raw, sampling_rate: 16_000, stride: [60, 41] })).rejects.toThrow(
      'Stride is too large for input: 60 + 41 samples, but the audio has 100',
    );
    for (const stride of [3, [1], [1, 2, 3], [-1, 0], [0.5, 1]])
      await expect(prepare({ raw, sampling_rate: 16_000, stride })).rejects.toThrow(
        'The stride of the audio is',
      );
  });

  test.each([
    [5, 'got 5, expected a path or URL'],
    [null, 'got null'],
    [[0.1, 0.2], 'A list is a batch of clips'],
    [{ raw: [1] }, 'an object with the keys [raw], expected'],
    [{ sampling_rate: 16_000 }, 'expected samples in "raw" or "array"'],
    [{ raw: 'a', sampling_rate: 16_000 }, 'takes samples as'],
    [{ raw: [1, 2], sampling_rate: 0 }, 'sampling_rate'],
    [{ raw: [[1], [1], [1]], sampling_rate: 16_000 }, 'got 3 rows'],
    [new Float32Array(0), 'got a clip without samples'],
    [Float32Array.of(0, NaN), 'sample 1 is NaN'],
    [Uint8Array.of(1, 2, 3), 'not an audio file of a known format'],
    ['no-such-file.wav', 'The audio file no-such-file.wav could not be read'],
    [new Uint8Array(new Float32Array(2).buffer).buffer, 'the audio is not an audio file'],
    [new Uint16Array(2), 'got a Uint16Array'],
  ])('refuses %j', async (source, message) => {
    await expect(prepare(source)).rejects.toThrow(message);
  });

  test('names the clip of a list', async () => {
    await expect(prepare(5, { index: 1, count: 3 })).rejects.toThrow('clip 2 of 3');
  });

  test('stops at the signal', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(prepareClip(file, { sampleRate: 16_000, signal })).rejects.toBe(reason);
  });
});
