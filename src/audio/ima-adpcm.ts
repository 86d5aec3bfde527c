/** IMA ADPCM in WAV files (format tag 0x11): four bits per sample, in blocks that decode independently. */
import { viewOf } from '../base/bytes.ts';

const INDEX_STEPS = [-1, -1, -1, -1, 2, 4, 6, 8];
/** Each step is a tenth larger than the previous one, as in the specification's table. */
const STEP_SIZES = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97,
  107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724,
  796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026,
  4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10_442, 11_487, 12_635, 13_899, 15_289, 16_818,
  18_500, 20_350, 22_385, 24_623, 27_086, 29_794, 32_767,
];
/** Header bytes per channel at the start of a block: its first sample and its step. */
const HEADER_BYTES = 4;
/** Channels alternate after this many bytes, which hold two samples each. */
const GROUP_BYTES = 4;

/** Samples per channel in this many bytes of one block, or of a part of one. */
export function imaFrameCount(blockByteLength: number, channelCount: number): number {
  const groupBytes = blockByteLength - HEADER_BYTES * channelCount;
  return groupBytes < 0 ? 0 : 1 + 2 * GROUP_BYTES * Math.floor(groupBytes / (GROUP_BYTES * channelCount));
}

/**
 * Decodes blocks to 16-bit samples, little-endian and interleaved as in PCM files. A cut last block gives the samples that it still has.
 * @param blockByteLength must be more than the headers of the channels.
 */
export function decodeIma(body: Uint8Array, blockByteLength: number, channelCount: number): Uint8Array {
  const lastByteLength = body.length % blockByteLength;
  const frameCount =
    Math.floor(body.length / blockByteLength) * imaFrameCount(blockByteLength, channelCount) +
    imaFrameCount(lastByteLength, channelCount);
  const output = new DataView(new ArrayBuffer(2 * frameCount * channelCount));
  const input = viewOf(body);
  for (let start = 0, firstFrame = 0; start < body.length; start += blockByteLength) {
    const count = imaFrameCount(Math.min(blockByteLength, body.length - start), channelCount);
    if (count === 0) break;
    for (let channel = 0; channel < channelCount; channel += 1) {
      const header = start + channel * HEADER_BYTES;
      let sample = input.getInt16(header, true);
      let index = Math.min(input.getUint8(header + 2), STEP_SIZES.length - 1);
      for (let frame = 0; frame < count; frame += 1) {
        if (frame > 0) {
          const position = frame - 1;
          const group = Math.floor(position / 8) * channelCount + channel + channelCount;
          const byte = input.getUint8(start + group * GROUP_BYTES + ((position & 7) >> 1));
          // The lower four bits come first.
          const code = (position & 1) === 0 ? byte & 15 : byte >> 4;
          const step = STEP_SIZES[index] ?? 0;
          // ffmpeg rounds this way. The specification rounds each bit's part down, which gives up to two units less.
          const change = ((2 * (code & 7) + 1) * step) >> 3;
          sample = Math.max(-32_768, Math.min(32_767, (code & 8) === 0 ? sample + change : sample - change));
          index = Math.max(0, Math.min(STEP_SIZES.length - 1, index + (INDEX_STEPS[code & 7] ?? 0)));
        }
        output.setInt16(2 * ((firstFrame + frame) * channelCount + channel), sample, true);
      }
    }
    firstFrame += count;
  }
  return new Uint8Array(output.buffer);
}
