import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { skipId3, sniffAudioFormat } from '../../src/audio/container.ts';
import { crcStep, crcTable } from '../../src/audio/crc.ts';
import { findFlacFrames } from '../../src/audio/flac.ts';
import { findMpegFrames, withoutEncoderInfo } from '../../src/audio/mpeg.ts';
import { findOggPages, readOggPackets } from '../../src/audio/ogg.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const oggPage = (firstPacket: string) =>
  join(ascii('OggS'), new Uint8Array(22), Uint8Array.of(1, firstPacket.length), ascii(firstPacket));

describe('sniffAudioFormat', () => {
  test.each<[string, Uint8Array, string | undefined]>([
    ['WAV', ascii('RIFF....WAVEfmt '), 'wav'],
    ['another RIFF file', ascii('RIFF....AVI LIST'), undefined],
    ['FLAC', ascii('fLaC....'), 'flac'],
    ['Opus', oggPage('OpusHead'), 'ogg-opus'],
    ['Vorbis', oggPage('\x01vorbis'), 'ogg-vorbis'],
    ['Ogg FLAC', oggPage('\x7fFLAC'), 'ogg-flac'],
    ['Speex', oggPage('Speex   '), undefined],
    ['a cut Ogg page', ascii('OggS'), undefined],
    ['MPEG-1 layer 3', Uint8Array.of(0xff, 0xfb, 0x90, 0), 'mpeg'],
    ['MPEG-2.5 layer 3', Uint8Array.of(0xff, 0xe3, 0x90, 0), 'mpeg'],
    ['AAC in ADTS', Uint8Array.of(0xff, 0xf1, 0x50, 0x80), undefined],
    ['nothing', new Uint8Array(0), undefined],
    ['text', ascii('hello, world'), undefined],
  ])('%s', (_, bytes, format) => {
    expect(sniffAudioFormat(bytes)).toBe(format);
  });
});

describe('skipId3', () => {
  const tag = (flags: number, body: number, footer = 0) =>
    join(
      ascii('ID3'),
      Uint8Array.of(4, 0, flags, 0, 0, body >> 7, body & 127),
      new Uint8Array(body + footer).fill(0xff),
    );

  test('skips tags of any length, with and without footer', () => {
    const audio = ascii('fLaC');
    expect(skipId3(audio)).toEqual(audio);
    expect(skipId3(join(tag(0, 300), audio))).toEqual(audio);
    expect(skipId3(join(tag(0x10, 5, 10), tag(0, 0), audio))).toEqual(audio);
  });

  test('a tag longer than the file leaves nothing', () => {
    expect(skipId3(tag(0, 300).subarray(0, 50))).toHaveLength(0);
    expect(skipId3(ascii('ID3'))).toEqual(ascii('ID3'));
  });
});

describe('findMpegFrames', () => {
  const file = skipId3(readFileSync(new URL('clips/yes-five.mp3', import.meta.url)));
  const { frames, channelCount } = findMpegFrames(file);
  const byteLength = (list: readonly Uint8Array[]) => list.reduce((sum, frame) => sum + frame.length, 0);

  test('finds every frame of a clean file', () => {
    expect(channelCount).toBe(1);
    expect(byteLength(frames)).toBe(file.length);
    // 576 samples a frame at 16 kHz: 2.016 s with the encoder's padding, after one frame of encoder data.
    expect(frames).toHaveLength(57);
  });

  test('skips garbage before, between and after frames', () => {
    const garbage = Uint8Array.from({ length: 1000 }, (_, index) =>
      index % 3 === 0 ? 0xff : (index * 37) & 0xff,
    );
    const first = file.subarray(0, byteLength(frames.slice(0, 20)));
    const dirty = join(
      garbage,
      first,
      garbage,
      file.subarray(first.length),
      ascii('TAG'),
      new Uint8Array(125),
    );
    const found = findMpegFrames(dirty).frames;
    expect(found.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]));
  });

  test('leaves out a frame that is cut', () => {
    expect(findMpegFrames(file.subarray(0, file.length - 1)).frames).toHaveLength(frames.length - 1);
  });

  test('finds no frames in noise', () => {
    let seed = 1;
    const noise = Uint8Array.from({ length: 20_000 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed >>> 24;
    });
    expect(findMpegFrames(noise).frames).toHaveLength(0);
    expect(findMpegFrames(new Uint8Array(20_000).fill(0xff)).frames).toHaveLength(0);
  });

  test.each([
    ['MPEG-1 layer 3, 128 kbit/s, 44.1 kHz, stereo', [0xff, 0xfb, 0x90, 0x00], 417, 2],
    ['with padding', [0xff, 0xfb, 0x92, 0x00], 418, 2],
    ['MPEG-1 layer 2, 192 kbit/s, 48 kHz', [0xff, 0xfd, 0xa4, 0x00], 576, 2],
    ['MPEG-1 layer 1, 32 kbit/s, 32 kHz, mono', [0xff, 0xff, 0x18, 0xc0], 48, 1],
    ['MPEG-2 layer 3, 8 kbit/s, 22.05 kHz, mono', [0xff, 0xf3, 0x10, 0xc0], 26, 1],
    ['MPEG-2.5 layer 3, 16 kbit/s, 8 kHz, mono', [0xff, 0xe3, 0x28, 0xc0], 144, 1],
  ])('frame length of %s', (_, header, frameBytes, channels) => {
    const frame = new Uint8Array(frameBytes);
    frame.set(header);
    const found = findMpegFrames(join(frame, frame));
    expect(found.frames.map((view) => view.length)).toEqual([frameBytes, frameBytes]);
    expect(found.channelCount).toBe(channels);
  });
});

describe('findOggPages', () => {
  const file = new Uint8Array(readFileSync(new URL('clips/yes-five.opus', import.meta.url)));
  const pages = findOggPages(file);

  test('finds every page of a clean file', () => {
    expect(join(...pages)).toEqual(file);
    expect(pages.length).toBeGreaterThan(3);
    expect(
      pages.every((page) => sniffAudioFormat(page) === (page === pages[0] ? 'ogg-opus' : undefined)),
    ).toBe(true);
  });

  test('leaves out cut and damaged pages and what lies between pages', () => {
    const last = pages.at(-1)?.length ?? 0;
    expect(findOggPages(file.subarray(0, file.length - 1))).toEqual(pages.slice(0, -1));
    const damaged = file.slice();
    damaged[file.length - last - 1] = 0x55;
    expect(findOggPages(damaged)).toEqual(pages.filter((_, index) => index !== pages.length - 2));
    const [first = file, ...rest] = pages;
    expect(findOggPages(join(ascii('OOggS'), first, ascii('OggSOggS'), new Uint8Array(40), ...rest))).toEqual(
      pages,
    );
  });
});

describe('withoutEncoderInfo', () => {
  const frame = (second: number, body: Uint8Array) => {
    const bytes = new Uint8Array(417);
    bytes.set([0xff, second, 0x90, 0]);
    bytes.set(body, 36);
    return bytes;
  };

  test('leaves out the frame that says what the encoder added, and tells it', () => {
    const file = skipId3(readFileSync(new URL('clips/yes-five.mp3', import.meta.url)));
    const { frames } = findMpegFrames(file);
    const { packets, range } = withoutEncoderInfo(frames);
    expect(packets).toEqual(frames.slice(1));
    // The samples of the recording that the file was made from.
    expect(range[1] - range[0]).toBe(30_962);
    expect(range[0]).toBe(576 + 529);
  });

  test('files without it stay as they are', () => {
    const frames = [frame(0xfb, ascii('Nothing'))];
    expect(withoutEncoderInfo(frames)).toEqual({ packets: frames, range: [0, Infinity] });
    expect(withoutEncoderInfo([]).packets).toEqual([]);
  });

  test('MPEG-1 frames hold twice as many samples', () => {
    const frames = [frame(0xfb, ascii('Xing')), frame(0xfb, ascii('')), frame(0xfb, ascii(''))];
    expect(withoutEncoderInfo(frames).range).toEqual([529, 2 * 1152 + 529]);
  });
});

describe('readOggPackets', () => {
  const file = new Uint8Array(readFileSync(new URL('clips/yes-five.opus', import.meta.url)));
  const { packets, lastGranule } = readOggPackets(file);

  test('finds the packets of a file', () => {
    expect(String.fromCharCode(...(packets[0]?.subarray(0, 8) ?? []))).toBe('OpusHead');
    expect(String.fromCharCode(...(packets[1]?.subarray(0, 8) ?? []))).toBe('OpusTags');
    // Packets of 20 ms at 48 kHz: the recording and 312 samples before it.
    expect(lastGranule).toBe(3 * 30_962 + 312);
    expect(packets.length - 2).toBe(Math.ceil(lastGranule / 960));
  });

  test('joins packets across pages, and drops what lacks a part', () => {
    const vorbis = new Uint8Array(
      readFileSync(new URL('../../examples/audio/nine-nine.ogg', import.meta.url)),
    );
    const whole = readOggPackets(vorbis).packets;
    const pages = findOggPages(vorbis);
    const headers = pages.slice(0, 2);
    expect(readOggPackets(join(...headers)).packets).toEqual(whole.slice(0, 3));
    // A packet of this file is longer than a segment can say.
    expect(Math.max(...whole.map(({ length }) => length))).toBeGreaterThan(255);

    const opusPages = findOggPages(file);
    for (let missing = 2; missing < opusPages.length; missing += 1) {
      const rest = readOggPackets(join(...opusPages.filter((_, index) => index !== missing))).packets;
      expect(rest.length).toBeLessThan(packets.length);
      const known = new Set(packets.map(String));
      expect(rest.every((packet) => known.has(String(packet)))).toBe(true);
    }
  });

  test('a packet of several pages is whole only with all of them', () => {
    const table = crcTable(0x04c11db7);
    /** @param flags 1: continued. */
    const page = (sequence: number, flags: number, lacing: readonly number[], body: Uint8Array) => {
      const bytes = join(ascii('OggS'), new Uint8Array(22), Uint8Array.of(lacing.length, ...lacing), body);
      bytes[5] = flags;
      bytes[18] = sequence;
      const crc = bytes.reduce((register, byte) => crcStep(table, register, byte), 0);
      new DataView(bytes.buffer).setUint32(22, crc >>> 0, true);
      return bytes;
    };
    const packet = Uint8Array.from({ length: 700 }, (_, index) => index & 255);
    const end = ascii('end');
    const first = page(0, 0, [255], packet.subarray(0, 255));
    const second = page(1, 1, [255], packet.subarray(255, 510));
    const third = page(2, 1, [190, 3], join(packet.subarray(510), end));
    expect(readOggPackets(join(first, second, third)).packets).toEqual([packet, end]);
    expect(readOggPackets(join(first, third)).packets).toEqual([end]);
    expect(readOggPackets(join(second, third)).packets).toEqual([end]);
  });

  test('other streams in the file are left out', () => {
    const other = findOggPages(
      new Uint8Array(readFileSync(new URL('../../examples/audio/nine-nine.ogg', import.meta.url))),
    );
    expect(readOggPackets(join(file, ...other)).packets).toEqual(packets);
  });
});

describe('findFlacFrames', () => {
  const file = new Uint8Array(readFileSync(new URL('../../examples/audio/yes-five.flac', import.meta.url)));
  const { header, frames, restByteLength } = findFlacFrames(file);

  test('cuts a file into frames without a gap', () => {
    expect(String.fromCharCode(...header.subarray(0, 4))).toBe('fLaC');
    expect(header).toHaveLength(42);
    expect(restByteLength).toBe(0);
    // Blocks of 4096 samples, by STREAMINFO.
    expect(frames).toHaveLength(Math.ceil(30_962 / ((header[8] ?? 0) * 256 + (header[9] ?? 0))));
    const frameBytes = join(...frames);
    expect(frameBytes).toEqual(file.subarray(file.length - frameBytes.length));
    for (const frame of frames) expect([frame[0], (frame[1] ?? 0) & 0xfe]).toEqual([0xff, 0xf8]);
  });

  test('leaves out a cut last frame and what follows the last one', () => {
    const cut = findFlacFrames(file.subarray(0, file.length - 1));
    expect(cut.frames).toEqual(frames.slice(0, -1));
    const last = frames.at(-1)?.length ?? 0;
    expect(cut.restByteLength).toBe(last - 1);
    const tagged = findFlacFrames(join(file, ascii('TAG'), new Uint8Array(125)));
    expect(tagged.frames.length).toBeGreaterThanOrEqual(frames.length - 1);
  });

  test('stops at damage, and says how much is left', () => {
    const damaged = file.slice();
    const third = (frames[3]?.byteOffset ?? 0) + 100;
    damaged[third] = (damaged[third] ?? 0) ^ 1;
    const found = findFlacFrames(damaged);
    expect(found.frames).toEqual(frames.slice(0, 3));
    expect(found.restByteLength).toBeGreaterThan(1000);
  });

  test('a marker and zeros, or nothing, have no frames', () => {
    expect(findFlacFrames(join(ascii('fLaC'), new Uint8Array(500))).frames).toEqual([]);
    expect(findFlacFrames(ascii('fLaC')).frames).toEqual([]);
  });
});
