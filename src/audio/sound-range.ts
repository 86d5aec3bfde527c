/** A part of a sound: the same samples that the whole has there, to the bit. */
import type { SoundBlock, SoundStream } from '../base/sound-stream.ts';
import { monoBlocks } from './mono-blocks.ts';
import { greatestCommonDivisor } from './resample.ts';

/** In samples of the result. */
export interface SoundRange {
  readonly startSample: number;
  /** Infinity: to the end. */
  readonly endSample: number;
}

/** A resampled sample depends on less than this on either side, at any rate: 6 zero crossings of the lowest, 1 kHz. */
const CONTEXT_SECONDS = 0.02;

/** How many frames of a file make whole samples of the result: only there the filter begins anew. */
const periodOf = (fileRate: number, sampleRate: number): number =>
  fileRate / greatestCommonDivisor(fileRate, sampleRate);

/** Where a file has to begin for this part, in its own frames. @param sampleRate of the result, in Hz. */
export function wantedFrameOf(
  { startSample }: SoundRange,
  sampleRate: number,
): ((fileRate: number) => number) | undefined {
  if (startSample === 0) return undefined;
  return (fileRate) => {
    const period = periodOf(fileRate, sampleRate);
    const frame = (startSample / sampleRate - CONTEXT_SECONDS) * fileRate;
    return Math.max(0, Math.floor(frame / period) * period);
  };
}

/**
 * The part of a sound, mixed down and resampled. What lies behind it is not read.
 * @param sound which may begin later, by a jump.
 * @param onPassed is told how many samples were passed, the part itself among them.
 */
export async function* blocksInRange(
  sound: SoundStream,
  sampleRate: number,
  { startSample, endSample }: SoundRange,
  onPassed: (sampleCount: number) => void,
): AsyncGenerator<Float32Array, void, undefined> {
  let position = 0;
  /** Cuts what a jump gave too much, so that the filter begins where it does in the whole. */
  async function* fromPeriod(): AsyncGenerator<SoundBlock, void, undefined> {
    let dropped: number | undefined;
    for await (const block of sound) {
      const { sampleRate: fileRate, channels } = block;
      if (dropped === undefined) {
        const skipped = sound.skippedFrames ?? 0;
        const period = periodOf(fileRate, sampleRate);
        const first = Math.ceil(skipped / period) * period;
        dropped = first - skipped;
        position = (first * sampleRate) / fileRate;
      }
      const from = Math.min(dropped, channels[0]?.length ?? 0);
      dropped -= from;
      yield from === 0
        ? block
        : { sampleRate: fileRate, channels: channels.map((channel) => channel.subarray(from)) };
    }
  }
  for await (const block of monoBlocks(fromPeriod(), sampleRate)) {
    const from = Math.max(0, startSample - position);
    const to = Math.min(block.length, endSample - position);
    position += block.length;
    onPassed(position);
    if (to > from) yield block.subarray(from, to);
    if (position >= endSample) return;
  }
}
