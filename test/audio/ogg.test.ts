import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type EncodedStretch, sampleCountOf } from '../../src/audio/encoded-audio.ts';
import { demuxWhole, type EncodedAudio } from '../helpers/demux-whole.ts';
import { OggDemuxer } from '../../src/audio/ogg.ts';
import { type OggPage, OggPageReader, pageChecksum, writeOgg } from '../../src/audio/ogg-pages.ts';
import { joinBytes, viewOf } from '../../src/base/bytes.ts';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const opus = read('clips/yes-five.opus');
const paused = read('clips/opus-paused-eos-in-the-middle.opus');
const vorbis = read('../../examples/audio/nine-nine.ogg');
const oggFlac = read('clips/yes-five.oga');
/** At 48 kHz, as Opus is decoded. */
const OPUS_COUNT = 3 * 30_962;
const VORBIS_COUNT = 23_794;

const demuxOgg = (bytes: Uint8Array) => demuxWhole(new OggDemuxer(), bytes);

function readOggPages(bytes: Uint8Array) {
  const reader = new OggPageReader();
  reader.push(bytes);
  reader.finish();
  const pages: OggPage[] = [];
  const broken: (OggPage & { readonly pageCount: number })[] = [];
  for (let page = reader.next(); page; page = reader.next()) {
    if (page.state === 'intact') pages.push(page);
    else broken.push({ ...page, pageCount: pages.length });
  }
  return { pages, broken };
}

/** The pages of a file of whole pages. */
function pagesOf(bytes: Uint8Array): Uint8Array[] {
  let offset = 0;
  return readOggPages(bytes).pages.map(({ byteLength }) => bytes.subarray(offset, (offset += byteLength)));
}
interface PageFields {
  readonly serial?: number;
  readonly sequence?: number;
  readonly granule?: number;
  readonly flags?: number;
}
/** A copy of a page with other fields, and the checksum that they need. */
function withFields(page: Uint8Array, { serial, sequence, granule, flags }: PageFields): Uint8Array {
  const copy = page.slice();
  const view = viewOf(copy);
  if (flags !== undefined) copy[5] = flags;
  if (granule !== undefined) view.setBigInt64(6, BigInt(granule), true);
  if (serial !== undefined) view.setUint32(14, serial, true);
  if (sequence !== undefined) view.setUint32(18, sequence, true);
  view.setUint32(22, pageChecksum(copy, 0, copy.length), true);
  return copy;
}
const withSerial = (bytes: Uint8Array, serial: number) =>
  joinBytes(pagesOf(bytes).map((page) => withFields(page, { serial })));

const outline = ({ stretches }: EncodedAudio) =>
  stretches.map((stretch) => `${stretch.codec} ${sampleCountOf(stretch)} at ${stretch.sampleRate}`);
const encodedOf = ({ stretches }: EncodedAudio): EncodedStretch[] =>
  stretches.filter((stretch) => stretch.codec !== 'silence');
const sampleCount = ({ stretches }: EncodedAudio) =>
  stretches.reduce((sum, stretch) => sum + sampleCountOf(stretch), 0);

describe('pages', () => {
  const pages = pagesOf(opus);

  test('of a clean file', () => {
    expect(joinBytes(pages)).toEqual(opus);
    expect(pages).toHaveLength(4);
    expect(readOggPages(opus).broken).toEqual([]);
  });

  test('that are cut or damaged, and what lies between pages, are left out', () => {
    const cut = readOggPages(opus.subarray(0, opus.length - 1));
    expect(cut.pages).toHaveLength(3);
    expect(cut.broken).toMatchObject([{ pageCount: 3, state: 'cut', granule: OPUS_COUNT + 312 }]);
    const damaged = opus.slice();
    damaged[opus.length - 1] = 0x55;
    expect(readOggPages(damaged).broken).toMatchObject([{ pageCount: 3, state: 'damaged' }]);
    const [first = opus, ...rest] = pages;
    const dirty = joinBytes([ascii('OOggS'), first, ascii('OggSOggS'), new Uint8Array(40), ...rest]);
    expect(readOggPages(dirty).pages.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
  });

  test('a damaged last page of FLAC adds no silence that its packets could not hold', () => {
    const pages = pagesOf(oggFlac);
    const damaged = oggFlac.slice();
    // The position of the last page says eight minutes; its checksum no longer fits.
    const { byteOffset } = viewOf(pages.at(-1) ?? oggFlac);
    viewOf(damaged).setBigInt64(byteOffset + 6, 8_000_000n, true);
    const found = demuxOgg(damaged);
    expect(sampleCount(found)).toBeLessThanOrEqual(sampleCount(demuxOgg(oggFlac)));
    expect(found.warnings).toEqual(['It ends without the mark of its end: something may be missing.']);
  });

  test('whose positions jump too far are one warning, with the number of places', () => {
    const [head = opus, tags = opus, sound = opus] = pagesOf(opus).map(
      (page) => readOggPages(page).pages[0]?.body,
    );
    const packet = sound.subarray(0, readOggPages(opus).pages[2]?.lacing[0] ?? 0);
    const positions = [0, 0, 960, 0, 1e7, 0, 2e7, 0, 3e7];
    const written = pagesOf(writeOgg([head, tags, ...positions.slice(2).map(() => packet)], positions));
    const { warnings } = demuxOgg(joinBytes(written.filter((_, index) => index < 3 || index % 2 === 0)));
    expect(warnings).toEqual([
      'Pages are missing in 3 places, and the positions around them do not tell how many seconds.',
    ]);
  });

  test('long packets go over several pages, and come back', () => {
    const long = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) & 255);
    const { pages: written } = readOggPages(
      writeOgg([long, long.subarray(0, 510), long.subarray(0, 1)], [7, 8, 9]),
    );
    expect(written.map(({ granule }) => granule)).toEqual([-1, -1, -1, 7, 8, 9]);
    expect(joinBytes(written.slice(0, 4).map(({ body }) => body))).toEqual(long);
    expect(written.map(({ isContinued }) => isContinued)).toEqual([false, true, true, true, false, false]);
  });

  test('in each other are an error, soon', () => {
    const nested = new Uint8Array(2_000_000).fill(255);
    for (let offset = 0; offset + 27 < nested.length; offset += 27) {
      nested.set(ascii('OggS'), offset);
      nested.fill(0, offset + 4, offset + 6);
    }
    const start = performance.now();
    expect(() => demuxOgg(nested)).toThrow('its pages lie in each other');
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('100 KB of page marks are read at once', () => {
    const marks = ascii('OggS'.repeat(25_000));
    const times = [1, 2, 3].map(() => {
      const start = performance.now();
      expect(() => demuxOgg(marks)).toThrow('no intact Ogg page');
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(200);
  });
});

describe('what is read of', () => {
  test.each([
    ['Opus', opus, [`opus ${OPUS_COUNT} at 48000`]],
    ['Vorbis', vorbis, [`vorbis ${VORBIS_COUNT} at 16000`]],
    ['FLAC', oggFlac, ['flac 30962 at 16000']],
    ['two Opus links', read('clips/opus-chained-2.opus'), ['opus 92886 at 48000', 'opus 83280 at 48000']],
    [
      'the same, of low rate',
      read('clips/opus-chained.opus'),
      ['opus 92886 at 48000', 'opus 83280 at 48000'],
    ],
    [
      'links of one and of two channels',
      read('clips/opus-chained-mono-stereo.opus'),
      ['opus 83280 at 48000', 'opus 92886 at 48000'],
    ],
    [
      'Vorbis links of two rates',
      read('clips/vorbis-chained-16k-48k.ogg'),
      ['vorbis 30962 at 16000', 'vorbis 83280 at 48000'],
    ],
    ['an end in the middle', paused, [`opus ${OPUS_COUNT} at 48000`]],
    ['a skeleton beside Opus', read('clips/opus-with-skeleton.opus'), [`opus ${OPUS_COUNT} at 48000`]],
  ])('%s', (_, bytes, expected) => {
    const audio = demuxOgg(bytes);
    expect(outline(audio)).toEqual(expected);
    expect(audio.warnings).toEqual([]);
    for (const stretch of encodedOf(audio)) {
      // As a file of its own it has all samples, also those that do not count.
      const [whole] = encodedOf(
        stretch.codec === 'flac' ? { stretches: [stretch], warnings: [] } : demuxOgg(stretch.toFile()),
      );
      expect(whole?.packets).toEqual(stretch.packets);
      expect(whole?.sampleCounts).toEqual(stretch.sampleCounts);
    }
  });

  test('links that share a serial number', () => {
    const audio = demuxOgg(joinBytes([withSerial(opus, 7), withSerial(vorbis, 7), withSerial(opus, 7)]));
    expect(outline(audio)).toEqual([
      `opus ${OPUS_COUNT} at 48000`,
      `vorbis ${VORBIS_COUNT} at 16000`,
      `opus ${OPUS_COUNT} at 48000`,
    ]);
    expect(audio.warnings).toEqual([]);
  });

  test('two streams whose pages take turns: the first with sound', () => {
    const video = writeOgg([ascii('\x80theora..'), ascii('a'), ascii('b'), ascii('c')], [0, 1, 2, 3]);
    const [videoFirst = video, ...videoRest] = pagesOf(withSerial(video, 11));
    const [opusFirst = opus, ...opusRest] = pagesOf(withSerial(opus, 12));
    const [vorbisFirst = vorbis, ...vorbisRest] = pagesOf(withSerial(vorbis, 13));
    const turns = opusRest.flatMap((page, index) => [
      page,
      ...vorbisRest.slice(index, index + 1),
      ...videoRest.slice(index, index + 1),
    ]);
    const audio = demuxOgg(joinBytes([videoFirst, opusFirst, vorbisFirst, ...turns, ...vorbisRest.slice(3)]));
    expect(outline(audio)).toEqual([`opus ${OPUS_COUNT} at 48000`]);
    expect(audio.warnings).toEqual([]);
  });

  test('a stream that was cut from a broadcast: no silence for what came before', () => {
    const [head = opus, tags = opus, ...rest] = pagesOf(paused);
    const late = rest.map((page, index) =>
      withFields(page, { sequence: 5000 + index, granule: readGranule(page) + 48_000 * 3600 }),
    );
    expect(outline(demuxOgg(joinBytes([head, tags, ...late])))).toEqual([`opus ${OPUS_COUNT} at 48000`]);
  });

  test('no known codec: the error says how the stream begins', () => {
    const speex = writeOgg([ascii('Speex   1.2'), ascii('a')], [0, 1]);
    expect(() => demuxOgg(speex)).toThrow(/^No stream of the file is Opus, Vorbis or FLAC: .* "Speex {3}"/);
    const mixed = demuxOgg(joinBytes([opus, speex]));
    expect(outline(mixed)).toEqual([`opus ${OPUS_COUNT} at 48000`]);
    expect(mixed.warnings).toHaveLength(1);
  });
});

const readGranule = (page: Uint8Array) => Number(viewOf(page).getBigInt64(6, true));

describe('damage', () => {
  const pages = pagesOf(paused);

  test('a page that is missing is silence: what follows keeps its time', () => {
    for (let missing = 2; missing < pages.length - 1; missing += 1) {
      const audio = demuxOgg(joinBytes(pages.filter((_, index) => index !== missing)));
      expect(sampleCount(audio)).toBe(OPUS_COUNT);
      const lost = audio.stretches.filter(({ codec }) => codec === 'silence').map(sampleCountOf);
      // 4800 samples per page, of which the decoder drops the first 312 of the stream.
      expect(lost).toEqual([missing === 2 ? 4800 - 312 : 4800]);
    }
  });

  test('one wrong bit anywhere costs a page, or the whole where it is a header', () => {
    for (const [bytes, count, headerByteLength] of [
      [paused, OPUS_COUNT, 47 + 122],
      [vorbis, VORBIS_COUNT, 4000],
      [oggFlac, 30_962, 79 + 83],
    ] as const) {
      for (let offset = headerByteLength; offset < bytes.length; offset += 61) {
        const damaged = bytes.slice();
        damaged[offset] = (damaged[offset] ?? 0) ^ (1 << (offset & 7));
        const audio = demuxOgg(damaged);
        if (sampleCount(audio) !== count) expect(audio.warnings).not.toEqual([]);
        expect(sampleCount(audio)).toBeLessThanOrEqual(count);
        expect(
          audio.warnings.length + audio.stretches.filter(({ codec }) => codec === 'silence').length,
        ).toBe(1);
      }
    }
  });

  test('a file that is cut says what it knows of its end', () => {
    const inPage = demuxOgg(opus.subarray(0, opus.length - 100));
    expect(inPage.warnings).toEqual(['It is cut short in a page: its last 0.94 s are missing.']);
    expect(sampleCount(inPage)).toBe(48_000 - 312);
    const betweenPages = demuxOgg(joinBytes(pagesOf(opus).slice(0, 3)));
    expect(betweenPages.warnings).toEqual(['It ends without the mark of its end: something may be missing.']);
  });

  test('a packet of several pages is whole only with all of them', () => {
    const packets = [
      ...[ascii('OpusHead\x01\x01\0\0\0\0\0\0\0\0\0'), ascii('OpusTags')],
      ...[joinBytes([Uint8Array.of(8), new Uint8Array(100_000)]), Uint8Array.of(8, 1), Uint8Array.of(8, 2)],
    ];
    const written = pagesOf(writeOgg(packets, [0, 0, 960, 1920, 2880]));
    expect(written).toHaveLength(6);
    expect(encodedOf(demuxOgg(joinBytes(written)))[0]?.packets.map(({ length }) => length)).toEqual([
      100_001, 2, 2,
    ]);
    for (const missing of [2, 3]) {
      const audio = demuxOgg(joinBytes(written.filter((_, index) => index !== missing)));
      expect(outline(audio)).toEqual(['silence 960 at 48000', 'opus 1920 at 48000']);
    }
  });

  test('a link that has lost its first page is left out with a warning', () => {
    const audio = demuxOgg(joinBytes([opus, ...pagesOf(withSerial(vorbis, 5)).slice(1)]));
    expect(outline(audio)).toEqual([`opus ${OPUS_COUNT} at 48000`]);
    expect(audio.warnings).toEqual([
      expect.stringMatching(/^The start of a stream is missing: its \d+ bytes/),
    ]);
  });

  test('a link of the same serial number that has lost its first page is told of', () => {
    const audio = demuxOgg(joinBytes([opus, ...pagesOf(opus).slice(1)]));
    expect(sampleCount(audio)).toBeGreaterThanOrEqual(2 * OPUS_COUNT);
    expect(audio.warnings).toEqual([expect.stringMatching(/^The numbers of its pages go back/)]);
  });

  test.each<[string, Uint8Array, number]>([
    ['Opus', opus, OPUS_COUNT],
    ['Vorbis', vorbis, VORBIS_COUNT],
    ['FLAC', oggFlac, OPUS_COUNT / 3],
  ])('%s whose writer left every position at 0 loses nothing', (_, bytes, count) => {
    const audio = demuxOgg(joinBytes(pagesOf(bytes).map((page) => withFields(page, { granule: 0 }))));
    expect(sampleCount(audio)).toBeGreaterThanOrEqual(count);
    expect(audio.warnings).toEqual([]);
  });

  test('pages of a link after the start of the next one are left out with a warning', () => {
    const [last = opus] = pagesOf(opus).slice(-1);
    const audio = demuxOgg(joinBytes([...pagesOf(opus).slice(0, -1), withSerial(vorbis, 5), last]));
    expect(outline(audio)).toEqual(['opus 47688 at 48000', `vorbis ${VORBIS_COUNT} at 16000`]);
    expect(audio.warnings).toEqual([
      'It ends without the mark of its end: something may be missing.',
      'Pages of one part of it come after the next has begun and are left out: 1.',
    ]);
  });

  test('a page that is repeated is there once, also the first and the last', () => {
    for (let repeated = 0; repeated < pages.length; repeated += 1) {
      const audio = demuxOgg(
        joinBytes(pages.flatMap((page, index) => (index === repeated ? [page, page] : [page]))),
      );
      expect(outline(audio)).toEqual([`opus ${OPUS_COUNT} at 48000`]);
      expect(audio.warnings).toEqual([]);
    }
  });

  test('numbers of pages that are wrong lose nothing', () => {
    const same = joinBytes(pages.map((page) => withFields(page, { sequence: 3 })));
    expect(outline(demuxOgg(same))).toEqual([`opus ${OPUS_COUNT} at 48000`]);
    const far = joinBytes(pages.map((page, index) => withFields(page, { sequence: index * 1000 })));
    expect(outline(demuxOgg(far))).toEqual([`opus ${OPUS_COUNT} at 48000`]);
  });
});
