/** However a WAV or AIFF file comes in blocks, its sound is that of the whole, and little of it is kept. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { openAiff } from '../../src/audio/aiff.ts';
import { PcmOutput } from '../../src/audio/pcm-reader.ts';
import type { SoundReader } from '../../src/audio/sound-reader.ts';
import { parseWav } from '../../src/audio/parse-wav.ts';
import { openWav } from '../../src/audio/wav.ts';
import { joinBytes } from '../../src/base/bytes.ts';
import { messageOf } from '../../src/base/checks.ts';
import type { AudioClip } from '../../src/base/files.ts';
import { mutateBytes } from '../fuzz/mutate-bytes.ts';
import { randomOf } from '../fuzz/random.ts';
import { readAiff } from './read-aiff.ts';
import { chunk, encodeSamples, formatChunk, riff, writeWav, type WavSpec } from './write-wav.ts';

const clip = (name: string) => new Uint8Array(readFileSync(new URL(`clips/${name}`, import.meta.url)));
const noise = Array.from({ length: 3000 }, (_, index) => Math.sin(index * index) / 2);
const spec = (bits: number, channelCount: number, tag = 1): WavSpec => ({
  tag,
  bits,
  sampleRate: 8000,
  channelCount,
  data: encodeSamples(noise, tag, bits),
});
const stereo = spec(16, 2);
const format = formatChunk(stereo);
const data = chunk('data', stereo.data);
const aiff = clip('aiff.aiff');
/** Where its chunk COMM begins, and where it ends. */
const [COMMON_START, COMMON_END] = [36, 62];
const aiffSoundFirst = joinBytes([
  aiff.subarray(0, COMMON_START),
  aiff.subarray(COMMON_END),
  aiff.subarray(COMMON_START, COMMON_END),
]);
const aiffCounting = (frameCount: number) => {
  const copy = aiff.slice();
  new DataView(copy.buffer).setUint32(COMMON_START + 10, frameCount);
  return copy;
};

const FILES: readonly [name: string, bytes: Uint8Array][] = [
  ...['wav-rf64.wav', 'wav-data-before-fmt.wav', 'wav-alaw.wav', 'wav-ima.wav', 'stereo-ima.wav'].map(
    (name): [string, Uint8Array] => [name, clip(name)],
  ),
  ['16-bit.wav', writeWav(stereo)],
  ['24-bit.wav', writeWav(spec(24, 3))],
  ['32-bit.wav', writeWav(spec(32, 2))],
  ['float.wav', writeWav({ ...spec(32, 2, 3), isExtensible: true })],
  ['streamed.wav', writeWav({ ...stereo, declaredDataBytes: 0 })],
  ['placeholder.wav', writeWav({ ...stereo, declaredDataBytes: 0xffffffff })],
  ['cut.wav', writeWav({ ...stereo, declaredDataBytes: 99_999 })],
  ['joined.wav', joinBytes([writeWav(stereo), writeWav(stereo), writeWav(spec(24, 2))])],
  ['several.wav', riff(chunk('LIST', [1, 2, 3]).slice(0, -1), format, data, chunk('LIST', [1]), data)],
  ['early.wav', riff(data, chunk('LIST', [1]), data, format, data)],
  ['stopped.wav', writeWav({ ...stereo, declaredDataBytes: 100 })],
  ['aiff.aiff', aiff],
  ['sound-first.aiff', aiffSoundFirst],
  ['padded.aiff', aiffCounting(30_900)],
  ['miscounted.aiff', aiffCounting(10_000)],
  ['uncounted.aiff', aiffCounting(0)],
];

const openOf = (name: string, mono: boolean): SoundReader =>
  (name.endsWith('.aiff') ? openAiff : openWav)('x', { mono });

/** The rate, the warnings and the bits of the samples; or the error. */
function plain(read: () => AudioClip): string {
  try {
    const { channels, sampleRate, warnings = [] } = read();
    const hashes = channels.map((samples) => {
      // One by one, so that each NaN has the same bits.
      const copy = Float32Array.from(samples, (sample) => (Number.isNaN(sample) ? NaN : sample));
      return `${samples.length} ${createHash('sha256').update(copy).digest('hex')}`;
    });
    return JSON.stringify([sampleRate, warnings, hashes]);
  } catch (error) {
    return messageOf(error);
  }
}

const wholeOf = (name: string, bytes: Uint8Array, mono = false): string =>
  plain(() => (name.endsWith('.aiff') ? readAiff : parseWav)(bytes, 'x', { mono }));

/** Pushes blocks of lengths that `nextLength` gives, and takes after each. */
const inBlocks = (name: string, bytes: Uint8Array, nextLength: () => number, mono = false): string =>
  plain(() => {
    const reader = openOf(name, mono);
    const blocks = [...reader.take()];
    for (let offset = 0; offset < bytes.length;) {
      const end = offset + nextLength();
      // A copy, so that nothing is read beyond it.
      reader.push(bytes.slice(offset, end));
      blocks.push(...reader.take());
      offset = end;
    }
    reader.finish();
    blocks.push(...reader.take());
    const [first] = blocks;
    if (!first) throw new Error('no sound and no error');
    expect(new Set(blocks.map(({ sampleRate }) => sampleRate)).size).toBe(1);
    const channels = first.channels.map((_, channel) => {
      const parts = blocks.map((block) => block.channels[channel] ?? new Float32Array(0));
      return Float32Array.from(parts.flatMap((part) => Array.from(part)));
    });
    return { channels, sampleRate: first.sampleRate, warnings: reader.warnings };
  });

describe.each(FILES)('%s in blocks', (name, bytes) => {
  test('is what it is as a whole', () => {
    const random = randomOf(1, name, 0);
    for (const mono of [false, true]) {
      const expected = wholeOf(name, bytes, mono);
      expect(expected).toMatch(/^\[/);
      for (const most of [10, 500, 5000, 200_000])
        expect(inBlocks(name, bytes, () => random.between(1, most), mono)).toBe(expected);
    }
    const start = bytes.subarray(0, 2000);
    expect(inBlocks(name, start, () => 1)).toBe(wholeOf(name, start));
  });

  test('and damaged, too', () => {
    const others = FILES.filter((file) => file[0].endsWith('.aiff') === name.endsWith('.aiff'));
    const tokens = [
      'RIFF',
      'WAVE',
      'fmt ',
      'data',
      'LIST',
      'ds64',
      'COMM',
      'SSND',
      '\0\0\0\0',
      '\xff\xff\xff\xff',
    ];
    for (let number = 0; number < 15; number += 1) {
      const random = randomOf(2, name, number);
      // Most damage goes to the header.
      const [head, rest] = [bytes.subarray(0, 120), bytes.subarray(120, 3000)];
      const mutant = mutateBytes(head, random, {
        others: others.map((file) => file[1].subarray(0, 120)),
        tokens,
      });
      const damaged = joinBytes([mutant.bytes, rest]);
      const most = random.pick([3, 100, 3000]);
      expect(
        inBlocks(name, damaged, () => random.between(1, most)),
        `mutant ${number}`,
      ).toBe(wholeOf(name, damaged));
    }
  });
});

test.each<[string, Uint8Array, number | undefined]>([
  ['16-bit.wav', writeWav(stereo), 1500 / 8000],
  ['wav-rf64.wav', clip('wav-rf64.wav'), 30_962 / 16_000],
  // All its blocks are full.
  ['wav-ima.wav', clip('wav-ima.wav'), 32_656 / 16_000],
  ['placeholder.wav', writeWav({ ...stereo, declaredDataBytes: 0xffffffff }), undefined],
  ['streamed.wav', writeWav({ ...stereo, declaredDataBytes: 0 }), undefined],
  ['3 GB.wav', writeWav({ ...stereo, declaredDataBytes: 3e9 }), 3e9 / 32_000],
  ['aiff.aiff', aiff, 30_962 / 16_000],
  ['uncounted.aiff', aiffCounting(0), undefined],
])('%s: what its header declares', (name, bytes, seconds) => {
  const reader = openOf(name, false);
  expect(reader.declaredSeconds).toBeUndefined();
  reader.push(bytes.subarray(0, 1000));
  if (seconds === undefined) expect(reader.declaredSeconds).toBeUndefined();
  else expect(reader.declaredSeconds).toBeCloseTo(seconds, 9);
});

test('3 GB that a header declares are missing where the file ends after a second', () => {
  const bytes = writeWav({ ...stereo, declaredDataBytes: 3e9 });
  expect(parseWav(bytes).warnings).toEqual([
    'Its header declares 93750.00 s of sound and the file ends after 0.19 s.',
  ]);
});

test.each([0, 0xffffffff])('sound of size %i before its format is an error at once', (size) => {
  const reader = openWav('x');
  expect(() => {
    reader.push(riff(chunk('data', stereo.data, size)));
  }).toThrow('x is not a readable WAV file: it has no "fmt " chunk.');
});

test('samples of another encoding of the same size are left out', () => {
  const integers = writeWav(spec(32, 2));
  const floats = writeWav(spec(32, 2, 3));
  const { channels, warnings } = parseWav(joinBytes([integers, floats]));
  expect({ channels }).toEqual({ channels: parseWav(integers).channels });
  expect(warnings).toEqual([expect.stringMatching(/^12024 bytes of samples in another format follow/)]);
});

test.each(['16-bit.wav', 'wav-ima.wav', 'aiff.aiff'])('%s: blocks come at once', (name) => {
  const [, bytes = aiff] = FILES.find((file) => file[0] === name) ?? [];
  const reader = openOf(name, true);
  let frameCount = 0;
  for (let offset = 0; offset < bytes.length; offset += 1000) {
    reader.push(bytes.slice(offset, offset + 1000));
    for (const { channels } of reader.take()) frameCount += channels[0]?.length ?? 0;
    // Of IMA ADPCM, a block of 1024 bytes holds 2041 frames.
    expect(frameCount).toBeGreaterThan(((offset + 1000) / bytes.length) * 0.9 - 2100);
  }
  expect(frameCount).toBeGreaterThan(1000);
});

test.each([
  ['sound', new Uint8Array(64).fill(9), 64],
  ['a chunk behind padding', Uint8Array.of(0, ...chunk('LIST', [1, 2])), 0],
])('a size of 2 GiB that a writer to a pipe left: %s behind it', (_, rest, countedByteLength) => {
  const declaredDataBytes = 0x7fffefff;
  // Only counted, as all of it would take seconds to decode.
  let byteLength = 0;
  const add = vi.spyOn(PcmOutput.prototype, 'add').mockImplementation((bytes) => {
    byteLength += bytes.length;
  });
  try {
    const reader = openWav('x');
    reader.push(writeWav({ ...spec(24, 1), data: new Uint8Array(0), declaredDataBytes }));
    const block = new Uint8Array(2 ** 24);
    for (let start = 0; start < declaredDataBytes; start += block.length)
      reader.push(block.subarray(0, declaredDataBytes - start));
    reader.push(rest);
    expect(() => reader.finish()).toThrow(
      `its "data" chunk has ${declaredDataBytes + countedByteLength} bytes`,
    );
    expect(byteLength).toBe(declaredDataBytes + countedByteLength);
  } finally {
    add.mockRestore();
  }
});
