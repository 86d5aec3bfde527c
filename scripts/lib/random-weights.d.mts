/** Fills `target` with the elements of a tensor from `elementOffset` on; `name` has no prefix of its family. */
export function fillTensor(
  name: string,
  shape: readonly number[],
  target: Float32Array,
  elementOffset?: number,
): void;

/** The samples of one item of an input batch, in [-1, 1). */
export function inputSamples(batchItem: number, sampleCount: number): Float32Array;
