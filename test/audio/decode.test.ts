import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toMono } from '../../src/audio/downmix.ts';
import { resample } from '../../src/audio/resample.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import type { AudioClip } from '../../src/base/files.ts';
import { decodeAudioFile } from '../../src/platform/node-audio.ts';

const REPOSITORY = new URL('../../', import.meta.url);
const EXAMPLES = new URL('examples/audio/', REPOSITORY);
const CLIPS = new URL('test/audio/clips/', REPOSITORY);
/** Real recordings that are not part of the repository: tested where they lie beside it. */
const SPEECH = new URL('../shared/data/speech/', REPOSITORY);
const hasSpeech = existsSync(SPEECH);

interface ManifestRow {
  readonly file: string;
  readonly rate: number;
  readonly channels: number;
  readonly seconds: number;
  readonly encoding: string;
}

function readManifest(folder: URL): ManifestRow[] {
  const [header = '', ...lines] = readFileSync(new URL('MANIFEST.tsv', folder), 'utf8').trim().split('\n');
  const names = header.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    const cell = (name: string) => cells[names.indexOf(name)] ?? '';
    return {
      file: cell('file'),
      rate: Number(cell('rate')),
      channels: Number(cell('channels')),
      seconds: Number(cell('seconds')),
      encoding: cell('encoding'),
    };
  });
}

const readBytes = (folder: URL, file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
const decode = (folder: URL, file: string) => decodeAudioFile(readBytes(folder, file), file);
const frameCount = (clip: AudioClip) => clip.channels[0]?.length ?? 0;
const rms = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);

function expectClip(clip: AudioClip, row: ManifestRow) {
  // Opus always decodes at 48 kHz, whatever rate was recorded.
  expect(clip.sampleRate).toBe(row.encoding.includes('Opus') ? 48_000 : row.rate);
  expect(clip.channels).toHaveLength(row.channels);
  // The manifest rounds to 0.01 s, and counts the encoder delay of MP3, which decoding removes.
  const tolerance = row.encoding === 'MP3' ? 0.08 : 0.0101;
  expect(Math.abs(frameCount(clip) / clip.sampleRate - row.seconds)).toBeLessThan(tolerance);
  for (const channel of clip.channels) {
    expect(channel).toHaveLength(frameCount(clip));
    expect(channel.every((sample) => Math.abs(sample) < 2)).toBe(true);
    expect(rms(channel)).toBeGreaterThan(1e-4);
  }
}

describe('committed clips', () => {
  test.each(readManifest(EXAMPLES))('$file', async (row) => {
    expectClip(await decode(EXAMPLES, row.file), row);
  });

  test.each([
    ['yes-five.mp3', 0.98],
    ['yes-five.opus', 0.9],
    ['yes-five.oga', 0.99999],
  ])('%s sounds like the FLAC it was made from', async (file, minimumCorrelation) => {
    const original = toMono(await decode(EXAMPLES, 'yes-five.flac'));
    const clip = await decode(CLIPS, file);
    const samples = resample(toMono(clip), clip.sampleRate, 16_000);
    expect(clip.channels).toHaveLength(1);
    expect(samples).toHaveLength(original.length);
    const product = samples.reduce((sum, sample, index) => sum + sample * (original[index] ?? 0), 0);
    const correlation = product / (samples.length * rms(samples) * rms(original));
    expect(correlation).toBeGreaterThan(minimumCorrelation);
  });
});

if (hasSpeech) {
  describe('recordings in ../shared/data/speech', () => {
    test.each(readManifest(SPEECH))('$file', async (row) => {
      expectClip(await decode(SPEECH, row.file), row);
    });
  });
} else {
  test('no recordings in ../shared/data/speech: only the committed clips were decoded', () => {
    expect(readManifest(EXAMPLES).length).toBeGreaterThan(10);
  });
}

describe('bad files', () => {
  const FILES: readonly [string, URL][] = [
    ['yes-five.flac', EXAMPLES],
    ['nine-nine.ogg', EXAMPLES],
    ['yes-five.mp3', CLIPS],
    ['yes-five.opus', CLIPS],
    ['yes-five.oga', CLIPS],
  ];
  const outcome = (bytes: Uint8Array) =>
    decodeAudioFile(bytes, 'x').catch((error: unknown) => {
      if (error instanceof UniSpeechError && error.code === 'bad-audio') return error;
      throw error;
    });

  // The decoder packages print the errors that they also return.
  beforeEach(() => {
    vi.spyOn(console, 'error').mockReturnValue();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each<[string, Uint8Array, RegExp]>([
    [
      'empty',
      new Uint8Array(0),
      /^x is not an audio file of a known format: it is empty\. WAV, AIFF, FLAC, MP3, Ogg/,
    ],
    ['text', new TextEncoder().encode('Not audio at all.'), /its 17 bytes start with 4e 6f 74 20 61 75/],
    [
      'an MPEG sync and zeros',
      Uint8Array.of(0xff, 0xfb, 0x90, ...new Uint8Array(5000)),
      /not an audio file of a known format: its 5003 bytes start with ff fb 90/,
    ],
    [
      'a FLAC marker and zeros',
      Uint8Array.of(0x66, 0x4c, 0x61, 0x43, ...new Uint8Array(500)),
      /as FLAC: no samples/,
    ],
    ['a broken WAV', new TextEncoder().encode('RIFF....WAVE'), /x is not a readable WAV file/],
  ])('%s', async (_, bytes, message) => {
    const error = await outcome(bytes);
    expect(error).toBeInstanceOf(UniSpeechError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) as string });
  });

  test('samples that start like an MP3 frame are of no known format', async () => {
    const error = await outcome(readBytes(CLIPS, 'raw-pcm-starting-ff-ff.pcm'));
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^x is not an audio file of a known format: its 4000 bytes start with ff ff/,
      ) as string,
    });
  });

  test.each(FILES)('%s cut anywhere gives fewer samples or bad-audio', async (file, folder) => {
    const bytes = readBytes(folder, file);
    const whole = frameCount(await decodeAudioFile(bytes, file));
    for (const length of [
      1,
      3,
      4,
      10,
      30,
      60,
      100,
      500,
      ...[0.3, 0.6, 0.9].map((part) => part * bytes.length),
    ]) {
      const result = await outcome(bytes.subarray(0, length));
      if (result instanceof UniSpeechError) continue;
      expect(frameCount(result)).toBeGreaterThan(0);
      expect(frameCount(result)).toBeLessThanOrEqual(whole);
    }
    expect(await outcome(bytes.subarray(0, 20))).toBeInstanceOf(UniSpeechError);
    expect(await outcome(bytes.subarray(0, bytes.length - 1))).not.toBeInstanceOf(UniSpeechError);
  });

  test.each(FILES)('%s followed by garbage keeps its samples', async (file, folder) => {
    const bytes = readBytes(folder, file);
    const whole = await decodeAudioFile(bytes, file);
    const dirty = new Uint8Array(bytes.length + 3000).map((_, index) => bytes[index] ?? (index * 31) & 0xff);
    const result = await decodeAudioFile(dirty, file);
    expect(result.sampleRate).toBe(whole.sampleRate);
    expect(Math.abs(frameCount(result) - frameCount(whole))).toBeLessThan(0.3 * whole.sampleRate);
  });

  test.each(FILES)('%s with noise for content is bad-audio', async (file, folder) => {
    const bytes = readBytes(folder, file);
    let seed = 7;
    const noise = bytes.map((byte, index) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return index < 64 ? byte : seed >>> 24;
    });
    expect(await outcome(noise)).toBeInstanceOf(UniSpeechError);
  });
});
