/** Joins the frames of windows that overlap to those of the clip. */
import type { WindowFrames } from '../decode/decoder.ts';
import { sliceFrames, tokensOf } from '../decode/window-frames.ts';
import type { CtcTokens } from './quiet-cut.ts';
import type { Overlap } from './window-planner.ts';

interface OpenOverlap {
  readonly frames: WindowFrames;
  readonly overlap: Overlap;
  readonly givenCount: number;
}

export class WindowStitcher {
  readonly #samplesPerFrame: number;
  readonly #tokens: CtcTokens;
  /** The overlap of the last window with the next one, until that is there. Its first frames may have been given: overlaps can overlap. */
  #open: OpenOverlap | undefined;

  constructor(samplesPerFrame: number, tokens: CtcTokens) {
    this.#samplesPerFrame = samplesPerFrame;
    this.#tokens = tokens;
  }

  /** Takes the kept frames of the next window, and returns those of the clip that no later window changes. */
  push(frames: WindowFrames, overlap: Overlap | undefined): WindowFrames[] {
    const { frameCount } = frames;
    const part = (window: WindowFrames, from: number, to: number): WindowFrames =>
      sliceFrames(window, from, to, this.#samplesPerFrame);
    const before = this.#open;
    const seam = before ? this.#seamOf(before, frames) : 0;
    const end = Math.max(seam, overlap?.first ?? frameCount);
    this.#open = overlap && {
      frames: part(frames, overlap.first, frameCount),
      overlap,
      givenCount: end - overlap.first,
    };
    return [...(before ? [part(before.frames, before.givenCount, seam)] : []), part(frames, seam, end)];
  }

  /** What is left when there is no next window. */
  finish(): WindowFrames[] {
    if (!this.#open) return [];
    const { frames, givenCount } = this.#open;
    return [sliceFrames(frames, givenCount, frames.frameCount, this.#samplesPerFrame)];
  }

  #seamOf(
    { frames: left, overlap: { levels, wanted, chooseSeam }, givenCount }: OpenOverlap,
    right: WindowFrames,
  ): number {
    const count = Math.min(left.frameCount, right.frameCount);
    const idsOf = (frames: WindowFrames): ArrayLike<number> => tokensOf(sliceFrames(frames, 0, count, 0));
    const windows = { left: idsOf(left), right: idsOf(right), ...this.#tokens };
    return Math.max(givenCount, chooseSeam(levels, windows, wanted, givenCount));
  }
}
