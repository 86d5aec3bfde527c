/** The shape of a run: the number of clips, their samples, and the resulting frames. */

export interface ConvGeometry {
  readonly kernel: number;
  readonly stride: number;
}

/**
 * The convolution length formula, floor((length − kernel) / stride) + 1, layer by layer. Like the reference's
 * integer division, it gives negative numbers for lengths shorter than the receptive field. The mask code relies on that.
 */
export function convLength(length: number, layers: readonly ConvGeometry[]): number {
  return layers.reduce((rows, { kernel, stride }) => Math.floor((rows - kernel) / stride) + 1, length);
}

/**
 * One step by which frames become fewer: an output frame for every window of input frames, counted as a convolution counts them.
 */
export interface FrameWindow {
  /** Frames that a window reads. */
  readonly kernel: number;
  /** Frames from one window to the next. */
  readonly stride: number;
  /** Zero frames before the first frame and after the last one. */
  readonly padding: number;
  /** Frames from one that a window reads to the next. */
  readonly dilation: number;
}

/** Windows of `size` frames that follow each other. */
export const poolWindow = (size: number): FrameWindow => ({
  kernel: size,
  stride: size,
  padding: 0,
  dilation: 1,
});

/** Windows that fit `frames`, step by step. It is zero or less if not one fits. */
export function framesAfter(frames: number, windows: readonly FrameWindow[]): number {
  return windows.reduce(
    (count, { kernel, stride, padding, dilation }) =>
      Math.floor((count + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1,
    frames,
  );
}

/** The fewest frames of which the windows leave `count`. */
export function framesFor(count: number, windows: readonly FrameWindow[]): number {
  return windows.reduceRight(
    (frames, { kernel, stride, padding, dilation }) =>
      Math.max(1, (frames - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding),
    count,
  );
}

/** Samples that one frame needs. */
export function receptiveField(layers: readonly ConvGeometry[]): number {
  return layers.reduceRight((rows, { kernel, stride }) => (rows - 1) * stride + kernel, 1);
}

/** The part of a run that a plan depends on. Everything else is content. */
export interface RunShape {
  readonly items: number;
  /** Samples of every item, padding included. */
  readonly samples: number;
  /** Frames that the convolutions of the feature extractor give for each item. */
  readonly frames: number;
}
