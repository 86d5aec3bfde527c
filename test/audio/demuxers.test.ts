/** However a file comes in blocks, the demuxers find the same in it as in the whole, and keep little of it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { crcStep, crcTable } from '../../src/audio/crc.ts';
import { demuxWhole, joinParts, type EncodedAudio } from '../helpers/demux-whole.ts';
import type { Demuxer } from '../../src/audio/demuxer.ts';
import { sampleCountOf } from '../../src/audio/encoded-audio.ts';
import { FlacDemuxer, METADATA_HORIZON_BYTES } from '../../src/audio/flac.ts';
import { MpegDemuxer, TAG_HORIZON_BYTES } from '../../src/audio/mpeg.ts';
import { OggDemuxer } from '../../src/audio/ogg.ts';
import { joinBytes } from '../../src/base/bytes.ts';
import { mutateBytes } from '../fuzz/mutate-bytes.ts';
import { repairOggChecksums } from '../fuzz/ogg-checksums.ts';
import { randomOf } from '../fuzz/random.ts';

const OPENERS: Readonly<Record<string, () => Demuxer>> = {
  flac: () => new FlacDemuxer(),
  mp3: () => new MpegDemuxer(),
  opus: () => new OggDemuxer(),
  ogg: () => new OggDemuxer(),
  oga: () => new OggDemuxer(),
};

const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const FLAC = read('../../examples/audio/yes-five.flac');
const FLAC_COUNT = 30_962;
const MP3 = read('clips/yes-five.mp3');
/** Without the ID3 tag. */
const MP3_AUDIO = MP3.subarray(MP3.indexOf(0xff));
const MP3_COUNT = 56 * 576;

/** Pushes blocks of lengths that `nextLength` gives, and takes after each. */
function demuxBlocks(demuxer: Demuxer, bytes: Uint8Array, nextLength: () => number): EncodedAudio {
  const parts = [...demuxer.take()];
  for (let offset = 0; offset < bytes.length;) {
    const end = offset + nextLength();
    // A copy, so that nothing is read beyond it.
    demuxer.push(bytes.slice(offset, end));
    parts.push(...demuxer.take());
    offset = end;
  }
  demuxer.finish();
  parts.push(...demuxer.take());
  expect(demuxer.take()).toEqual([]);
  return { stretches: joinParts(parts), warnings: demuxer.warnings };
}

/** All that there is to know, in a form that is compared soon. */
const plain = ({ stretches, warnings }: EncodedAudio): string =>
  JSON.stringify([
    warnings,
    stretches.map((stretch) => {
      if (stretch.codec === 'silence') return stretch;
      const { codec, sampleRate, channelCount, packets, sampleCounts, range } = stretch;
      const lengths = packets.map(({ length }) => length).join(' ');
      const hash = createHash('sha256').update(stretch.toFile()).digest('hex');
      return { codec, sampleRate, channelCount, lengths, sampleCounts: sampleCounts.join(' '), range, hash };
    }),
  ]);
const countOf = ({ stretches }: EncodedAudio) =>
  stretches.reduce((sum, stretch) => sum + sampleCountOf(stretch), 0);

const FILES: readonly [name: string, bytes: Uint8Array][] = [
  ['yes-five.flac', FLAC],
  ...[
    'flac-8k-crlf-at-end.flac',
    'flac-8k-id3v1-at-end.flac',
    'flac-one-byte-55pct.flac',
    'mp3-cut-from-a-stream.mp3',
    'mp3-id3-then-junk.mp3',
    'mp3-joined-16k-and-8k.mp3',
    'opus-chained-2.opus',
    'opus-paused-eos-in-the-middle.opus',
    'opus-with-skeleton.opus',
    'vorbis-chained-16k-48k.ogg',
    'yes-five.oga',
    'yes-five.mp3',
  ].map((name): [string, Uint8Array] => [name, read(`clips/${name}`)]),
];
const openerOf = (name: string) =>
  OPENERS[name.slice(name.lastIndexOf('.') + 1)] ?? (() => new MpegDemuxer());

describe.each(FILES)('%s in blocks', (name, bytes) => {
  const open = openerOf(name);

  test('is what it is as a whole', () => {
    const expected = plain(demuxWhole(open(), bytes));
    const random = randomOf(1, name, 0);
    expect(plain(demuxBlocks(open(), bytes, () => 1))).toBe(expected);
    for (const most of [10, 500, 5000, 20_000])
      expect(plain(demuxBlocks(open(), bytes, () => random.between(1, most)))).toBe(expected);
  });

  test('and damaged, too', () => {
    const others = FILES.filter((file) => openerOf(file[0]) === open).map((file) => file[1]);
    const tokens = [
      'fLaC',
      'ID3\x04\0\0\0\0\0\x0a',
      'TAG',
      'APETAGEX',
      '\r\n',
      '\xff\xf8',
      'LYRICSBEGIN',
      'Info',
      'OggS\0',
    ];
    for (let number = 0; number < 30; number += 1) {
      const random = randomOf(2, name, number);
      const mutant = mutateBytes(bytes, random, { others, tokens }).bytes;
      const damaged = number % 2 === 0 && open() instanceof OggDemuxer ? repairOggChecksums(mutant) : mutant;
      const most = random.pick([3, 100, 3000]);
      const found = demuxBlocks(open(), damaged, () => random.between(1, most));
      expect(plain(found), `mutant ${number}`).toBe(plain(demuxWhole(open(), damaged)));
    }
  });
});

describe('what the header declares', () => {
  test.each<[string, () => Demuxer, Uint8Array, number | undefined]>([
    ['in FLAC', () => new FlacDemuxer(), FLAC, FLAC_COUNT / 16_000],
    ['in MP3', () => new MpegDemuxer(), MP3, FLAC_COUNT / 16_000],
    ['not at all', () => new MpegDemuxer(), read('clips/mp3-cut-from-a-stream.mp3'), undefined],
    ['in Ogg not at all', () => new OggDemuxer(), read('clips/yes-five.opus'), undefined],
  ])('%s', (_, open, bytes, seconds) => {
    const demuxer = open();
    expect(demuxer.declaredSeconds).toBeUndefined();
    demuxer.push(bytes.subarray(0, -1));
    expect(demuxer.declaredSeconds).toBe(seconds);
    demuxer.finish();
    expect(demuxer.declaredSeconds).toBe(seconds);
  });
});

describe('long files', () => {
  const BLOCK_BYTES = 65_536;

  test.each<[string, () => Demuxer, Uint8Array, number]>([
    ['FLAC', () => new FlacDemuxer(), FLAC, FLAC_COUNT],
    ['MP3', () => new MpegDemuxer(), MP3_AUDIO, MP3_COUNT],
    ['Ogg', () => new OggDemuxer(), read('clips/yes-five.opus'), 3 * FLAC_COUNT],
  ])('%s: parts come at once, and only a few blocks are kept', (_, open, bytes, sampleCount) => {
    const copies = 200;
    const file = joinBytes(new Array<Uint8Array>(copies).fill(bytes));
    const demuxer = open();
    let found = 0;
    let keptByteLength = 0;
    for (let offset = 0; offset < file.length; offset += BLOCK_BYTES) {
      const block = file.slice(offset, offset + BLOCK_BYTES);
      demuxer.push(block);
      for (const part of demuxer.take()) {
        found += sampleCountOf(part);
        // Packets lie in the memory that the demuxer keeps.
        if (part.codec !== 'silence')
          for (const { buffer } of part.packets) keptByteLength = Math.max(keptByteLength, buffer.byteLength);
      }
      expect(found).toBeGreaterThan(((offset + block.length) / bytes.length - 2) * sampleCount);
    }
    demuxer.finish();
    for (const part of demuxer.take()) found += sampleCountOf(part);
    expect(found / (copies * sampleCount)).toBeCloseTo(1, 3);
    expect(demuxer.warnings).toEqual([]);
    expect(keptByteLength).toBeLessThan(3 * BLOCK_BYTES);
  });

  test('a damaged FLAC frame does not end where its checksum is right by chance, far behind it', () => {
    const [first] = demuxWhole(new FlacDemuxer(), FLAC).stretches;
    if (first?.codec !== 'flac') throw new Error('no frames');
    const start = first.packets[0]?.byteOffset ?? 0;
    const damaged = FLAC.slice();
    damaged[start + 99] = 0x55 ^ (damaged[start + 99] ?? 0);
    const table = crcTable(0x80050000);
    let crc = 0;
    for (const byte of damaged.subarray(start)) crc = crcStep(table, crc, byte);
    const tail = joinBytes([
      Uint8Array.of(crc >>> 24, (crc >>> 16) & 255),
      ascii('TAG'),
      new Uint8Array(125),
    ]);
    const { stretches } = demuxWhole(new FlacDemuxer(), joinBytes([damaged, tail]));
    expect(stretches).toMatchObject([
      { codec: 'silence', sampleCount: 4096 },
      { packets: first.packets.slice(1) },
    ]);
  });
});

describe('lengths that cannot be checked soon', () => {
  const MIB = 2 ** 20;
  const sevenBits = (length: number) => Uint8Array.from([21, 14, 7, 0], (shift) => (length >> shift) & 127);
  const id3 = (declared: number, body: Uint8Array) =>
    joinBytes([ascii('ID3\x04\0\0'), sevenBits(declared), body]);
  /** A metadata block that is not the last one. */
  const block = (type: number, declared: number, body: Uint8Array) =>
    joinBytes([Uint8Array.of(type, declared >> 16, (declared >> 8) & 255, declared & 255), body]);
  const picture = (byteLength: number) => new Uint8Array(byteLength).fill(0x55);
  const inBlocks = (open: () => Demuxer, bytes: Uint8Array) => demuxBlocks(open(), bytes, () => MIB);

  test('an ID3 tag beyond the horizon is believed, and one that holds frames is not', () => {
    const long = TAG_HORIZON_BYTES + 3 * MIB;
    const right = joinBytes([id3(long, picture(long)), id3(500, picture(500)), MP3_AUDIO]);
    const found = inBlocks(() => new MpegDemuxer(), right);
    expect(plain(found)).toBe(plain(demuxWhole(new MpegDemuxer(), MP3)));
    const copies = Math.ceil(long / MP3_AUDIO.length);
    const sound = joinBytes(new Array<Uint8Array>(copies).fill(MP3_AUDIO));
    const wrong = inBlocks(() => new MpegDemuxer(), joinBytes([id3(sound.length + 99, picture(100)), sound]));
    expect(wrong.stretches).toMatchObject([{ codec: 'mp3' }]);
    expect(countOf(wrong)).toBe(copies * MP3_COUNT - 1105);
    expect(wrong.warnings).toEqual([]);
  });

  test('FLAC metadata beyond the horizon is believed, and wrong lengths before it are not', () => {
    const [info, rest] = [FLAC.subarray(0, 42), FLAC.subarray(42)];
    const half = (METADATA_HORIZON_BYTES >> 1) + MIB;
    const pictures = [block(6, half, picture(half)), block(6, half, picture(half))];
    const expected = plain(demuxWhole(new FlacDemuxer(), FLAC));
    expect(plain(inBlocks(() => new FlacDemuxer(), joinBytes([info, ...pictures, rest])))).toBe(expected);
    const lie = block(6, half, picture(5000));
    const copies = Math.ceil((2 * half) / FLAC.length);
    const files = joinBytes([info, lie, rest, ...new Array<Uint8Array>(copies).fill(FLAC)]);
    expect(countOf(inBlocks(() => new FlacDemuxer(), files))).toBe((copies + 1) * FLAC_COUNT);
  });
});
