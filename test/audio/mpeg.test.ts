import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demuxWhole } from '../helpers/demux-whole.ts';
import type { EncodedStretch } from '../../src/audio/encoded-audio.ts';
import { MpegDemuxer } from '../../src/audio/mpeg.ts';
import { readFrameHeader } from '../../src/audio/mpeg-frame.ts';
import { skipId3 } from '../../src/audio/tags.ts';
import { joinBytes } from '../../src/base/bytes.ts';

const demuxMpeg = (bytes: Uint8Array) => demuxWhole(new MpegDemuxer(), bytes);
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const join = (...parts: readonly Uint8Array[]): Uint8Array => joinBytes(parts);
const readClip = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`clips/${name}`, import.meta.url)));
const byteLength = (frames: readonly Uint8Array[]) => frames.reduce((sum, { length }) => sum + length, 0);

/** The stretches, which are all MP3. */
function stretchesOf(bytes: Uint8Array): EncodedStretch[] {
  return demuxMpeg(bytes).stretches.map((stretch) => {
    if (stretch.codec !== 'mp3') throw new Error(`found a stretch of ${stretch.codec}`);
    return stretch;
  });
}

/** The one stretch of a file. */
function stretchOf(bytes: Uint8Array): EncodedStretch {
  const [only, ...others] = stretchesOf(bytes);
  if (!only || others.length > 0)
    throw new Error(`expected one stretch, found ${others.length + (only ? 1 : 0)}`);
  return only;
}

function noiseOf(length: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 24;
  });
}

/** One frame of the given header and body, of the length that the header says. */
function frame(header: readonly number[], body: Uint8Array = new Uint8Array(0), bodyOffset = 36): Uint8Array {
  const bytes = new Uint8Array(readFrameHeader(Uint8Array.from(header), 0)?.byteLength ?? 0);
  bytes.set(header);
  bytes.set(body, bodyOffset);
  return bytes;
}
const MPEG1 = [0xff, 0xfb, 0x90, 0];
const MPEG2 = [0xff, 0xf3, 0x90, 0];

/** 57 frames of 576 samples at 16 kHz, the first of which is the encoder's, behind an ID3 tag. */
const CLIP = readClip('yes-five.mp3');
const AUDIO = skipId3(CLIP);
const SOUND = stretchOf(CLIP).packets;
const INFO_FRAME = AUDIO.subarray(0, AUDIO.length - byteLength(SOUND));

describe('frames', () => {
  test('every frame of a clean file but the one that the encoder tells of the others', () => {
    const { codec, sampleRate, channelCount, packets, range } = stretchOf(CLIP);
    expect({ codec, sampleRate, channelCount }).toEqual({
      codec: 'mp3',
      sampleRate: 16_000,
      channelCount: 1,
    });
    expect(packets).toHaveLength(56);
    expect(INFO_FRAME).toHaveLength(180);
    expect(join(INFO_FRAME, ...packets)).toEqual(AUDIO);
    expect(stretchOf(CLIP).toFile()).toEqual(join(...packets));
    // The samples of the recording that the file was made from.
    expect(range).toEqual([576 + 529, 576 + 529 + 30_962]);
    expect(demuxMpeg(CLIP).warnings).toEqual([]);
  });

  test('skips garbage before, between and after frames', () => {
    const garbage = Uint8Array.from({ length: 1000 }, (_, index) =>
      index % 3 === 0 ? 0xff : (index * 37) & 0xff,
    );
    const first = AUDIO.subarray(0, byteLength([INFO_FRAME, ...SOUND.slice(0, 20)]));
    const rest = AUDIO.subarray(first.length);
    const dirty = join(garbage, first, garbage, rest, ascii('TAG'), new Uint8Array(125));
    expect(stretchOf(dirty).packets).toEqual(SOUND);
    // 24 kbit/s are 3 bytes per millisecond.
    expect(demuxMpeg(dirty).warnings).toEqual([
      'About 0.33 s of sound may be lost: 1000 of its bytes are no MP3 frames.',
    ]);
  });

  test('leaves out a frame that is cut, and says that it is missing', () => {
    const { stretches, warnings } = demuxMpeg(AUDIO.subarray(0, AUDIO.length - 1));
    expect(stretches).toMatchObject([{ packets: SOUND.slice(0, -1) }]);
    expect(warnings).toEqual(['About 0.04 s of sound may be lost: 1 of its MP3 frames are missing.']);
  });

  test('finds no frames in noise', () => {
    expect(stretchesOf(noiseOf(20_000))).toEqual([]);
    expect(stretchesOf(new Uint8Array(20_000).fill(0xff))).toEqual([]);
    expect(stretchesOf(new Uint8Array(0))).toEqual([]);
  });

  test.each([
    ['MPEG-1 layer 3, 128 kbit/s, 44.1 kHz, stereo', [0xff, 0xfb, 0x90, 0x00], 417, 2, 1152],
    ['with padding', [0xff, 0xfb, 0x92, 0x00], 418, 2, 1152],
    ['MPEG-1 layer 2, 192 kbit/s, 48 kHz', [0xff, 0xfd, 0xa4, 0x00], 576, 2, 1152],
    ['MPEG-1 layer 1, 32 kbit/s, 32 kHz, mono', [0xff, 0xff, 0x18, 0xc0], 48, 1, 384],
    ['MPEG-2 layer 3, 8 kbit/s, 22.05 kHz, mono', [0xff, 0xf3, 0x10, 0xc0], 26, 1, 576],
    ['MPEG-2.5 layer 3, 16 kbit/s, 8 kHz, mono', [0xff, 0xe3, 0x28, 0xc0], 144, 1, 576],
  ])('frame length of %s', (_, header, frameBytes, channels, samples) => {
    const bytes = new Uint8Array(frameBytes);
    bytes.set(header);
    const found = stretchOf(join(bytes, bytes));
    expect(found.packets.map((view) => view.length)).toEqual([frameBytes, frameBytes]);
    expect(found.channelCount).toBe(channels);
    expect(found.range).toEqual([0, 2 * samples]);
  });

  test('one mono frame among stereo frames is stereo', () => {
    const mono = frame([0xff, 0xfb, 0x90, 0xc0]);
    expect(stretchOf(join(mono, frame(MPEG1), mono)).channelCount).toBe(2);
  });
});

describe('what the encoder tells', () => {
  test('MPEG-1 frames hold twice as many samples', () => {
    const bytes = join(frame(MPEG1, ascii('Xing')), frame(MPEG1), frame(MPEG1));
    expect(stretchOf(bytes)).toMatchObject({ range: [529, 2 * 1152] });
    expect(stretchOf(bytes).packets).toHaveLength(2);
  });

  test('files without it stay as they are', () => {
    expect(stretchOf(join(frame(MPEG1, ascii('Nothing')), frame(MPEG1))).range).toEqual([0, 2 * 1152]);
  });

  test('a VBRI frame holds no sound', () => {
    expect(stretchOf(join(frame(MPEG1, ascii('VBRI')), frame(MPEG1)))).toMatchObject({ range: [0, 1152] });
  });

  test('a frame of sound that holds the same letters stays', () => {
    const sound = join(Uint8Array.of(0, 0, 7), new Uint8Array(29), ascii('Info'), new Uint8Array(8));
    const { packets } = stretchOf(join(frame(MPEG1), frame(MPEG1, sound, 4), frame(MPEG1)));
    expect(packets).toHaveLength(3);
  });

  test('parts that are left out move the others; impossible lengths are ignored', () => {
    /** @param flags which of the parts of 4, 4, 100 and 4 bytes there are. */
    const info = (flags: number, partBytes: number, delay: number, padding: number) => {
      const numbers = Uint8Array.of(delay >> 4, ((delay & 15) << 4) | (padding >> 8), padding & 255);
      const parts = new Uint8Array(partBytes);
      return join(
        ascii('Info\0\0\0'),
        Uint8Array.of(flags),
        parts,
        ascii('LAME3.100'),
        new Uint8Array(12),
        numbers,
      );
    };
    const rangeWith = (...numbers: Parameters<typeof info>) =>
      stretchOf(join(frame(MPEG1, info(...numbers)), ...new Array<Uint8Array>(5).fill(frame(MPEG1)))).range;
    const all = 5 * 1152;
    expect(rangeWith(0, 0, 576, 1000)).toEqual([576 + 529, all - 1000 + 529]);
    expect(rangeWith(14, 108, 576, 1000)).toEqual([576 + 529, all - 1000 + 529]);
    expect(rangeWith(0, 0, 576, 100)).toEqual([576 + 529, all]);
    expect(rangeWith(0, 0, 4095, 1000)).toEqual([529, all]);
    expect(rangeWith(0, 0, 576, 4095)).toEqual([529, all]);
  });

  test('frames that it counts and that are not there are a warning', () => {
    const { stretches, warnings } = demuxMpeg(
      AUDIO.subarray(0, byteLength([INFO_FRAME, ...SOUND.slice(0, 31)])),
    );
    // The padding was at the end of what is missing.
    expect(stretches).toMatchObject([{ range: [576 + 529, 31 * 576] }]);
    expect(warnings).toEqual(['About 0.90 s of sound may be lost: 25 of its MP3 frames are missing.']);
  });
});

describe('the first frames', () => {
  test.each([1, 2])('damage to the header of frame %i costs that frame, and is told', (index) => {
    const damaged = Uint8Array.from(CLIP);
    const offset = CLIP.length - byteLength(SOUND.slice(index - 1));
    damaged.fill(0, offset, offset + 4);
    const { stretches, warnings } = demuxMpeg(damaged);
    const left = SOUND.filter((_, position) => position !== index - 1);
    expect(stretches).toMatchObject([{ packets: left, range: [1105, left.length * 576] }]);
    expect(warnings).toEqual([expect.stringMatching(/1 of its MP3 frames are missing/)]);
  });
});

describe('whatever lies in front', () => {
  const id3 = (sizeBytes: readonly number[], body: Uint8Array) =>
    join(ascii('ID3\x03\0\0'), Uint8Array.from(sizeBytes), body);
  const picture = Uint8Array.from(noiseOf(3000), (byte) => (byte === 0xff ? 0 : byte));

  test.each<[string, Uint8Array]>([
    ['stray bytes', Uint8Array.of(0xff, 0xfb, 0x55, 0xff)],
    ['zeros', new Uint8Array(777)],
    ['a line end', ascii('\r\n')],
    ['an HTTP header', ascii('HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 6228\r\n\r\n')],
    ['the end of a frame', SOUND[30]?.subarray(50) ?? CLIP],
    ['two ID3 tags', join(id3([0, 0, 1, 0], new Uint8Array(128)), id3([0, 0, 0, 9], ascii('123456789')))],
    ['an ID3 tag of more bytes than it says', id3([0, 0, 0, 9], new Uint8Array(900))],
    ['an ID3 tag of fewer bytes than it says', id3([0, 0, 30, 0], new Uint8Array(100))],
    ['an ID3 tag longer than the file', id3([127, 127, 127, 127], new Uint8Array(100))],
    ['an ID3 tag whose size has eight bits per byte', id3([0, 0, 0x0b, 0xb8], picture)],
  ])('%s', (_, front) => {
    const { stretches, warnings } = demuxMpeg(join(front, AUDIO));
    expect(stretches).toMatchObject([{ packets: SOUND, range: [1105, 1105 + 30_962] }]);
    expect(warnings).toEqual([]);
  });

  test('much that may have been sound is a warning', () => {
    expect(demuxMpeg(join(new Uint8Array(6000), AUDIO)).warnings).toEqual([
      'About 2.00 s of sound may be lost: 6000 of its bytes are no MP3 frames.',
    ]);
  });

  test('mp3-id3-then-junk.mp3', () => {
    const { stretches, warnings } = demuxMpeg(readClip('mp3-id3-then-junk.mp3'));
    expect(stretches).toMatchObject([{ sampleRate: 16_000, range: [1105, 1105 + 30_962] }]);
    expect(warnings).toEqual([]);
  });

  test('mp3-cut-from-a-stream.mp3', () => {
    const { stretches, warnings } = demuxMpeg(readClip('mp3-cut-from-a-stream.mp3'));
    // As many samples as ffmpeg finds.
    expect(stretches).toMatchObject([{ sampleRate: 16_000, range: [0, 28_224] }]);
    expect(warnings).toEqual([]);
  });
});

describe('joined files', () => {
  test('mp3-joined-16k-and-8k.mp3 is two stretches', () => {
    const { stretches, warnings } = demuxMpeg(readClip('mp3-joined-16k-and-8k.mp3'));
    expect(stretches).toMatchObject([
      { sampleRate: 16_000, channelCount: 1, range: [1105, 1105 + 30_962] },
      { sampleRate: 8000, channelCount: 1, range: [0, 29 * 576] },
    ]);
    expect(warnings).toEqual([]);
  });

  test('of one rate: one stretch without the second encoder frame, nothing trimmed at the seam', () => {
    const { stretches, warnings } = demuxMpeg(join(CLIP, CLIP));
    expect(stretches).toMatchObject([{ packets: [...SOUND, ...SOUND], range: [1105, 2 * 56 * 576] }]);
    expect(warnings).toEqual([]);
  });

  test('of other versions and channels, straight behind each other and back', () => {
    const first = new Array<Uint8Array>(4).fill(frame(MPEG1));
    const second = new Array<Uint8Array>(3).fill(frame([...MPEG2.slice(0, 3), 0xc0]));
    const found = stretchesOf(join(...first, ...second, ...first));
    expect(found).toMatchObject([
      { packets: first, sampleRate: 44_100, channelCount: 2, range: [0, 4 * 1152] },
      { packets: second, sampleRate: 22_050, channelCount: 1, range: [0, 3 * 576] },
      { packets: first, sampleRate: 44_100, channelCount: 2, range: [0, 4 * 1152] },
    ]);
  });

  test('two frames of another stream in the middle are no stream', () => {
    const audio = new Array<Uint8Array>(4).fill(frame(MPEG1));
    const { stretches, warnings } = demuxMpeg(join(...audio, frame(MPEG2), frame(MPEG2), ...audio));
    expect(stretches).toMatchObject([{ packets: [...audio, ...audio] }]);
    expect(warnings).toEqual(['About 0.03 s of sound may be lost: 522 of its bytes are no MP3 frames.']);
  });
});

describe('damage', () => {
  test.each([
    ['its sync is gone', 0, 0],
    ['its bit rate is higher', 2, 0x88],
    ['its sample rate is another', 2, 0x54],
    ['its version is another', 1, 0xfb],
  ])('a frame whose header says that %s: the others stay, and one frame is named', (_, byteOffset, value) => {
    const damaged = Uint8Array.from(AUDIO);
    damaged[byteLength([INFO_FRAME, ...SOUND.slice(0, 20)]) + byteOffset] = value;
    const { stretches, warnings } = demuxMpeg(damaged);
    expect(stretches).toMatchObject([{ packets: SOUND.filter((__, index) => index !== 20) }]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^About 0\.0[34] s of sound may be lost: 1 of its MP3 frames are missing/);
  });

  test('a frame that lost its end in the middle of the file is told of, one at the end is not', () => {
    const [first = new Uint8Array(0)] = SOUND;
    const cut = first.subarray(0, first.length >> 1);
    expect(demuxMpeg(join(...SOUND.slice(0, 9), cut, ...SOUND.slice(9))).warnings).toEqual([
      expect.stringMatching(`${cut.length} of its bytes are no MP3 frames`),
    ]);
    expect(demuxMpeg(join(...SOUND, cut)).warnings).toEqual([]);
  });

  test('a bit rate that is too low cuts the frame and keeps its time', () => {
    const damaged = Uint8Array.from(AUDIO);
    damaged[byteLength([INFO_FRAME, ...SOUND.slice(0, 20)]) + 2] = 0x18;
    expect(stretchOf(damaged).packets).toHaveLength(SOUND.length);
  });

  test.each([
    ['bytes that may start frames', new Uint8Array(2 ** 16).fill(0xff)],
    ['headers without frames', join(...new Array<Uint8Array>(2 ** 14).fill(Uint8Array.from(MPEG1)))],
    ['tags without audio', join(...new Array<Uint8Array>(6000).fill(ascii('ID3\x03\0\0\0\0\0\0')))],
    ['frames one by one', join(...new Array<Uint8Array>(300).fill(join(frame(MPEG1), ascii('LYRICSBEGIN'))))],
  ])('64 KB of %s take linear time', (_, bytes) => {
    const start = performance.now();
    demuxMpeg(bytes);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
