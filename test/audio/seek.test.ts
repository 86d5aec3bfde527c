/** Parts of files: the same samples as the whole has there, whatever the format, and little of a long file is read for them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { joinSamples } from '../../src/audio/channels.ts';
import { monoStream } from '../../src/audio/mono-stream.ts';
import { wantedFrameOf } from '../../src/audio/sound-range.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { ByteStream } from '../../src/base/sound-stream.ts';
import { prepareClip } from '../../src/pipelines/audio-source.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { streamAudio } from '../../src/platform/node-audio.ts';
import { clipFolder } from '../helpers/clips.ts';
import { serveFile } from '../helpers/http-server.ts';
import { listOf } from '../helpers/async-lists.ts';
import { writeFlac } from './write-flac.ts';
import { chunk, encodeSamples, formatChunk, riff, writeWav } from './write-wav.ts';

const RATE = 16_000;
const random = new SeededRandom(11);
const noise = (length: number): number[] => Array.from({ length }, () => random.uniform() - 0.5);
const noise16 = (length: number): Int16Array =>
  Int16Array.from({ length }, () => Math.round(20_000 * (random.uniform() - 0.5)));

const wav = (
  tag: number,
  bits: number,
  sampleRate: number,
  channelCount: number,
  seconds = 1.5,
): Uint8Array => {
  const samples = noise(Math.round(seconds * sampleRate) * channelCount);
  return writeWav({ tag, bits, sampleRate, channelCount, data: encodeSamples(samples, tag, bits) });
};
const pcm = { tag: 1, bits: 16, sampleRate: 44_100, channelCount: 2 };
const pcmData = encodeSamples(noise(2 * 60_000), 1, 16);
const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >> shift) & 255);
const rf64 = (): Uint8Array => {
  const sizes = [...u32(0), ...u32(0), ...u32(pcmData.length), ...u32(0), ...u32(0), ...u32(0), ...u32(0)];
  const file = riff(
    chunk('ds64', sizes),
    formatChunk({ ...pcm, data: pcmData }),
    chunk('data', pcmData, 0xffffffff),
  );
  file.set([0x52, 0x46, 0x36, 0x34]);
  return file;
};
const big = (value: number, byteLength: number): number[] =>
  Array.from({ length: byteLength }, (_, index) => (value >> (8 * (byteLength - 1 - index))) & 255);
const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
/** 16 bits, mono, 44.1 kHz, with an offset in front of the samples. */
function aiff(frameCount: number): Uint8Array {
  const data = [...noise16(frameCount)].flatMap((value) => big(value, 2));
  const common = [
    ...big(1, 2),
    ...big(frameCount, 4),
    ...big(16, 2),
    0x40,
    0x0e,
    0xac,
    0x44,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const sound = [...big(4, 4), ...big(0, 4), 1, 2, 3, 4, ...data];
  const body = [
    ...ascii('AIFF'),
    ...ascii('COMM'),
    ...big(common.length, 4),
    ...common,
    ...ascii('SSND'),
    ...big(sound.length, 4),
    ...sound,
  ];
  return Uint8Array.from([...ascii('FORM'), ...big(body.length, 4), ...body]);
}
const long = noise16(600_000);

/** Files in which a place is found without reading what lies before it, and others. */
const files: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['wav of 16 bits, stereo, 44.1 kHz', wav(1, 16, 44_100, 2)],
  ['wav of 24 bits, 48 kHz', wav(1, 24, 48_000, 1)],
  ['wav of 8 bits, 11.025 kHz', wav(1, 8, 11_025, 1)],
  ['wav of floats, 16 kHz', wav(3, 32, 16_000, 1)],
  ['wav at a rate of its own', wav(1, 16, 22_257, 1)],
  ['extensible wav', writeWav({ ...pcm, isExtensible: true, data: pcmData })],
  ['wav without a size', writeWav({ ...pcm, data: pcmData, declaredDataBytes: 0xffffffff })],
  ['wav that is cut', writeWav({ ...pcm, data: pcmData }).subarray(0, 200_001)],
  [
    'wav of odd length behind a chunk',
    writeWav({
      ...pcm,
      bits: 8,
      channelCount: 1,
      data: pcmData.subarray(0, 50_001),
      extraChunks: [{ id: 'LIST', body: new Uint8Array(33) }],
    }),
  ],
  ['rf64', rf64()],
  ['aiff', aiff(60_001)],
  ['flac', writeFlac({ sampleRate: 16_000, channels: [long], blockSize: 4096 })],
  [
    'flac at 44.1 kHz in stereo, by sample numbers',
    writeFlac({
      sampleRate: 44_100,
      channels: [long.subarray(0, 300_000), long.subarray(300_000)],
      blockSize: 1152,
      countsSamples: true,
    }),
  ],
  [
    'two flacs in one',
    Buffer.concat([0, 1].map(() => writeFlac({ sampleRate: 16_000, channels: [long], blockSize: 4096 }))),
  ],
  [
    'flac without a count',
    writeFlac({ sampleRate: 16_000, channels: [long], blockSize: 4096, declaredSamples: 0 }),
  ],
  [
    'flac that is cut',
    writeFlac({ sampleRate: 16_000, channels: [long], blockSize: 4096 }).subarray(0, 1_150_000),
  ],
  ['a clip in flac', readFileSync(`${clipFolder}yes-five.flac`)],
  ['a clip in ogg', readFileSync(`${clipFolder}nine-nine.ogg`)],
];

async function partOf(source: unknown, startSeconds: number, endSeconds: number): Promise<Float32Array> {
  const { stream } = openAudio(source, { sampleRate: RATE, part: { startSeconds, endSeconds } });
  return joinSamples(await listOf(stream));
}

test.each(files)('%s: any part has the samples of the whole', async (_, bytes) => {
  const before = Buffer.from(bytes).toString('base64');
  const whole = (await prepareClip(bytes, { sampleRate: RATE })).samples;
  const seconds = whole.length / RATE;
  const parts: (readonly [number, number])[] = [
    [0, seconds / 2],
    [seconds - 0.01, Infinity],
    [0.003, 0.01],
  ];
  for (let count = 0; count < 12; count += 1) {
    const start = random.uniform() * seconds * 0.999;
    parts.push([start, count % 3 === 0 ? Infinity : start + 0.001 + random.uniform() * seconds * 0.3]);
  }
  for (const [start, end] of parts) {
    const expected = whole.subarray(Math.round(start * RATE), Math.round(end * RATE));
    const found = await partOf(bytes, start, end);
    expect(found.length, `${start} to ${end}`).toBe(expected.length);
    expect(
      found.every((sample, index) => sample === expected[index]),
      `${start} to ${end}`,
    ).toBe(true);
  }
  // The caller's own bytes stay as they are.
  expect(Buffer.from(bytes).toString('base64') === before).toBe(true);
});

/** Bytes in memory that say how many of them were read. */
function counted(bytes: Uint8Array) {
  let count = 0;
  const give = (block: Uint8Array): Uint8Array => {
    count += block.length;
    return block;
  };
  async function* blocks(offset: number): AsyncGenerator<Uint8Array> {
    for (let at = offset; at < bytes.length; at += 16_384)
      yield await Promise.resolve(give(bytes.subarray(at, at + 16_384)));
  }
  let closeCount = 0;
  const stream: ByteStream = {
    blocks: blocks(0),
    openRandom: () =>
      Promise.resolve({
        byteLength: bytes.length,
        read: (offset, byteLength) => Promise.resolve(give(bytes.subarray(offset, offset + byteLength))),
        from: blocks,
        close: () => Promise.resolve(void (closeCount += 1)),
      }),
  };
  return { stream, count: () => count, closeCount: () => closeCount };
}

describe('of a long file little is read', () => {
  const seconds = 180;
  const channels = [noise16(seconds * RATE)];
  const wave = writeWav({
    ...pcm,
    sampleRate: RATE,
    channelCount: 1,
    data: new Uint8Array(channels[0]?.buffer ?? new ArrayBuffer(0)),
  });
  const flac = writeFlac({ sampleRate: RATE, channels, blockSize: 4096 });
  test.each([
    ['WAV', wave, 200_000, 32_768],
    ['FLAC', flac, 1_000_000, 32_767],
  ] as const)('%s', async (_, bytes, most, scale) => {
    expect(bytes.length).toBeGreaterThan(5_000_000);
    for (const startSample of [20 * RATE, 100 * RATE + 7, 178 * RATE]) {
      const range = { startSample, endSample: startSample + RATE };
      const file = counted(bytes);
      const wantedFrame = wantedFrameOf(range, RATE);
      const sound = streamAudio(file.stream, 'it', { mono: true, wantedFrame });
      const heard = joinSamples(
        await listOf(monoStream(sound, 'it', RATE, { range, maxSeconds: undefined })),
      );
      // The decoder of FLAC divides by one less.
      const expected = channels[0]?.subarray(startSample, startSample + RATE) ?? [];
      expect(Int16Array.from(heard, (value) => Math.round(value * scale))).toEqual(expected);
      expect(file.count(), `${startSample}`).toBeLessThan(most);
      expect(file.closeCount()).toBe(1);
      expect(sound.declaredSeconds).toBeCloseTo(seconds, 3);
    }
  });
});

test('a part behind the end, of a file and of samples, names the end', async () => {
  const message = /start_s is 7, but .* ends at 1\.500 s\. Give a smaller start_s\.$/;
  const bytes = wav(1, 16, 16_000, 1);
  await expect(partOf(bytes, 7, 8)).rejects.toThrow(message);
  await expect(async () => partOf(new Float32Array(24_000), 7, 8)).rejects.toThrow(message);
});

test('samples in memory and streams have parts, too, and a limit is that of the part', async () => {
  const samples = Float32Array.from(noise(48_000));
  const expected = samples.subarray(16_000, 24_000);
  expect(await partOf(samples, 1, 1.5)).toEqual(expected);
  async function* blocks() {
    for (let at = 0; at < samples.length; at += 7000)
      yield await Promise.resolve(samples.subarray(at, at + 7000));
  }
  expect(await partOf(blocks(), 1, 1.5)).toEqual(expected);
  const open = (maxSeconds: number) =>
    openAudio(wav(1, 16, 16_000, 1, 3), {
      sampleRate: RATE,
      maxSeconds,
      part: { startSeconds: 2, endSeconds: 2.5 },
    });
  expect(joinSamples(await listOf(open(0.6).stream))).toHaveLength(8000);
  await expect(listOf(open(0.4).stream)).rejects.toThrow('the limit is 0.4 s');
  const strided = { raw: samples, sampling_rate: RATE, stride: [0, 100] };
  await expect(async () => partOf(strided, 1, 2)).rejects.toThrow('cannot be combined with start_s');
});

test('from a server with ranges, from the disk and from a blob: the same samples, and from a server without', async () => {
  const bytes = wav(1, 16, 16_000, 1, 200);
  const samples = (await prepareClip(bytes, { sampleRate: RATE })).samples.subarray(100 * RATE, 101 * RATE);
  const folder = mkdtempSync(path.join(tmpdir(), 'unispeech-seek-'));
  const file = path.join(folder, 'it.wav');
  writeFileSync(file, bytes);
  for (const ranged of [true, false]) {
    const server = await serveFile(bytes, { ranged });
    try {
      expect(await partOf(`${server.url}/model.bin`, 100, 101)).toEqual(samples);
      const starts = server.ranges.map((range) => Number(/\d+/.exec(range)?.[0] ?? 0));
      expect(starts.some((start) => start > 3_000_000)).toBe(ranged);
    } finally {
      await server.close();
    }
  }
  expect(await partOf(file, 100, 101)).toEqual(samples);
  expect(await partOf(new Blob([bytes as Uint8Array<ArrayBuffer>]), 100, 101)).toEqual(samples);
  rmSync(folder, { recursive: true });
  await expect(partOf(file, 100, 101)).rejects.toMatchObject({ code: 'not-found' });
});
