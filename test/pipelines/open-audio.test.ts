/** Audio of every kind as a stream: the samples are those of the whole, and whatever is open is closed. */
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toMono } from '../../src/audio/downmix.ts';
import { joinSamples } from '../../src/audio/channels.ts';
import { resample } from '../../src/audio/resample.ts';
import { prepareClip } from '../../src/pipelines/audio-source.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { decodeAudioFile } from '../../src/platform/node-audio.ts';

const SAMPLE_RATE = 16_000;
const CLIPS = new URL('../audio/clips/', import.meta.url);
const EXAMPLES = new URL('../../examples/audio/', import.meta.url);
const read = (url: URL): Uint8Array => new Uint8Array(readFileSync(url));

async function collect(
  source: unknown,
  options: { readonly maxSeconds?: number; readonly signal?: AbortSignal } = {},
) {
  const opened = openAudio(source, { sampleRate: SAMPLE_RATE, ...options });
  const blocks: Float32Array[] = [];
  for await (const block of opened.stream) blocks.push(block);
  return { ...opened, blocks, samples: joinSamples(blocks) };
}

/** A tone of two channels at 44.1 kHz. */
const FRAME_COUNT = 100_000;
const left = Float32Array.from({ length: FRAME_COUNT }, (_, index) => Math.sin(index / 20));
const right = Float32Array.from({ length: FRAME_COUNT }, (_, index) => Math.sin(index / 31) / 2);
const expected = resample(toMono({ channels: [left, right], sampleRate: 44_100 }), 44_100, SAMPLE_RATE);

interface TonePiece {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

/** The tone in pieces of odd lengths, of which one is empty. */
function* pieces(): Generator<TonePiece> {
  const ends = [0, 1, 4000, 4000, 33_333, FRAME_COUNT];
  for (let index = 1; index < ends.length; index += 1)
    yield {
      left: left.slice(ends[index - 1], ends[index]),
      right: right.slice(ends[index - 1], ends[index]),
    };
}

/** A source, and whether it was ended. */
function sourceOf(itemOf: (piece: TonePiece) => unknown) {
  const state = { isEnded: false, count: 0 };
  async function* items() {
    try {
      for (const piece of pieces()) {
        state.count += 1;
        yield await Promise.resolve(itemOf(piece));
      }
    } finally {
      state.isEnded = true;
    }
  }
  return { state, items: items() };
}

const audioBuffer = (piece: TonePiece) => ({
  numberOfChannels: 2,
  sampleRate: 44_100,
  getChannelData: (channel: number) => (channel === 0 ? piece.left : piece.right),
});

/** What WebCodecs gives, with a count of those that are still open. */
function audioDataMaker() {
  const open = new Set<object>();
  const make = (piece: TonePiece) => {
    const data = {
      numberOfChannels: 2,
      numberOfFrames: piece.left.length,
      sampleRate: 44_100,
      copyTo(target: Float32Array, { planeIndex, format }: { planeIndex: number; format: string }) {
        expect(format).toBe('f32-planar');
        target.set(planeIndex === 0 ? piece.left : piece.right);
      },
      close: () => open.delete(data),
    };
    open.add(data);
    return data;
  };
  return { open, make };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'open-audio-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('streams of samples give the samples of the whole', () => {
  const objects = ['data', 'raw', 'array'].map(
    (key) =>
      [
        `{ ${key}, sampling_rate }`,
        (piece: TonePiece) => ({ [key]: [piece.left, piece.right], sampling_rate: 44_100 }),
      ] as const,
  );
  test.each<readonly [string, (piece: TonePiece) => unknown]>([
    ['AudioBuffer', audioBuffer],
    ['a sink of mediabunny', (piece) => ({ buffer: audioBuffer(piece), timestamp: 0, duration: 1 })],
    ...objects,
  ])('%s', async (_, itemOf) => {
    const { items, state } = sourceOf(itemOf);
    expect((await collect(items)).samples).toEqual(expected);
    expect(state.isEnded).toBe(true);
  });

  test('AudioData, which are closed', async () => {
    const { open, make } = audioDataMaker();
    expect((await collect(sourceOf(make).items)).samples).toEqual(expected);
    expect(open.size).toBe(0);
  });

  test('Float32Array at the rate of the model, whose memory may be filled again', async () => {
    const memory = new Float32Array(2);
    async function* items() {
      for (const value of [1, 2, 3]) yield await Promise.resolve(memory.fill(value));
    }
    const { samples, stream } = await collect(items());
    expect([...samples]).toEqual([1, 1, 2, 2, 3, 3]);
    expect(stream.name).toBe('the audio');
  });

  test('a ReadableStream, with and without an iterator', async () => {
    const streamOf = () => {
      const { items } = sourceOf(({ left: samples }) => samples);
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await items.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
      });
    };
    expect((await collect(streamOf())).samples).toEqual(left);
    const stream = streamOf();
    expect((await collect({ getReader: () => stream.getReader() })).samples).toEqual(left);
  });

  test('prepareClip collects them', async () => {
    const clip = await prepareClip(sourceOf(audioBuffer).items, { sampleRate: SAMPLE_RATE });
    expect(clip.samples).toEqual(expected);
  });
});

describe('files', () => {
  test.each([
    'yes-five.mp3',
    'yes-five.opus',
    'yes-five.oga',
    'flac-8k-id3v1-at-end.flac',
    'wav-ima.wav',
    'vorbis-chained-16k-48k.ogg',
  ])('%s: the same from a path, bytes, a blob, and streams of bytes', async (file) => {
    const url = new URL(file, CLIPS);
    const bytes = read(url);
    const clip = await decodeAudioFile(bytes, file, { mono: true });
    const { samples } = await collect(url);
    if (file.startsWith('vorbis-chained')) expect(samples.length).toBe(58_722);
    else expect(samples).toEqual(resample(toMono(clip), clip.sampleRate, SAMPLE_RATE));
    async function* inBits(size: number) {
      for (let start = 0; start < bytes.length; start += size)
        yield await Promise.resolve(bytes.subarray(start, start + size));
    }
    const sources = [
      bytes,
      bytes.slice().buffer,
      new Blob([bytes as Uint8Array<ArrayBuffer>]),
      createReadStream(url, { highWaterMark: 1000 }),
      inBits(37),
      new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
    ];
    for (const source of sources) expect((await collect(source)).samples).toEqual(samples);
  });

  test('samples in memory are one block', async () => {
    const { samples, stream } = openAudio(left, { sampleRate: SAMPLE_RATE });
    expect(samples).toBe(left);
    expect(stream.declaredSeconds).toBe(FRAME_COUNT / SAMPLE_RATE);
    expect((await collect(left)).blocks).toEqual([left]);
  });

  test('the header tells the length as soon as the first block is there', async () => {
    const { stream } = openAudio(new URL('yes-five.flac', EXAMPLES), { sampleRate: SAMPLE_RATE });
    expect(stream.declaredSeconds).toBeUndefined();
    for await (const block of stream) {
      expect(block.length).toBeGreaterThan(0);
      expect(stream.declaredSeconds).toBeCloseTo(30_962 / 16_000, 5);
      break;
    }
  });

  test('warnings come with the name', async () => {
    const { stream } = await collect(new URL('flac-one-byte-55pct.flac', CLIPS));
    expect(stream.warnings).toEqual([
      expect.stringMatching(/flac-one-byte-55pct\.flac: 0\.26 s of it cannot be decoded/),
    ]);
  });
});

describe('an early end', () => {
  const openFiles = () => readdirSync('/proc/self/fd').length;

  test('of the iteration closes the file', async () => {
    const file = path.join(folder, 'long.mp3');
    const mp3 = read(new URL('yes-five.mp3', CLIPS));
    writeFileSync(file, Buffer.concat(Array.from({ length: 100 }, () => mp3)));
    const before = openFiles();
    const { stream } = openAudio(file, { sampleRate: SAMPLE_RATE });
    for await (const block of stream) {
      expect(block.length).toBeGreaterThan(0);
      expect(openFiles()).toBeGreaterThan(before);
      break;
    }
    expect(openFiles()).toBe(before);
  });

  test('of the iteration returns the generator', async () => {
    const { items, state } = sourceOf(audioBuffer);
    const { stream } = openAudio(items, { sampleRate: SAMPLE_RATE });
    for await (const block of stream) {
      expect(block.length).toBeGreaterThan(0);
      break;
    }
    expect(state).toEqual({ isEnded: true, count: expect.any(Number) as number });
    expect(state.count).toBeLessThan(5);
  });

  test('by an abort returns the generator, and does not wait for one that hangs', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { items, state } = sourceOf(({ left: samples }) => {
      controller.abort(reason);
      return samples;
    });
    await expect(collect(items, { signal: controller.signal })).rejects.toBe(reason);
    expect(state.isEnded).toBe(true);
    const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
    const signal = AbortSignal.timeout(20);
    await expect(collect(hanging, { signal })).rejects.toThrow(/timeout/);
  });

  test('by an abort cancels a ReadableStream that waits, and destroys a Readable', async () => {
    let isCancelled = false;
    const waiting = new ReadableStream<Float32Array>({
      pull: () => new Promise<never>(() => undefined),
      cancel() {
        isCancelled = true;
      },
    });
    await expect(collect(waiting, { signal: AbortSignal.timeout(20) })).rejects.toThrow(/timeout/);
    expect(isCancelled).toBe(true);
    const readable = new Readable({ objectMode: true, read: () => undefined });
    await expect(collect(readable, { signal: AbortSignal.timeout(20) })).rejects.toThrow(/timeout/);
    expect(readable.destroyed).toBe(true);
  });

  test.each([NaN, 0, 500, 8000.5, 1e6])('by a rate of %d Hz', async (sampling_rate) => {
    const rated = sourceOf(({ left: data }) => ({ data, sampling_rate }));
    await expect(collect(rated.items)).rejects.toMatchObject({
      code: 'bad-input',
      message: `The sampling_rate of item 1 of the audio is ${sampling_rate}, expected a whole number of Hz from 1000 to 768000.`,
    });
    expect(rated.state.isEnded).toBe(true);
  });

  test('is found by iterators that give plain objects', async () => {
    const results = [{ done: false, value: left }, { done: true }];
    const plain = { [Symbol.asyncIterator]: () => ({ next: () => results.shift() }) };
    const { signal } = new AbortController();
    expect((await collect(plain, { signal })).samples).toEqual(left);
  });

  test('by a piece that is none: its number, and what else is waiting is closed', async () => {
    const { open, make } = audioDataMaker();
    let count = 0;
    const { items, state } = sourceOf((piece) => ((count += 1) === 3 ? 'sound' : make(piece)));
    await expect(collect(items)).rejects.toMatchObject({
      code: 'bad-input',
      message:
        'Item 3 of the stream for the audio is "sound", expected samples as Float32Array, ' +
        '{ data, sampling_rate }, an AudioBuffer or an AudioData.',
    });
    expect([state.isEnded, open.size]).toEqual([true, 0]);
  });

  test('by samples among bytes', async () => {
    let count = 0;
    const wav = read(new URL('wav-ima.wav', CLIPS));
    const { items } = sourceOf(() => ((count += 1) === 2 ? left : wav));
    await expect(collect(items)).rejects.toThrow(
      'Item 2 of the stream for the audio is a Float32Array, expected more bytes of a file.',
    );
  });

  test('by an error of the source itself', async () => {
    const failure = new Error('the line is dead');
    async function* items() {
      yield await Promise.resolve(left);
      throw failure;
    }
    await expect(collect(items())).rejects.toBe(failure);
  });

  test.each([
    [[], 'For the audio a pipeline got a clip without samples.'],
    [
      [Float32Array.of(0, 1), Float32Array.of(2, NaN)],
      'For item 2 of the audio a pipeline got a clip whose sample 1 is NaN',
    ],
  ])('by no sound in %j', async (list, message) => {
    async function* items() {
      for (const item of list) yield await Promise.resolve(item);
    }
    await expect(collect(items())).rejects.toThrow(message);
  });

  test('by the limit', async () => {
    await expect(collect(sourceOf(audioBuffer).items, { maxSeconds: 1 })).rejects.toThrow(
      /^the audio lasts at least 2\.3 s, the limit is 1 s\./,
    );
  });
});
