/** What decoders and the joining of windows do with the frames of a window, be it their logits or their tokens. */
import { argmaxRows, notNumbers } from './argmax.ts';
import type { WindowFrames } from './decoder.ts';

/**
 * The most likely token of each frame.
 * @throws UniSpeechError `bad-input` where a logit is NaN.
 */
export function tokensOf(frames: WindowFrames): ArrayLike<number> {
  if (!('ids' in frames)) return argmaxRows(frames.data, frames.frameCount, frames.vocabSize);
  const missing = frames.ids.indexOf(-1);
  if (missing >= 0) throw notNumbers(missing);
  return frames.ids;
}

/** The frames `[from, to)` of a window. */
export function sliceFrames(
  frames: WindowFrames,
  from: number,
  to: number,
  samplesPerFrame: number,
): WindowFrames {
  const place = { frameCount: to - from, startSample: frames.startSample + from * samplesPerFrame };
  return 'ids' in frames
    ? { ...frames, ...place, ids: frames.ids.subarray(from, to) }
    : { ...frames, ...place, data: frames.data.subarray(from * frames.vocabSize, to * frames.vocabSize) };
}
