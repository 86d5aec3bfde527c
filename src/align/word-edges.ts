/** Where words begin and end in frames, and frames in seconds. Pure. */

/** Frames from `start` to before `end`; halves are the middle of a frame. */
export type FrameEdges = readonly [start: number, end: number];

/** How a model's frames lie in the samples. */
export interface FrameTiming {
  readonly sampling_rate: number;
  readonly samples_per_frame: number;
  readonly samples_per_window: number;
}

/**
 * When an edge between two frames is heard: each frame stands for as many samples around the centre of its window as frames are apart.
 * @param duration of the audio, in seconds: no edge is behind it.
 */
export function secondsOfEdge(edge: number, timing: FrameTiming, duration: number): number {
  const { sampling_rate: rate, samples_per_frame: hop, samples_per_window: window } = timing;
  return Math.min(duration, Math.max(0, (edge * hop + (window - hop) / 2) / rate));
}

/** How far a word goes beyond its tokens, in seconds: CTC's tokens come late and are short. */
const EXTENSION_SECONDS = 0.08;

/** That in frames. */
export const extensionOf = ({ sampling_rate: rate, samples_per_frame: hop }: FrameTiming): number =>
  Math.round((EXTENSION_SECONDS * rate) / hop);

/**
 * Widens words into the gaps between them, on each side by at most `extension` frames, and never past the middle of a gap between two.
 * @param words in order; they do not overlap.
 */
export function extendedEdges(
  words: readonly FrameEdges[],
  frameCount: number,
  extension: number,
): FrameEdges[] {
  return words.map(([start, end], index) => {
    const before = words[index - 1];
    const next = words[index + 1];
    const room = before ? (start - before[1]) / 2 : start;
    const roomBehind = next ? (next[0] - end) / 2 : frameCount - end;
    return [start - Math.min(room, extension), end + Math.min(roomBehind, extension)];
  });
}
