/** Joins the frames of windows that overlap to those of the clip. */
import type { WindowFrames } from '../decode/decoder.ts';
import { sliceFrames, tokensOf } from '../decode/window-frames.ts';
import { chooseSeam } from './quiet-cut.ts';
import type { Overlap } from './window-planner.ts';

export class WindowStitcher {
  readonly #samplesPerFrame: number;
  readonly #blank: number | null;
  /** The end of the last window, until the next one is there. */
  #open: { readonly frames: WindowFrames; readonly overlap: Overlap } | undefined;

  /** @param blank the token of CTC that says nothing. */
  constructor(samplesPerFrame: number, blank: number | null) {
    this.#samplesPerFrame = samplesPerFrame;
    this.#blank = blank;
  }

  /** Takes the kept frames of the next window, and returns those of the clip that no later window changes. */
  push(frames: WindowFrames, overlap: Overlap | undefined): WindowFrames[] {
    const { frameCount } = frames;
    const part = (window: WindowFrames, from: number, to: number): WindowFrames =>
      sliceFrames(window, from, to, this.#samplesPerFrame);
    const before = this.#open;
    const seam = before ? seamOf(before.frames, frames, before.overlap, this.#blank) : 0;
    const end = Math.max(seam, overlap?.first ?? frameCount);
    this.#open = overlap && { frames: part(frames, end, frameCount), overlap };
    return [...(before ? [part(before.frames, 0, seam)] : []), part(frames, seam, end)];
  }

  /** What is left when there is no next window. */
  finish(): WindowFrames[] {
    return this.#open ? [this.#open.frames] : [];
  }
}

function seamOf(
  left: WindowFrames,
  right: WindowFrames,
  { levels, wanted }: Overlap,
  blank: number | null,
): number {
  const count = Math.min(left.frameCount, right.frameCount);
  const idsOf = (frames: WindowFrames): ArrayLike<number> => tokensOf(sliceFrames(frames, 0, count, 0));
  return chooseSeam(levels, { left: idsOf(left), right: idsOf(right), blank }, wanted);
}
