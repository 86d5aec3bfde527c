import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toMono } from '../../src/audio/downmix.ts';
import { parseWav } from '../../src/audio/parse-wav.ts';
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
    if (error instanceof UniSpeechError && ['bad-audio', 'unsupported'].includes(error.code)) return error;
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

describe('headers of other writers', () => {
  const stereo: WavSpec = { ...MONO, channelCount: 2 };
  const patched = (spec: WavSpec, offset: number, ...values: number[]) => {
    const file = writeWav(spec);
    file.set(values, offset);
    return file;
  };

  test('data before its format, also with chunks around', () => {
    const file = riff(
      chunk('LIST', [1, 2]),
      chunk('data', MONO.data),
      chunk('fact', [1, 2, 3]),
      formatChunk(MONO),
    );
    expect(lists(parseWav(file, 'x.wav'))).toEqual([SAMPLES]);
  });

  test('a frame size of 0, and one that is too small', () => {
    expect(lists(parseWav(patched(MONO, 32, 0), 'x.wav'))).toEqual([SAMPLES]);
    expect(parseWav(patched(stereo, 32, 0), 'x.wav')).toEqual(parseWav(writeWav(stereo), 'x.wav'));
    expect(parseWav(patched(stereo, 32, 2), 'x.wav')).toEqual(parseWav(writeWav(stereo), 'x.wav'));
  });

  test('padding that is missing behind a chunk of odd length', () => {
    const list = [...chunk('LIST', [1, 2, 3])].slice(0, -1);
    expect(lists(parseWav(riff(list, formatChunk(MONO), list, chunk('data', MONO.data)), 'x.wav'))).toEqual([
      SAMPLES,
    ]);
  });

  test.each(['RF64', 'BW64'])('%s: the size of the data is in the chunk ds64', (id) => {
    const ds64 = new Uint8Array(28);
    new DataView(ds64.buffer).setBigUint64(8, BigInt(MONO.data.length), true);
    const file = riff(
      chunk('ds64', ds64),
      formatChunk(MONO),
      chunk('data', MONO.data, 0xffffffff),
      chunk('LIST', [1, 2, 3, 4]),
    );
    file.set(Uint8Array.from(id, (character) => character.charCodeAt(0)));
    expect(lists(parseWav(file, 'x.wav'))).toEqual([SAMPLES]);
    expect(parseWav(file, 'x.wav').warnings).toBeUndefined();
  });

  test.each([
    ['12 bits, in the upper bits of two bytes', 12, [0x10, 0x00, 0x00, 0x80], [2 ** -11, -1]],
    ['20 bits, in the upper bits of three bytes', 20, [0x10, 0, 0, 0, 0, 0x80], [2 ** -19, -1]],
    ['6 bits, unsigned', 6, [0x84, 0x00], [2 ** -5, -1]],
  ])('%s', (_, bits, bytes, expected) => {
    for (const isExtensible of [false, true]) {
      const data = Uint8Array.from(bytes);
      const file = writeWav({ ...MONO, bits: 8 * Math.ceil(bits / 8), data, isExtensible });
      file[34] = bits;
      expect(lists(parseWav(file, 'x.wav'))).toEqual([expected]);
    }
  });

  test('24 bits in containers of four bytes', () => {
    const data = Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0x80);
    const plain = writeWav({ ...MONO, bits: 32, data });
    plain[34] = 24;
    expect(lists(parseWav(plain, 'x.wav'))).toEqual([[2 ** -23, -1]]);
    const extensible = writeWav({ ...MONO, bits: 32, data, isExtensible: true });
    extensible[38] = 24;
    expect(lists(parseWav(extensible, 'x.wav'))).toEqual([[2 ** -23, -1]]);
  });

  test.each([
    // The values of ITU-T G.711, at 16 bits.
    ['A-law', 6, [0xd5, 0x55, 0xaa, 0x2a, 0xc0], [8, -8, 32_256, -32_256, 344]],
    ['mu-law', 7, [0xff, 0x7f, 0x80, 0x00, 0xe0], [0, -0, 32_124, -32_124, 372]],
  ])('%s', (_, tag, bytes, expected) => {
    const file = writeWav({ ...MONO, tag, bits: 8, data: Uint8Array.from(bytes) });
    expect(lists(parseWav(file, 'x.wav'))).toEqual([expected.map((value) => value / 2 ** 15)]);
  });

  test('further data chunks, and a file of the same format joined behind, follow', () => {
    const data = chunk('data', MONO.data);
    const twice = [[...SAMPLES, ...SAMPLES]];
    expect(lists(parseWav(riff(formatChunk(MONO), data, chunk('LIST', [1]), data), 'x.wav'))).toEqual(twice);
    const file = writeWav(MONO);
    expect(lists(parseWav(Uint8Array.from([...file, ...file]), 'x.wav'))).toEqual(twice);
    const other = parseWav(Uint8Array.from([...file, ...writeWav({ ...MONO, sampleRate: 8000 })]), 'x.wav');
    expect(lists(other)).toEqual([SAMPLES]);
    expect(other.warnings).toEqual([expect.stringMatching(/^36 bytes of samples in another format follow/)]);
  });

  test('zeros behind the data are no chunks', () => {
    const file = Uint8Array.from([...writeWav(MONO), ...new Uint8Array(1000)]);
    expect(lists(parseWav(file, 'x.wav'))).toEqual([SAMPLES]);
  });
});

describe('what is missing', () => {
  const second = { ...MONO, sampleRate: 16_000, data: new Uint8Array(32_000).fill(1) };

  test('a file that is cut says how much', () => {
    const file = writeWav({ ...second, declaredDataBytes: 160_000 });
    expect(parseWav(file, 'x.wav').warnings).toEqual([
      'Its header declares 5.00 s of sound and the file ends after 1.00 s.',
    ]);
  });

  test.each([0, 0xffffffff, 0x7fffffff, 0x80000000, 0x7fffffff - 36, 32_000, 32_044, 31_999])(
    'a declared size of %i bytes is no loss',
    (declaredDataBytes) => {
      expect(parseWav(writeWav({ ...second, declaredDataBytes }), 'x.wav').warnings).toBeUndefined();
    },
  );

  test('samples behind a size of a moment before the writer stopped are a warning', () => {
    const data = new Uint8Array(32_000).fill(1);
    const clip = parseWav(writeWav({ ...MONO, data, declaredDataBytes: 16_000 }));
    expect(clip.channels[0]).toHaveLength(8000);
    expect(clip.warnings).toEqual([
      '16000 bytes behind its samples are no chunk of a WAV file and are left out.',
    ]);
  });
});

describe('options', () => {
  test('mono gives the samples of toMono, bit for bit', () => {
    for (const channelCount of [1, 2, 3, 5]) {
      const noise = Array.from({ length: channelCount * 10_000 }, (_, index) => Math.sin(index * index));
      const file = writeWav({
        tag: FLOAT,
        bits: 64,
        sampleRate: 8000,
        channelCount,
        data: encodeSamples(noise, FLOAT, 64),
      });
      const clip = parseWav(file, 'x.wav', { mono: true });
      expect(clip.channels).toEqual([toMono(parseWav(file, 'x.wav'))]);
    }
  });

  test('more seconds than allowed are an error that names the option', () => {
    const file = writeWav({ ...MONO, data: new Uint8Array(64_000) });
    expect(parseWav(file, 'x.wav', { maxSeconds: 2 }).channels[0]).toHaveLength(32_000);
    expect(() => parseWav(file, 'x.wav', { maxSeconds: 1.5 })).toThrow(
      'x.wav lasts 2.0 s, the limit is 1.5 s. Raise it by the option max_duration_s, or cut the file.',
    );
  });
});

/** Of the samples at 16 bits, interleaved. */
function digestOf({ channels }: { readonly channels: readonly Float32Array[] }): string {
  const [first = new Float32Array(0)] = channels;
  const integers = Array.from(first).flatMap((_, frame) =>
    channels.map((channel) => Math.round((channel[frame] ?? 0) * 2 ** 15)),
  );
  return createHash('sha256').update(Int16Array.from(integers)).digest('hex').slice(0, 16);
}

describe('clips', () => {
  const readClip = (name: string) => new Uint8Array(readFileSync(new URL(`clips/${name}`, import.meta.url)));

  // SHA-256 of what `ffmpeg -i FILE -f s16le -` gives, first digits.
  test.each([
    ['wav-rf64.wav', 16_000, 30_962, '479c007e0f8f3da5'],
    ['wav-data-before-fmt.wav', 16_000, 30_962, '479c007e0f8f3da5'],
    ['wav-alaw.wav', 8000, 15_481, 'b6c031107e58eb0a'],
    // The last block is full, with silence.
    ['wav-ima.wav', 16_000, 32_656, '33a9787d33143492'],
  ])('%s: the samples of ffmpeg', (name, sampleRate, frameCount, digest) => {
    const clip = parseWav(readClip(name), name);
    expect(clip).toMatchObject({ sampleRate });
    expect(clip.warnings).toBeUndefined();
    expect(clip.channels.map(({ length }) => length)).toEqual([frameCount]);
    expect(digestOf(clip)).toBe(digest);
  });

  test('IMA ADPCM of two channels, and of a block that is cut', () => {
    const file = readFileSync(new URL('clips/stereo-ima.wav', import.meta.url));
    const clip = parseWav(file, 'x.wav');
    expect(clip.channels.map(({ length }) => length)).toEqual([3051, 3051]);
    expect(digestOf(clip)).toBe('e2208463be8a45f6');
    const cut = parseWav(file.subarray(0, file.length - 100), 'x.wav');
    const count = cut.channels[0]?.length ?? 0;
    expect(lists(cut)).toEqual(clip.channels.map((channel) => Array.from(channel.subarray(0, count))));
    expect(count).toBe(2947);
  });

  test.each(['wav-1hz-4KB.wav'])('%s has no rate that sound has', (name) => {
    expect(parseOrError(readClip(name))).toMatchObject({
      code: 'bad-audio',
      message: expect.stringMatching(/declares a sample rate of 1 Hz, expected 1000 to 768000/) as string,
    });
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
    ['data alone', riff(chunk('data', MONO.data)), /it has no "fmt " chunk/],
    ['short format', riff(chunk('fmt ', [1, 0, 1, 0])), /"fmt " chunk has 4 bytes, expected 16/],
    ['mu-law', patched(20, 7), /WAV file of mu-law at 16 bits per sample, expected .* Convert it/],
    ['unknown tag', patched(20, 0x34, 0x12), /format tag 4660 at 16 bits/],
    ['40 bits', patched(34, 40), /WAV file of PCM at 40 bits per sample/],
    [
      'an IMA block without samples',
      patched(20, 0x11, 0, 1, 0, 0x80, 0x3e, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0),
      /blocks of 4 bytes/,
    ],
    ['a rate of 999 Hz', patched(24, 0xe7, 3), /declares a sample rate of 999 Hz, expected 1000 to 768000/],
    ['a rate of 16 MHz', patched(24, 0, 0x24, 0xf4), /declares a sample rate of 16000000 Hz/],
    ['65 channels', patched(22, 65), /declares 65 channels, more than 64/],
    ['16-bit float', patched(20, 3), /WAV file of float at 16 bits per sample/],
    ['no channels', patched(22, 0), /declares 0 channels/],
    ['rate 0', patched(24, 0, 0, 0, 0), /sample rate of 0 Hz/],
    ['wrong frame size', patched(32, 3), /declares 3 bytes per frame, expected 2 for 1 channels of 16 bits/],
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
