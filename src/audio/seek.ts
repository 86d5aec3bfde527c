/**
 * Jumps to a place in an audio file without reading what lies before it: by arithmetic in WAV and AIFF, and by the numbers of frames in FLAC. What is left is again a
 * file: the header, with its lengths changed, and the rest of the sound. So nothing else has to know of it.
 */
import { textAt, viewOf } from '../base/bytes.ts';
import type { RandomBytes } from '../base/sound-stream.ts';
import { imaFrameCount } from './ima-adpcm.ts';
import { seekFlac } from './seek-flac.ts';
import { joinedFile, type SeekedFile, type WantedFrame } from './seeked-file.ts';

/** Chunks before the samples are smaller. */
const HEAD_BYTES = 2 ** 16;

/**
 * @returns undefined where the file cannot be jumped in: another format, an unusual header, or no sound at that place. It is to be read from its start then.
 * @throws what reading throws.
 */
export async function seekFile(file: RandomBytes, wanted: WantedFrame): Promise<SeekedFile | undefined> {
  const head = await file.read(0, HEAD_BYTES);
  const magic = textAt(head, 0, 4);
  if (magic === 'fLaC') return seekFlac(file, head, wanted);
  const type = textAt(head, 8, 4);
  const place =
    type === 'WAVE' && /^(RIFF|RF64|BW64)$/.test(magic)
      ? placeInWav(head)
      : magic === 'FORM' && /^AIF[FC]$/.test(type)
        ? placeInAiff(head)
        : undefined;
  return place && jump(file, head, place, wanted);
}

/** Samples of one size, one after another. */
interface PcmPlace {
  readonly sampleRate: number;
  /** Of the samples. */
  readonly start: number;
  /** Of the samples, as the header declares it; undefined where it does not. */
  readonly byteLength: number | undefined;
  /** The fewest bytes that can be decoded, and their frames. */
  readonly unitByteLength: number;
  readonly unitFrames: number;
  /** Makes a header of one for fewer samples. */
  readonly shorten: (header: Uint8Array, skippedByteLength: number, skippedFrames: number) => void;
}

function jump(
  file: RandomBytes,
  head: Uint8Array,
  { sampleRate, start, byteLength, unitByteLength, unitFrames, shorten }: PcmPlace,
  wanted: WantedFrame,
): SeekedFile | undefined {
  // Chunks of odd length have a byte of padding, so the length must stay odd or even.
  const unitCount = 2 * Math.floor(wanted(sampleRate) / unitFrames / 2);
  const skippedByteLength = unitCount * unitByteLength;
  const existing = Math.min(byteLength ?? Infinity, file.byteLength - start);
  if (unitCount === 0 || skippedByteLength >= existing) return undefined;
  // No slice: that of a Node buffer is a view, and the caller's bytes would change.
  const header = new Uint8Array(head.subarray(0, start));
  const skippedFrames = unitCount * unitFrames;
  shorten(header, skippedByteLength, skippedFrames);
  const bytes = joinedFile(header, file, start + skippedByteLength);
  return { bytes, skippedFrames, sampleRate };
}

interface FoundChunk {
  readonly id: string;
  /** Where its size is written. */
  readonly sizeOffset: number;
  readonly start: number;
  readonly size: number;
}

/** The chunks of a file as far as its first bytes go, each where the lengths before it say that it is. */
function chunksOf(head: Uint8Array, isLittleEndian: boolean): readonly FoundChunk[] {
  const view = viewOf(head);
  const chunks: FoundChunk[] = [];
  for (let offset = 12; offset + 8 <= head.length;) {
    const size = view.getUint32(offset + 4, isLittleEndian);
    const start = offset + 8;
    chunks.push({ id: textAt(head, offset, 4), sizeOffset: offset + 4, start, size });
    offset = start + size + (size % 2);
  }
  return chunks;
}

const UNKNOWN_SIZE = 0xffffffff;
/** Sizes from here on may be those of a writer that knew none. */
const MAX_TRUSTED_SIZE = 0x7ff00000;
/** PCM, float, A-law, mu-law. */
const TAGS_OF_WHOLE_BYTES = [1, 3, 6, 7];
const TAG_IMA_ADPCM = 0x11;
const TAG_EXTENSIBLE = 0xfffe;

function placeInWav(head: Uint8Array): PcmPlace | undefined {
  const chunks = chunksOf(head, true);
  const dataIndex = chunks.findIndex(({ id }) => id === 'data');
  const format = chunks.slice(0, Math.max(0, dataIndex)).find(({ id }) => id === 'fmt ');
  const data = chunks[dataIndex];
  if (!format || !data || format.size < 16 || data.start > head.length) return undefined;
  const view = viewOf(head);
  const field = (offset: number): number => view.getUint16(format.start + offset, true);
  const tag = field(0) === TAG_EXTENSIBLE && format.size >= 26 ? field(24) : field(0);
  const channelCount = field(2);
  const unitByteLength = field(12);
  const bits = field(14);
  const isPlain = TAGS_OF_WHOLE_BYTES.includes(tag) && 8 * unitByteLength === channelCount * bits;
  const imaFrames = channelCount > 0 ? imaFrameCount(unitByteLength, channelCount) : 0;
  const isIma = tag === TAG_IMA_ADPCM && bits === 4 && imaFrames > 1;
  if (unitByteLength === 0 || bits % 4 !== 0 || !(isPlain || isIma)) return undefined;
  const sizes = chunks.find(({ id }) => id === 'ds64');
  const isLong = data.size === UNKNOWN_SIZE && sizes !== undefined && sizes.size >= 16;
  if (!isLong && data.size !== UNKNOWN_SIZE && data.size > MAX_TRUSTED_SIZE) return undefined;
  const declared = isLong ? Number(view.getBigUint64(sizes.start + 8, true)) : data.size;
  const isKnown = isLong || (data.size !== 0 && data.size !== UNKNOWN_SIZE);
  return {
    sampleRate: view.getUint32(format.start + 4, true),
    start: data.start,
    byteLength: isKnown ? declared : undefined,
    unitByteLength,
    unitFrames: isIma ? imaFrames : 1,
    shorten(header, skippedByteLength) {
      const target = viewOf(header);
      if (isLong) target.setBigUint64(sizes.start + 8, BigInt(declared - skippedByteLength), true);
      else if (isKnown) target.setUint32(data.sizeOffset, declared - skippedByteLength, true);
    },
  };
}

/** Bytes of an SSND chunk before its samples. */
const SOUND_HEADER_BYTES = 8;

function placeInAiff(head: Uint8Array): PcmPlace | undefined {
  const chunks = chunksOf(head, false);
  const soundIndex = chunks.findIndex(({ id }) => id === 'SSND');
  const common = chunks.slice(0, Math.max(0, soundIndex)).find(({ id }) => id === 'COMM');
  const sound = chunks[soundIndex];
  if (!common || !sound || common.size < 18 || sound.start + SOUND_HEADER_BYTES > head.length)
    return undefined;
  const view = viewOf(head);
  const frameCount = view.getUint32(common.start + 2);
  const bits = view.getUint16(common.start + 6);
  const compression = common.size >= 22 ? textAt(head, common.start + 18, 4).toLowerCase() : 'none';
  const bytes = compression === 'alaw' || compression === 'ulaw' ? 1 : bits / 8;
  const start = sound.start + SOUND_HEADER_BYTES + view.getUint32(sound.start);
  const isUsual = /^(none|twos|sowt|in24|in32|raw |fl32|fl64|alaw|ulaw)$/.test(compression);
  if (!isUsual || !Number.isInteger(bytes) || bytes < 1 || frameCount === 0 || start > head.length)
    return undefined;
  const unitByteLength = view.getUint16(common.start) * bytes;
  const exponent = (view.getUint16(common.start + 8) & 0x7fff) - 16_383;
  return {
    sampleRate: Math.round(Number(view.getBigUint64(common.start + 10)) * 2 ** (exponent - 63)),
    start,
    byteLength: frameCount * unitByteLength,
    unitByteLength,
    unitFrames: 1,
    shorten(header, skippedByteLength, skippedFrames) {
      const target = viewOf(header);
      target.setUint32(common.start + 2, frameCount - skippedFrames);
      if (sound.size > SOUND_HEADER_BYTES) target.setUint32(sound.sizeOffset, sound.size - skippedByteLength);
    },
  };
}
