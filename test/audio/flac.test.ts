import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { demuxWhole, type EncodedAudio } from '../helpers/demux-whole.ts';
import { type EncodedStretch, sampleCountOf } from '../../src/audio/encoded-audio.ts';
import { FlacDemuxer } from '../../src/audio/flac.ts';
import { readFlacFrameHeader, readStreamInfo, writeStreamHeader } from '../../src/audio/flac-header.ts';
import { joinBytes } from '../../src/base/bytes.ts';

const demuxFlac = (bytes: Uint8Array) => demuxWhole(new FlacDemuxer(), bytes);
const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const file = read('../../examples/audio/yes-five.flac');
const other = read('clips/flac-8k-id3v1-at-end.flac');
const SAMPLE_COUNT = 30_962;
const OTHER_COUNT = 11_600;
const id3 = joinBytes([ascii('ID3'), Uint8Array.of(4, 0, 0, 0, 0, 2, 44), new Uint8Array(300).fill(0xff)]);

/** Codec and samples of each stretch. */
const outline = ({ stretches }: EncodedAudio) =>
  stretches.map((stretch) => `${stretch.codec} ${sampleCountOf(stretch)} at ${stretch.sampleRate}`);
const encodedOf = ({ stretches }: EncodedAudio): EncodedStretch[] =>
  stretches.filter((stretch) => stretch.codec !== 'silence');
const framesOf = (audio: EncodedAudio) => encodedOf(audio).flatMap(({ packets }) => packets);
const frames = framesOf(demuxFlac(file));
const start = frames[0]?.byteOffset ?? 0;
const placeOf = ({ byteOffset, length }: Uint8Array) => [byteOffset, length];
const flipped = (bytes: Uint8Array, offset: number, bit = 0) => {
  const copy = bytes.slice();
  copy[offset] = (copy[offset] ?? 0) ^ (1 << bit);
  return copy;
};

describe('headers', () => {
  test('of a stream, read and written', () => {
    const header = writeStreamHeader({ sampleRate: 655_350, channelCount: 8, bitsPerSample: 24 });
    expect(readStreamInfo(header.subarray(8))).toEqual({
      sampleRate: 655_350,
      channelCount: 8,
      bitsPerSample: 24,
      blockSize: 0,
      sampleCount: 0,
    });
    expect(readStreamInfo(file.subarray(8))).toMatchObject({ sampleRate: 16_000, sampleCount: SAMPLE_COUNT });
  });

  test('of a frame', () => {
    expect(readFlacFrameHeader(file, start, undefined)).toEqual({
      sampleRate: 16_000,
      channelCount: 1,
      bitsPerSample: 16,
      blockSize: 4096,
      countsSamples: false,
      number: 0,
    });
    const last = file.length - (frames.at(-1)?.length ?? 0);
    expect(readFlacFrameHeader(file, last, undefined)).toMatchObject({
      number: 7,
      blockSize: SAMPLE_COUNT - 7 * 4096,
    });
    // One wrong bit in it is found out by its checksum.
    for (let bit = 0; bit < 48; bit += 1)
      expect(
        readFlacFrameHeader(flipped(file, start + (bit >> 3), bit & 7), start, undefined),
      ).toBeUndefined();
  });
});

test('a clean file is cut into frames without a gap', () => {
  const audio = demuxFlac(file);
  expect(outline(audio)).toEqual([`flac ${SAMPLE_COUNT} at 16000`]);
  expect(audio.warnings).toEqual([]);
  expect(frames).toHaveLength(8);
  expect(joinBytes(frames)).toEqual(file.subarray(start));
  const [stretch] = encodedOf(audio);
  expect(outline(demuxFlac(stretch?.toFile() ?? new Uint8Array(0)))).toEqual(outline(audio));
});

describe('nothing is lost', () => {
  const clean = other.subarray(0, other.length - 128);
  test.each<[string, Uint8Array]>([
    ['an ID3v1 tag', joinBytes([ascii('TAG'), new Uint8Array(125)])],
    ['an APE tag', joinBytes([ascii('APETAGEX'), new Uint8Array(24).fill(9)])],
    ['a line end', ascii('\r\n')],
    ['a zero', new Uint8Array(1)],
    ['zeros', new Uint8Array(5000)],
    ['an ID3 tag', id3],
    ['text', ascii('nothing that anybody knows ')],
    ['what looks like a frame', Uint8Array.of(0xff, 0xf8, 0xc9, 0x18, 0, 0xc2, 7, 7, 7)],
  ])('by %s at the end', (_, tail) => {
    for (const [bytes, expected] of [
      [file, `flac ${SAMPLE_COUNT} at 16000`],
      [clean, `flac ${OTHER_COUNT} at 8000`],
    ] as const) {
      const audio = demuxFlac(joinBytes([bytes, tail]));
      expect(outline(audio)).toEqual([expected]);
      expect(audio.warnings).toEqual([]);
    }
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['an ID3 tag', id3],
    ['text', ascii('chunk 2, 26169 bytes')],
  ])('where two files are joined with %s between them', (_, between) => {
    const expected = [`flac ${SAMPLE_COUNT} at 16000`, `flac ${OTHER_COUNT} at 8000`];
    expect(outline(demuxFlac(joinBytes([file, between, other])))).toEqual(expected);
    expect(outline(demuxFlac(joinBytes([other, between, file])))).toEqual(expected.toReversed());
    const twice = demuxFlac(joinBytes([file, between, file]));
    expect(outline(twice)).toEqual([`flac ${2 * SAMPLE_COUNT} at 16000`]);
    expect(twice.warnings).toEqual([]);
  });

  test('where the second of two joined files has lost its header', () => {
    expect(outline(demuxFlac(joinBytes([file, other.subarray(50)])))).toEqual([
      `flac ${SAMPLE_COUNT} at 16000`,
      `flac ${OTHER_COUNT} at 8000`,
    ]);
  });

  test('by a wrong STREAMINFO', () => {
    for (let offset = 4; offset < 42; offset += 1)
      for (const value of [0, 0x55, 0xff]) {
        const wrong = file.slice();
        wrong[offset] = value;
        expect(outline(demuxFlac(wrong))).toEqual([`flac ${SAMPLE_COUNT} at 16000`]);
      }
  });

  test('in a stream that was cut from the middle of another, without its length', () => {
    const header = writeStreamHeader({ sampleRate: 16_000, channelCount: 1, bitsPerSample: 16 });
    const audio = demuxFlac(joinBytes([header, ...frames.slice(3)]));
    expect(outline(audio)).toEqual([`flac ${SAMPLE_COUNT - 3 * 4096} at 16000`]);
    expect(audio.warnings).toEqual([]);
  });
});

describe('damage', () => {
  test('one wrong bit anywhere costs no more than its frame, and time goes on', () => {
    let silentCount = 0;
    for (let offset = start; offset < file.length; offset += 97) {
      const audio = demuxFlac(flipped(file, offset, offset & 7));
      const index = frames.findIndex(({ byteOffset, length }) => offset < byteOffset + length);
      const frameStart = frames[index]?.byteOffset;
      // By chance, once in 65,536 places, a part of the damaged frame has the right checksum: a decoder finds that out.
      const parts = framesOf(audio).filter(({ byteOffset }) => byteOffset === frameStart);
      for (const part of parts) expect(part.length).toBeLessThan(frames[index]?.length ?? 0);
      if (parts.length === 0) {
        silentCount += 1;
        expect(
          audio.stretches.flatMap((stretch) => (stretch.codec === 'silence' ? stretch.sampleCount : [])),
        ).toEqual([index === 7 ? SAMPLE_COUNT - 7 * 4096 : 4096]);
      }
      expect(audio.stretches.reduce((sum, stretch) => sum + sampleCountOf(stretch), 0)).toBe(SAMPLE_COUNT);
      const others = ({ byteOffset }: Uint8Array) => byteOffset !== frameStart;
      const [found, expected] = [framesOf(audio).filter(others), frames.filter(others)];
      expect(found.map(placeOf)).toEqual(expected.map(placeOf));
      // `toEqual` would take most of the time of all unit tests.
      expect(Buffer.compare(joinBytes(found), joinBytes(expected))).toBe(0);
    }
    expect(silentCount).toBeGreaterThan(230);
  });

  test('frames that are missing without a trace are silence', () => {
    const audio = demuxFlac(joinBytes([file.subarray(0, start), ...frames.slice(0, 2), ...frames.slice(4)]));
    expect(outline(audio)).toEqual([
      'flac 8192 at 16000',
      'silence 8192 at 16000',
      `flac ${SAMPLE_COUNT - 16_384} at 16000`,
    ]);
  });

  test('a file whose start is cut away begins at its first frame, and says that there should be more', () => {
    const audio = demuxFlac(joinBytes([file.subarray(0, start), ...frames.slice(3)]));
    expect(outline(audio)).toEqual([`flac ${SAMPLE_COUNT - 3 * 4096} at 16000`]);
    expect(audio.warnings).toEqual(['It ends 0.77 s before the 1.94 s that its header declares.']);
  });

  test('a file that is cut gives what is there, and says what is missing', () => {
    const audio = demuxFlac(file.subarray(0, 15_000));
    const sampleCount = audio.stretches.reduce((sum, stretch) => sum + sampleCountOf(stretch), 0);
    expect(sampleCount).toBe(8192);
    expect(audio.warnings).toEqual(['It ends 1.42 s before the 1.94 s that its header declares.']);
  });

  describe('in a stream without a declared length', () => {
    const streamed = file.slice();
    // The lower four bits of this byte and the next four bytes.
    streamed[21] = (streamed[21] ?? 0) & 0xf0;
    streamed.fill(0, 22, 26);
    const lastLength = frames.at(-1)?.length ?? 0;
    const kept = 7 * 4096;

    test.each<[string, Uint8Array]>([
      ['nothing', streamed],
      ['ID3v1', joinBytes([streamed, ascii('TAG'), new Uint8Array(125)])],
      ['zeros', joinBytes([streamed, new Uint8Array(4096)])],
      ['a line break', joinBytes([streamed, ascii('\r\n')])],
    ])('%s behind the last frame is no loss', (_, bytes) => {
      const audio = demuxFlac(bytes);
      expect(outline(audio)).toEqual([`flac ${SAMPLE_COUNT} at 16000`]);
      expect(audio.warnings).toEqual([]);
    });

    test.each<[string, Uint8Array]>([
      ['damaged', flipped(streamed, streamed.length - 20)],
      ['cut by one byte', streamed.subarray(0, -1)],
      ['cut in the middle', streamed.subarray(0, streamed.length - (lastLength >> 1))],
    ])('a last frame that is %s is silence', (_, bytes) => {
      expect(outline(demuxFlac(bytes))).toEqual([
        `flac ${kept} at 16000`,
        `silence ${SAMPLE_COUNT - kept} at 16000`,
      ]);
    });

    test('a last frame whose header is damaged is a warning', () => {
      const audio = demuxFlac(flipped(streamed, streamed.length - lastLength + 4));
      expect(outline(audio)).toEqual([`flac ${kept} at 16000`]);
      expect(audio.warnings).toEqual([
        `Behind its last frame are ${lastLength} bytes that hold no intact frame.`,
      ]);
    });

    test('the same in front of another one', () => {
      const audio = demuxFlac(joinBytes([streamed.subarray(0, -20), streamed]));
      expect(outline(audio)).toEqual([
        `flac ${kept} at 16000`,
        `silence ${SAMPLE_COUNT - kept} at 16000`,
        `flac ${SAMPLE_COUNT} at 16000`,
      ]);
    });
  });

  test('a marker and zeros, or nothing, have no frames', () => {
    expect(demuxFlac(joinBytes([ascii('fLaC'), new Uint8Array(500)])).stretches).toEqual([]);
    expect(demuxFlac(ascii('fLaC')).stretches).toEqual([]);
  });

  test('fifty thousand starts of files without frames take no time', () => {
    const hostile = joinBytes(Array.from({ length: 50_000 }, () => file.subarray(0, 42)));
    const before = performance.now();
    expect(demuxFlac(hostile).stretches).toEqual([]);
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  test('half a million headers without frames take no time', () => {
    const hostile = new Uint8Array(3_000_000);
    const header = file.subarray(start, start + 6);
    for (let offset = 0; offset + 6 <= hostile.length; offset += 6) hostile.set(header, offset);
    const before = performance.now();
    expect(framesOf(demuxFlac(joinBytes([file.subarray(0, 42), hostile]))).length).toBeLessThan(500_000);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});
