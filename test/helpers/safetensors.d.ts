/** The npm package `safetensors` ships no types: what the tests use of it. */
declare module 'safetensors' {
  export class SafeTensor {
    constructor(buffer: Uint8Array);
    readonly metadata: ReadonlyMap<string, { readonly dtype: string; readonly shape: readonly number[] }>;
    getTensor(name: string): Uint8Array;
  }
}
