/** The part of jax-js 0.1 that the engine uses: the package is no dependency of this project, so its types are not there either. */

/** A function takes the arrays that it is given; `ref` is for one more use. */
export interface JaxArray {
  readonly shape: readonly number[];
  readonly ref: JaxArray;
  add(other: JaxArray): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  reshape(shape: readonly number[]): JaxArray;
  transpose(axes?: readonly number[]): JaxArray;
  /** An index of each axis: [begin, end], or all of it. */
  slice(...index: readonly (readonly [number, number] | readonly [])[]): JaxArray;
  /** Waits for it. */
  data(): Promise<Float32Array>;
  dispose(): void;
}

export type JaxArrays = Readonly<Record<string, JaxArray>>;

/** Compiled the first time that it is called with arrays of some shapes. */
export interface JaxCompiled<Arguments extends readonly (JaxArray | JaxArrays)[]> {
  (...args: Arguments): JaxArray;
  dispose(): void;
}

export interface Jax {
  readonly numpy: {
    array(values: Float32Array): JaxArray;
    zeros(shape: readonly number[]): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    concatenate(parts: readonly JaxArray[], axis: number): JaxArray;
    expandDims(x: JaxArray, axis: number): JaxArray;
    pad(x: JaxArray, padding: readonly (readonly [number, number])[]): JaxArray;
  };
  readonly nn: {
    gelu(x: JaxArray, options: { readonly approximate: boolean }): JaxArray;
    softmax(x: JaxArray, axis: number): JaxArray;
    standardize(x: JaxArray, axis: number, options: { readonly epsilon: number }): JaxArray;
  };
  readonly lax: {
    /** x [batch, inputs, ...], weight [outputs, inputs of a group, ...]. */
    convGeneralDilated(
      x: JaxArray,
      weight: JaxArray,
      strides: readonly number[],
      padding: 'VALID' | readonly (readonly [number, number])[],
      options: { readonly featureGroupCount: number },
    ): JaxArray;
  };
  readonly tree: { ref(arrays: JaxArrays): JaxArrays };
  init(device: 'webgpu'): Promise<readonly string[]>;
  defaultDevice(device: 'webgpu'): void;
  getWebGPUDevice(): GPUDevice;
  jit<Arguments extends readonly (JaxArray | JaxArrays)[]>(
    work: (...args: Arguments) => JaxArray,
  ): JaxCompiled<Arguments>;
}
