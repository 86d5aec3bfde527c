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

/** Samples that one frame needs. */
export function receptiveField(layers: readonly ConvGeometry[]): number {
  return layers.reduceRight((rows, { kernel, stride }) => (rows - 1) * stride + kernel, 1);
}

/** The part of a run that a plan depends on. Everything else is content. */
export interface RunShape {
  readonly items: number;
  /** Samples of every item, padding included. */
  readonly samples: number;
  readonly frames: number;
}
