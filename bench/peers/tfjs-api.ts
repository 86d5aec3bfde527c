/** The part of TensorFlow.js 4.22 that the engine uses: the package is no dependency of this project, so its types are not there either. */

export interface TfTensor {
  readonly shape: readonly number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

/** [before, after] of each axis. */
export type TfPadding = readonly (readonly [number, number])[];

/** `@tensorflow/tfjs-core` once `@tensorflow/tfjs-backend-webgpu` has been imported. */
export interface Tf {
  readonly version_core: string;
  readonly fused: {
    matMul(options: { readonly a: TfTensor; readonly b: TfTensor; readonly bias?: TfTensor }): TfTensor;
  };
  setBackend(name: 'webgpu'): Promise<boolean>;
  /** Of the WebGPU backend. */
  backend(): { readonly device: GPUDevice };
  tidy<T>(work: () => T): T;
  /** Past the end of the `tidy` around it. */
  keep(x: TfTensor): TfTensor;

  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype?: 'float32' | 'int32'): TfTensor;
  scalar(value: number): TfTensor;
  zeros(shape: readonly number[]): TfTensor;

  add(a: TfTensor, b: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  mul(a: TfTensor, b: TfTensor): TfTensor;
  squaredDifference(a: TfTensor, b: TfTensor): TfTensor;
  rsqrt(x: TfTensor): TfTensor;
  erf(x: TfTensor): TfTensor;
  softmax(x: TfTensor): TfTensor;
  mean(x: TfTensor, axis: number, keepDims?: boolean): TfTensor;
  batchNorm(
    x: TfTensor,
    mean: TfTensor,
    variance: TfTensor,
    offset: TfTensor,
    scale: TfTensor,
    epsilon: number,
  ): TfTensor;

  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  transpose(x: TfTensor, axes: readonly number[]): TfTensor;
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor;
  stridedSlice(
    x: TfTensor,
    begin: readonly number[],
    end: readonly number[],
    strides: readonly number[],
  ): TfTensor;
  split(x: TfTensor, count: number, axis: number): TfTensor[];
  concat(parts: readonly TfTensor[], axis: number): TfTensor;
  pad(x: TfTensor, padding: TfPadding): TfTensor;
  gather(x: TfTensor, indices: TfTensor, axis: number): TfTensor;

  matMul(a: TfTensor, b: TfTensor): TfTensor;
  conv2d(
    x: TfTensor,
    filter: TfTensor,
    strides: readonly [number, number],
    padding: 'valid' | TfPadding,
  ): TfTensor;
}
