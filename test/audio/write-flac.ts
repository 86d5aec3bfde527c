/** A small FLAC writer: frames of 16-bit samples as they are, so that tests have files of any length. */
import { crcStep, crcTable } from '../../src/audio/crc.ts';

export interface FlacSpec {
  readonly sampleRate: 16_000 | 44_100;
  /** One array per channel, in 16 bits. */
  readonly channels: readonly Int16Array[];
  readonly blockSize: number;
  /** Instead of the true number of samples in the header. */
  readonly declaredSamples?: number;
  /** Frames carry the numbers of their samples, not their own. */
  readonly countsSamples?: boolean;
}

const remainder = (polynomial: number, bytes: Uint8Array): number => {
  const table = crcTable(polynomial);
  return bytes.reduce((crc, byte) => crcStep(table, crc, byte), 0);
};

/** A number like a character in UTF-8. */
function codedNumber(number: number): number[] {
  if (number < 0x80) return [number];
  const tail: number[] = [];
  let rest = number;
  while (rest >= 2 ** (5 - tail.length)) {
    tail.unshift(0x80 | (rest % 64));
    rest = Math.floor(rest / 64);
  }
  const byteCount = tail.length + 1;
  return [((0xff00 >> byteCount) & 0xff) | rest, ...tail];
}

export function writeFlac({
  sampleRate,
  channels,
  blockSize,
  declaredSamples = channels[0]?.length ?? 0,
  countsSamples = false,
}: FlacSpec): Uint8Array {
  const sampleCount = channels[0]?.length ?? 0;
  const rateCode = { 16_000: 5, 44_100: 9 }[sampleRate];
  const header = new Uint8Array(42);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x664c6143);
  view.setUint32(4, 0x80000022);
  view.setUint16(8, blockSize);
  view.setUint16(10, blockSize);
  view.setUint32(18, (sampleRate << 12) | ((channels.length - 1) << 9) | (15 << 4));
  view.setUint32(22, declaredSamples);
  const parts = [header];
  for (let start = 0; start < sampleCount; start += blockSize) {
    const size = Math.min(blockSize, sampleCount - start);
    const number = countsSamples ? start : start / blockSize;
    const head = [0xff, countsSamples ? 0xf9 : 0xf8, 0x70 | rateCode, ((channels.length - 1) << 4) | 8];
    head.push(...codedNumber(number), (size - 1) >> 8, (size - 1) & 255);
    head.push((remainder(0x07000000, Uint8Array.from(head)) >>> 24) & 255);
    const frame = new Uint8Array(head.length + channels.length * (1 + 2 * size) + 2);
    frame.set(head);
    let offset = head.length;
    const out = new DataView(frame.buffer);
    for (const channel of channels) {
      frame[offset] = 2;
      offset += 1;
      for (let index = 0; index < size; index += 1, offset += 2)
        out.setInt16(offset, channel[start + index] ?? 0);
    }
    out.setUint16(offset, remainder(0x80050000, frame.subarray(0, offset)) >>> 16);
    parts.push(frame);
  }
  return Buffer.concat(parts);
}
