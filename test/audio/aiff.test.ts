import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { readAiff } from './read-aiff.ts';

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const u16 = (value: number) => [(value >> 8) & 255, value & 255];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const chunk = (id: string, body: readonly number[], declaredBytes = body.length) => [
  ...ascii(id),
  ...u32(declaredBytes),
  ...body,
  ...(body.length % 2 === 1 ? [0] : []),
];

interface Spec {
  readonly compression?: string;
  readonly bits?: number;
  readonly channelCount?: number;
  readonly frameCount?: number;
  /** Of the 80-bit float. */
  readonly rate?: readonly number[];
}

/** 16 000 Hz: 2 ** 13 times 1.953125. */
const RATE_16000 = [0x40, 0x0c, 0xfa, 0, 0, 0, 0, 0, 0, 0];
const common = ({ compression, bits = 16, channelCount = 1, frameCount = 2, rate = RATE_16000 }: Spec) =>
  chunk('COMM', [
    ...u16(channelCount),
    ...u32(frameCount),
    ...u16(bits),
    ...rate,
    ...(compression === undefined ? [] : [...ascii(compression), 0, 0]),
  ]);
const sound = (data: readonly number[], offset = 0) =>
  chunk('SSND', [...u32(offset), ...u32(0), ...new Array<number>(offset).fill(7), ...data]);
const form = (...chunks: readonly number[][]) =>
  Uint8Array.from(chunk('FORM', [...ascii('AIFC'), ...chunks.flat()]));
const lists = (bytes: Uint8Array) => readAiff(bytes, 'x.aiff').channels.map((channel) => Array.from(channel));
const floatBytes = (byteLength: 4 | 8, values: readonly number[]) =>
  values.flatMap((value) => {
    const view = new DataView(new ArrayBuffer(byteLength));
    if (byteLength === 4) view.setFloat32(0, value);
    else view.setFloat64(0, value);
    return [...new Uint8Array(view.buffer)];
  });

describe('encodings', () => {
  test.each<[string | undefined, number, readonly number[], readonly number[]]>([
    [undefined, 8, [0x40, 0x80], [0.5, -1]],
    [undefined, 16, [0x40, 0, 0x80, 1], [0.5, -1 + 2 ** -15]],
    [undefined, 12, [0x40, 0, 0xff, 0xf0], [0.5, -(2 ** -11)]],
    [undefined, 24, [0, 0, 1, 0x80, 0, 0], [2 ** -23, -1]],
    [undefined, 32, [0x40, 0, 0, 0, 0xff, 0xff, 0xff, 0], [0.5, -(2 ** -23)]],
    ['NONE', 16, [0x40, 0, 0x80, 1], [0.5, -1 + 2 ** -15]],
    ['twos', 16, [0x40, 0, 0x80, 1], [0.5, -1 + 2 ** -15]],
    ['sowt', 16, [0, 0x40, 1, 0x80], [0.5, -1 + 2 ** -15]],
    ['sowt', 24, [1, 0, 0, 0, 0, 0x80], [2 ** -23, -1]],
    ['in24', 24, [0, 0, 1, 0x80, 0, 0], [2 ** -23, -1]],
    ['in32', 32, [0x40, 0, 0, 0, 0x80, 0, 0, 0], [0.5, -1]],
    ['raw ', 8, [0xc0, 0], [0.5, -1]],
    ['fl32', 32, floatBytes(4, [0.25, -2]), [0.25, -2]],
    ['FL32', 32, floatBytes(4, [0.25, -2]), [0.25, -2]],
    ['fl64', 64, floatBytes(8, [0.25, -2]), [0.25, -2]],
    // The values of ITU-T G.711. Headers give the bits before or after compression.
    ['alaw', 16, [0xaa, 0x2a], [32_256 / 2 ** 15, -32_256 / 2 ** 15]],
    ['ULAW', 8, [0x80, 0x00], [32_124 / 2 ** 15, -32_124 / 2 ** 15]],
  ])('%s at %i bits', (compression, bits, data, expected) => {
    const spec = { bits, ...(compression === undefined ? {} : { compression }) };
    expect(lists(form(common(spec), sound(data)))).toEqual([expected]);
    const stereo = form(common({ ...spec, channelCount: 2, frameCount: 1 }), sound(data));
    expect(lists(stereo)).toEqual(expected.map((value) => [value]));
  });

  test.each([
    [[0x40, 0x0c, 0xfa, 0, 0, 0, 0, 0, 0, 0], 16_000],
    [[0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0], 44_100],
    [[0x40, 0x0b, 0xfa, 0, 0, 0, 0, 0, 0, 0], 8000],
    [[0x40, 0x0d, 0xad, 0xdd, 0x17, 0x45, 0xd1, 0x74, 0x5d, 0x17], 22_255],
  ])('the rate %j is %i Hz', (rate, sampleRate) => {
    expect(readAiff(form(common({ rate }), sound([0, 0, 0, 0])), 'x.aiff')).toMatchObject({ sampleRate });
  });
});

describe('chunks', () => {
  const data = [0x40, 0, 0x80, 0];

  test('samples before their format, an offset, further chunks, padding that is missing', () => {
    const name = chunk('NAME', ascii('odd'));
    expect(lists(form(sound(data), common({})))).toEqual([[0.5, -1]]);
    expect(lists(form(common({}), sound(data, 6)))).toEqual([[0.5, -1]]);
    expect(lists(form(name, common({}), name, sound(data), name))).toEqual([[0.5, -1]]);
    expect(lists(form(name.slice(0, -1), common({}), sound(data)))).toEqual([[0.5, -1]]);
  });

  test('only the frames that the header counts, all where it counts none', () => {
    expect(lists(form(common({ frameCount: 1 }), sound(data)))).toEqual([[0.5]]);
    expect(lists(form(common({ frameCount: 0 }), sound(data)))).toEqual([[0.5, -1]]);
    const streamed = chunk('SSND', [0, 0, 0, 0, 0, 0, 0, 0, ...data], 0);
    expect(lists(form(common({ frameCount: 0 }), streamed))).toEqual([[0.5, -1]]);
  });

  test('a count that is of a moment before the writer stopped leaves nothing out', () => {
    const data = new Array<number>(2 * 16_000).fill(1);
    const clip = readAiff(form(common({ frameCount: 8000 }), sound(data)), 'x.aiff');
    expect(clip.channels[0]).toHaveLength(16_000);
    expect(clip.warnings).toBeUndefined();
  });

  test('a file that is cut says how much is missing', () => {
    const file = form(common({ frameCount: 32_000 }), sound(new Array<number>(64_000).fill(0)));
    const clip = readAiff(file.subarray(0, file.length - 32_000), 'x.aiff');
    expect(clip.channels[0]).toHaveLength(16_000);
    expect(clip.warnings).toEqual(['Its header declares 2.00 s of sound and the file ends after 1.00 s.']);
    expect(readAiff(file, 'x.aiff').warnings).toBeUndefined();
  });
});

test('aiff.aiff: the samples of the FLAC that it was made from', () => {
  const bytes = new Uint8Array(readFileSync(new URL('clips/aiff.aiff', import.meta.url)));
  const { channels, sampleRate, warnings } = readAiff(bytes, 'aiff.aiff');
  expect({ sampleRate, warnings, lengths: channels.map(({ length }) => length) }).toEqual({
    sampleRate: 16_000,
    lengths: [30_962],
  });
  expect(readAiff(bytes, 'x', { mono: true }).channels).toEqual(channels);
});

describe('malformed files', () => {
  const good = form(common({}), sound([1, 2, 3, 4]));

  test.each<[string, Uint8Array, string, RegExp]>([
    ['no chunk', form(), 'bad-audio', /^x\.aiff is not a readable AIFF file: it has no "COMM" chunk\.$/],
    ['no samples', form(common({})), 'bad-audio', /it has no "SSND" chunk/],
    [
      'an empty SSND',
      form(common({}), sound([])),
      'bad-audio',
      /0 bytes of samples, less than one frame of 2/,
    ],
    [
      'a short COMM',
      form(chunk('COMM', [0, 1]), sound([1])),
      'bad-audio',
      /"COMM" chunk has 2 bytes, expected 18/,
    ],
    ['no channels', form(common({ channelCount: 0 }), sound([1])), 'bad-audio', /declares 0 channels/],
    [
      'rate 0',
      form(common({ rate: new Array<number>(10).fill(0) }), sound([1])),
      'bad-audio',
      /sample rate of 0 Hz/,
    ],
    [
      'an endless rate',
      form(common({ rate: new Array<number>(10).fill(255) }), sound([1])),
      'bad-audio',
      /sample rate of Infinity Hz/,
    ],
    [
      'ima4',
      form(common({ compression: 'ima4' }), sound([1])),
      'unsupported',
      /AIFF file of encoding "ima4" at 16 bits/,
    ],
    ['40 bits', form(common({ bits: 40 }), sound([1])), 'unsupported', /encoding "NONE" at 40 bits/],
  ])('%s', (_, bytes, code, message) => {
    expect(() => readAiff(bytes, 'x.aiff')).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error,
    );
  });

  test('cut anywhere, or with any byte overwritten, a file parses or gives an error of the engine', () => {
    const attempt = (bytes: Uint8Array) => {
      try {
        return readAiff(bytes, 'x.aiff');
      } catch (error) {
        if (error instanceof UniSpeechError) return error;
        throw error;
      }
    };
    for (let length = 0; length < good.length - 2; length += 1)
      expect(attempt(good.subarray(0, length))).toBeInstanceOf(UniSpeechError);
    for (let offset = 0; offset < good.length; offset += 1) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const broken = good.slice();
        broken[offset] = value;
        expect(attempt(broken)).toBeDefined();
      }
    }
  });
});
