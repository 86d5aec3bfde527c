/** Joins the frames of windows that overlap to those of the clip. */
import { argmaxRows } from '../decode/argmax.ts';
import type { FrameLogits } from '../decode/decoder.ts';
import { chooseSeam } from './quiet-cut.ts';
import type { Overlap } from './window-planner.ts';

export class WindowStitcher {
  readonly #samplesPerFrame: number;
  readonly #blank: number | null;
  /** The end of the last window, until the next one is there. */
  #open: { readonly logits: FrameLogits; readonly overlap: Overlap } | undefined;

  /** @param blank the token of CTC that says nothing. */
  constructor(samplesPerFrame: number, blank: number | null) {
    this.#samplesPerFrame = samplesPerFrame;
    this.#blank = blank;
  }

  /** Takes the kept frames of the next window, and returns those of the clip that no later window changes. */
  push(logits: FrameLogits, overlap: Overlap | undefined): FrameLogits[] {
    const { frameCount } = logits;
    const before = this.#open;
    const seam = before ? seamOf(before.logits, logits, before.overlap, this.#blank) : 0;
    const end = Math.max(seam, overlap?.first ?? frameCount);
    this.#open = overlap && { logits: this.#part(logits, end, frameCount), overlap };
    return [...(before ? [this.#part(before.logits, 0, seam)] : []), this.#part(logits, seam, end)];
  }

  /** What is left when there is no next window. */
  finish(): FrameLogits[] {
    return this.#open ? [this.#open.logits] : [];
  }

  #part({ data, vocabSize, startSample }: FrameLogits, from: number, to: number): FrameLogits {
    return {
      data: data.subarray(from * vocabSize, to * vocabSize),
      frameCount: to - from,
      vocabSize,
      startSample: startSample + from * this.#samplesPerFrame,
    };
  }
}

function seamOf(
  left: FrameLogits,
  right: FrameLogits,
  { levels, wanted }: Overlap,
  blank: number | null,
): number {
  const count = Math.min(left.frameCount, right.frameCount);
  const idsOf = ({ data, vocabSize }: FrameLogits): Int32Array =>
    argmaxRows(data.subarray(0, count * vocabSize), count, vocabSize);
  return chooseSeam(levels, { left: idsOf(left), right: idsOf(right), blank }, wanted);
}
