/** The interleaved samples of WAV and AIFF files: their encodings, and decoding to channels. */
import { viewOf } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from './resample.ts';

export interface Encoding {
  readonly byteLength: number;
  /** Fills `samples` with those in `view` from `byteOffset` on, in [-1, 1). */
  readonly decode: (view: DataView, byteOffset: number, samples: Float32Array) => void;
}

export interface PcmFormat {
  readonly channelCount: number;
  /** In Hz. */
  readonly sampleRate: number;
  readonly encoding: Encoding;
}

/** Whole frames of a file. */
export interface PcmPiece {
  readonly bytes: Uint8Array;
  readonly format: PcmFormat;
  readonly frameCount: number;
}

/** A larger number comes from a damaged header. */
const MAX_CHANNEL_COUNT = 64;
const BLOCK_FRAMES = 4096;
/** If fewer bytes than this are missing, the writer counted the size in another way, and no sound is lost. */
const COUNTED_OTHERWISE_BYTES = 64;

/** For encodings that are rare, or of one byte: the call for each sample makes it five times slower than a loop of its own. */
const each = (byteLength: number, read: (view: DataView, byteOffset: number) => number): Encoding => ({
  byteLength,
  decode(view, byteOffset, samples) {
    for (let index = 0, offset = byteOffset; index < samples.length; index += 1, offset += byteLength)
      samples[index] = read(view, offset);
  },
});

/** Signed integers of 1 to 4 bytes. Fewer bits are in the upper ones, as both specifications say. */
export function integers(byteLength: number, isLittleEndian: boolean): Encoding | undefined {
  const top = isLittleEndian ? 2 : 0;
  const low = isLittleEndian ? 0 : 1;
  const decoders: Readonly<Record<number, Encoding['decode']>> = {
    2: (view, byteOffset, samples) => {
      const fill = (index: number): void => {
        samples[index] = view.getInt16(byteOffset + 2 * index, isLittleEndian) / 2 ** 15;
      };
      const count = samples.length - (samples.length % 4);
      // Four samples per turn take two thirds of the time.
      for (let index = 0; index < count; index += 4) {
        fill(index);
        fill(index + 1);
        fill(index + 2);
        fill(index + 3);
      }
      for (let index = count; index < samples.length; index += 1) fill(index);
    },
    3: (view, byteOffset, samples) => {
      for (let index = 0, offset = byteOffset; index < samples.length; index += 1, offset += 3) {
        const upper = view.getInt8(offset + top) << 16;
        samples[index] = (upper | view.getUint16(offset + low, isLittleEndian)) / 2 ** 23;
      }
    },
    4: (view, byteOffset, samples) => {
      for (let index = 0, offset = byteOffset; index < samples.length; index += 1, offset += 4)
        samples[index] = view.getInt32(offset, isLittleEndian) / 2 ** 31;
    },
  };
  if (byteLength === 1) return each(1, (view, offset) => view.getInt8(offset) / 2 ** 7);
  const decode = decoders[byteLength];
  return decode && { byteLength, decode };
}

export const unsignedBytes = (): Encoding =>
  each(1, (view, offset) => (view.getUint8(offset) - 128) / 2 ** 7);

/** IEEE floats of 4 or 8 bytes. */
export function floats(byteLength: number, isLittleEndian: boolean): Encoding | undefined {
  if (byteLength === 8) return each(8, (view, offset) => view.getFloat64(offset, isLittleEndian));
  if (byteLength !== 4) return undefined;
  return {
    byteLength,
    decode(view, byteOffset, samples) {
      for (let index = 0, offset = byteOffset; index < samples.length; index += 1, offset += 4)
        samples[index] = view.getFloat32(offset, isLittleEndian);
    },
  };
}

/** ITU-T G.711: a sign, three bits of exponent, four of mantissa, every second bit inverted. */
export const aLaw = (): Encoding =>
  each(1, (view, offset) => {
    const bits = view.getUint8(offset) ^ 0x55;
    const exponent = (bits >> 4) & 7;
    const mantissa = ((bits & 15) << 4) + (exponent === 0 ? 8 : 0x108);
    const size = mantissa << Math.max(0, exponent - 1);
    return ((bits & 0x80) === 0 ? -size : size) / 2 ** 15;
  });

/** ITU-T G.711: the same parts, all bits inverted, around a bias of 33 (here times 4). */
export const muLaw = (): Encoding =>
  each(1, (view, offset) => {
    const bits = ~view.getUint8(offset);
    const size = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
    return ((bits & 0x80) === 0 ? size : -size) / 2 ** 15;
  });

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

/** Decodes a piece to channels, from frame `start` of these on. One target channel for several in the file gets their mean. */
export function decodeFrames(
  { bytes, format: { channelCount, encoding }, frameCount }: PcmPiece,
  channels: readonly Float32Array[],
  start: number,
): void {
  const view = viewOf(bytes);
  const [only] = channels;
  if (only && channelCount === 1) {
    encoding.decode(view, 0, only.subarray(start, start + frameCount));
    return;
  }
  const block = new Float32Array(Math.min(BLOCK_FRAMES, frameCount) * channelCount);
  for (let first = 0; first < frameCount; first += BLOCK_FRAMES) {
    const count = Math.min(BLOCK_FRAMES, frameCount - first);
    const samples = block.subarray(0, count * channelCount);
    encoding.decode(view, first * channelCount * encoding.byteLength, samples);
    if (only && channels.length < channelCount) mix(samples, channelCount, only, start + first);
    else spread(samples, channels, start + first);
  }
}

/** Writes the mean of interleaved channels to one. */
function mix(samples: Float32Array, channelCount: number, mono: Float32Array, start: number): void {
  if (channelCount === 2) {
    for (let index = 0, frame = start; index < samples.length; index += 2, frame += 1)
      mono[frame] = ((samples[index] ?? 0) + (samples[index + 1] ?? 0)) / 2;
    return;
  }
  for (let index = 0, frame = start; index < samples.length; index += channelCount, frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < channelCount; channel += 1) sum += samples[index + channel] ?? 0;
    mono[frame] = sum / channelCount;
  }
}

/** Writes interleaved samples to channels. */
function spread(samples: Float32Array, channels: readonly Float32Array[], start: number): void {
  for (const [channel, target] of channels.entries()) {
    for (let index = channel, frame = start; index < samples.length; index += channels.length, frame += 1)
      target[frame] = samples[index] ?? 0;
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
