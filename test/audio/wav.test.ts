import { describe, expect, test } from 'vitest';
import { parseWav } from '../../src/audio/wav.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { chunk, encodeSamples, formatChunk, riff, writeWav } from './write-wav.ts';
import type { WavSpec } from './write-wav.ts';

const PCM = 1;
const FLOAT = 3;
/** Exact in eight bits and more. */
const SAMPLES = [-1, 0.5, -0.5, 0, 0.25, 127 / 128];
const MONO: WavSpec = {
  tag: PCM,
  bits: 16,
  sampleRate: 16_000,
  channelCount: 1,
  data: encodeSamples(SAMPLES, PCM, 16),
};
const lists = (clip: { readonly channels: readonly Float32Array[] }) =>
  clip.channels.map((channel) => Array.from(channel));

/** The engine's error, or the clip: anything else fails the test. */
function parseOrError(bytes: Uint8Array): unknown {
  try {
    return parseWav(bytes, 'x.wav');
  } catch (error) {
    if (error instanceof UniSpeechError && error.code === 'bad-audio') return error;
    throw error;
  }
}

describe('sample formats', () => {
  test.each([
    [PCM, 8],
    [PCM, 16],
    [PCM, 24],
    [PCM, 32],
    [FLOAT, 32],
    [FLOAT, 64],
  ])('format tag %i, %i bits: plain and extensible, mono and three channels', (tag, bits) => {
    for (const isExtensible of [false, true]) {
      const data = encodeSamples(SAMPLES, tag, bits);
      const spec = { tag, bits, data, isExtensible };
      const mono = parseWav(writeWav({ ...spec, sampleRate: 11_025, channelCount: 1 }), 'x.wav');
      expect(mono.sampleRate).toBe(11_025);
      expect(lists(mono)).toEqual([SAMPLES]);
      const three = parseWav(writeWav({ ...spec, sampleRate: 48_000, channelCount: 3 }), 'x.wav');
      expect(three.sampleRate).toBe(48_000);
      expect(lists(three)).toEqual([
        [-1, 0],
        [0.5, 0.25],
        [-0.5, 127 / 128],
      ]);
    }
  });

  test.each([
    [8, [0x00, 0x80, 0xff], [-1, 0, 127 / 128]],
    [16, [0x01, 0x00, 0xff, 0xff, 0x00, 0x80], [2 ** -15, -(2 ** -15), -1]],
    [24, [0x01, 0, 0, 0xff, 0xff, 0xff, 0x00, 0x80, 0x00], [2 ** -23, -(2 ** -23), 2 ** -8]],
    [32, [0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80], [2 ** -23, -(2 ** -31), -1]],
  ])('byte order and sign of %i-bit integers', (bits, bytes, expected) => {
    const clip = parseWav(writeWav({ ...MONO, bits, data: Uint8Array.from(bytes) }), 'x.wav');
    expect(lists(clip)).toEqual([expected]);
  });

  test('float samples beyond ±1 stay as they are', () => {
    const data = encodeSamples([1.5, -2], FLOAT, 32);
    expect(lists(parseWav(writeWav({ ...MONO, tag: FLOAT, bits: 32, data }), 'x.wav'))).toEqual([[1.5, -2]]);
  });

  test('reads a view in the middle of a buffer', () => {
    const file = writeWav(MONO);
    const padded = new Uint8Array(file.length + 10).fill(0x55);
    padded.set(file, 3);
    expect(lists(parseWav(padded.subarray(3, 3 + file.length), 'x.wav'))).toEqual([SAMPLES]);
  });
});

describe('chunks', () => {
  test('skips unknown chunks, also of odd length', () => {
    const extraChunks = [
      { id: 'LIST', body: Uint8Array.of(1, 2, 3) },
      { id: 'fact', body: Uint8Array.of(1, 2, 3, 4) },
      { id: 'odd1', body: Uint8Array.of(9) },
    ];
    expect(lists(parseWav(writeWav({ ...MONO, extraChunks }), 'x.wav'))).toEqual([SAMPLES]);
  });

  test('ignores what follows the data', () => {
    const file = riff(formatChunk(MONO), chunk('data', MONO.data), chunk('LIST', [1, 2, 3, 4]));
    expect(lists(parseWav(file, 'x.wav'))).toEqual([SAMPLES]);
  });

  test.each([0, 0xffffffff])('a streamed header with data size %i goes to the end of the file', (size) => {
    expect(lists(parseWav(writeWav({ ...MONO, declaredDataBytes: size }), 'x.wav'))).toEqual([SAMPLES]);
  });

  test('a file cut short gives its whole frames', () => {
    const file = writeWav({ ...MONO, channelCount: 2 });
    const whole = parseWav(file.subarray(0, file.length - 4), 'x.wav');
    const partFrame = parseWav(file.subarray(0, file.length - 1), 'x.wav');
    const expected = [
      [-1, -0.5],
      [0.5, 0],
    ];
    expect(lists(whole)).toEqual(expected);
    expect(lists(partFrame)).toEqual(expected);
  });
});

describe('malformed files', () => {
  const patched = (offset: number, ...values: number[]) => {
    const file = writeWav(MONO);
    file.set(values, offset);
    return file;
  };

  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /^x\.wav is not a readable WAV file: expected a "RIFF" header/],
    ['big-endian RIFX', patched(3, 0x58), /"RIFF" header of type "WAVE"/],
    ['another RIFF type', patched(8, 0x41, 0x56, 0x49, 0x20), /"RIFF" header of type "WAVE"/],
    ['no chunk', riff(), /it has no "fmt " chunk/],
    ['no data chunk', riff(formatChunk(MONO)), /it has no "data" chunk/],
    ['data first', riff(chunk('data', MONO.data), formatChunk(MONO)), /"data" chunk comes before/],
    ['short format', riff(chunk('fmt ', [1, 0, 1, 0])), /"fmt " chunk has 4 bytes, expected 16/],
    ['mu-law', patched(20, 7), /WAV file of mu-law at 16 bits per sample, expected .* Convert it/],
    ['unknown tag', patched(20, 0x34, 0x12), /format tag 4660 at 16 bits/],
    ['20 bits', patched(34, 20), /WAV file of PCM at 20 bits per sample/],
    ['16-bit float', patched(20, 3), /WAV file of float at 16 bits per sample/],
    ['no channels', patched(22, 0), /declares 0 channels/],
    ['rate 0', patched(24, 0, 0, 0, 0), /sample rate of 0 Hz/],
    ['wrong frame size', patched(32, 3), /declares 3 bytes a frame, expected 2 for 1 channels of 16 bits/],
    [
      'no samples',
      writeWav({ ...MONO, data: new Uint8Array(0) }),
      /"data" chunk has 0 bytes, less than one frame/,
    ],
    ['short extensible', patched(20, 0xfe, 0xff), /extensible "fmt " chunk has 16 bytes, expected 40/],
  ])('%s', (_, file, message) => {
    expect(parseOrError(file)).toMatchObject({
      name: 'UniSpeechError',
      message: expect.stringMatching(message) as string,
    });
  });

  test('an unknown extensible sub-format', () => {
    const file = writeWav({ ...MONO, isExtensible: true });
    file[59] = 0;
    expect(() => parseWav(file, 'x.wav')).toThrow(/unknown sub-format/);
  });

  test('cut anywhere, or with any header byte overwritten, a file parses or gives bad-audio', () => {
    for (const isExtensible of [false, true]) {
      const file = writeWav({ ...MONO, isExtensible });
      const headerBytes = file.length - MONO.data.length;
      for (let length = 0; length < headerBytes; length += 1) {
        expect(parseOrError(file.subarray(0, length))).toBeInstanceOf(UniSpeechError);
      }
      for (let offset = 0; offset < headerBytes; offset += 1) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const broken = file.slice();
          broken[offset] = value;
          expect(parseOrError(broken)).toBeDefined();
        }
      }
    }
  });
});
