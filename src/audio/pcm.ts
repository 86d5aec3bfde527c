/** Reads the interleaved samples of WAV and AIFF files into channels. */
import { viewOf } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import { checkDuration } from './duration.ts';
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from './resample.ts';

export interface Encoding {
  readonly byteLength: number;
  /** Reads one sample, in [-1, 1). */
  readonly read: (view: DataView, byteOffset: number) => number;
}

export interface PcmFormat {
  readonly channelCount: number;
  /** In Hz. */
  readonly sampleRate: number;
  readonly encoding: Encoding;
}

export interface ReadOptions {
  /** Gives one channel, the mean of all. The samples are those of `toMono`, but the channels are never all in memory. */
  readonly mono?: boolean | undefined;
  /** Longer files are an error before memory for their samples is allocated. */
  readonly maxSeconds?: number | undefined;
}

/** A larger number comes from a damaged header. */
const MAX_CHANNEL_COUNT = 64;
const BLOCK_FRAMES = 4096;
/** If fewer bytes than this are missing, the writer counted the size in another way, and no sound is lost. */
const COUNTED_OTHERWISE_BYTES = 64;

/** Signed integers of 1 to 4 bytes. Fewer bits are in the upper ones, as both specifications say. */
export function integers(byteLength: number, isLittleEndian: boolean): Encoding | undefined {
  const top = isLittleEndian ? 2 : 0;
  const low = isLittleEndian ? 0 : 1;
  const readers: Readonly<Record<number, Encoding['read']>> = {
    1: (view, offset) => view.getInt8(offset) / 2 ** 7,
    2: (view, offset) => view.getInt16(offset, isLittleEndian) / 2 ** 15,
    3: (view, offset) =>
      ((view.getInt8(offset + top) << 16) | view.getUint16(offset + low, isLittleEndian)) / 2 ** 23,
    4: (view, offset) => view.getInt32(offset, isLittleEndian) / 2 ** 31,
  };
  const read = readers[byteLength];
  return read && { byteLength, read };
}

export const UNSIGNED_BYTES: Encoding = {
  byteLength: 1,
  read: (view, offset) => (view.getUint8(offset) - 128) / 2 ** 7,
};

/** IEEE floats of 4 or 8 bytes. */
export function floats(byteLength: number, isLittleEndian: boolean): Encoding | undefined {
  if (byteLength === 4)
    return { byteLength, read: (view, offset) => view.getFloat32(offset, isLittleEndian) };
  if (byteLength === 8)
    return { byteLength, read: (view, offset) => view.getFloat64(offset, isLittleEndian) };
  return undefined;
}

/** ITU-T G.711: a sign, three bits of exponent, four of mantissa, every second bit inverted. */
export const A_LAW: Encoding = {
  byteLength: 1,
  read(view, offset) {
    const bits = view.getUint8(offset) ^ 0x55;
    const exponent = (bits >> 4) & 7;
    const mantissa = ((bits & 15) << 4) + (exponent === 0 ? 8 : 0x108);
    const size = mantissa << Math.max(0, exponent - 1);
    return ((bits & 0x80) === 0 ? -size : size) / 2 ** 15;
  },
};

/** ITU-T G.711: the same parts, all bits inverted, around a bias of 33 (here times 4). */
export const MU_LAW: Encoding = {
  byteLength: 1,
  read(view, offset) {
    const bits = ~view.getUint8(offset);
    const size = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
    return ((bits & 0x80) === 0 ? size : -size) / 2 ** 15;
  },
};

/**
 * Checks that a header's sample format is possible.
 * @throws UniSpeechError `bad-audio`.
 */
export function checkHeader(name: string, channelCount: number, sampleRate: number): void {
  const fail = (what: string) => {
    throw new UniSpeechError(
      'bad-audio',
      `${name} is not a readable audio file: its header declares ${what}.`,
    );
  };
  if (channelCount === 0) fail('0 channels');
  if (channelCount > MAX_CHANNEL_COUNT) fail(`${channelCount} channels, more than ${MAX_CHANNEL_COUNT}`);
  if (!(sampleRate >= MIN_SAMPLE_RATE && sampleRate <= MAX_SAMPLE_RATE))
    fail(`a sample rate of ${sampleRate} Hz, expected ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE}`);
}

/** Decodes the whole frames in `bodies`, one after the other. */
export function readPcm(
  bodies: readonly Uint8Array[],
  { channelCount, sampleRate, encoding }: PcmFormat,
  name: string,
  { mono = false, maxSeconds }: ReadOptions,
): AudioClip {
  const frameByteLength = channelCount * encoding.byteLength;
  const frameCountOf = ({ length }: Uint8Array) => Math.floor(length / frameByteLength);
  const frameCount = bodies.reduce((sum, body) => sum + frameCountOf(body), 0);
  checkDuration(name, frameCount / sampleRate, maxSeconds);
  const channels = Array.from({ length: mono ? 1 : channelCount }, () => new Float32Array(frameCount));
  const block = new Float32Array(BLOCK_FRAMES * channelCount);
  let start = 0;
  for (const body of bodies) {
    const view = viewOf(body);
    const end = start + frameCountOf(body);
    for (let offset = 0; start < end; start += BLOCK_FRAMES, offset += BLOCK_FRAMES * frameByteLength) {
      const count = Math.min(BLOCK_FRAMES, end - start);
      decode(view, offset, encoding, block.subarray(0, count * channelCount));
      spread(block, channelCount, channels, start, count);
    }
    start = end;
  }
  return { channels, sampleRate };
}

function decode(view: DataView, byteOffset: number, { byteLength, read }: Encoding, samples: Float32Array) {
  for (let index = 0, offset = byteOffset; index < samples.length; index += 1, offset += byteLength)
    samples[index] = read(view, offset);
}

/** Writes interleaved samples to channels, or their mean if there is only one target channel. */
function spread(
  block: Float32Array,
  channelCount: number,
  channels: readonly Float32Array[],
  start: number,
  count: number,
): void {
  const [only] = channels;
  if (only && channels.length < channelCount) {
    for (let frame = 0, offset = 0; frame < count; frame += 1) {
      let sum = 0;
      for (const end = offset + channelCount; offset < end; offset += 1) sum += block[offset] ?? 0;
      only[start + frame] = sum / channelCount;
    }
    return;
  }
  for (const [channel, samples] of channels.entries()) {
    for (let frame = 0, offset = channel; frame < count; frame += 1, offset += channelCount)
      samples[start + frame] = block[offset] ?? 0;
  }
}

/** Warns if sample bytes that the header declares are missing. */
export function missingWarning(
  declaredByteLength: number,
  foundByteLength: number,
  bytesPerSecond: number,
): string[] {
  if (declaredByteLength - foundByteLength <= COUNTED_OTHERWISE_BYTES) return [];
  const [declared, found] = [declaredByteLength, foundByteLength].map((byteLength) =>
    (byteLength / bytesPerSecond).toFixed(2),
  );
  return [`Its header declares ${declared} s of sound and the file ends after ${found} s.`];
}
