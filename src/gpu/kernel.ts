/**
 * A kernel call as pure data: the shader, the constants before it, the number of workgroups, the
 * uniforms. Nothing here touches a GPU, so planners can be tested and plans printed without one.
 */

export type Binding = 'uniform' | 'read' | 'write';

/** One compiled shader. Two kernels are the same if and only if their source is the same text. */
export interface Kernel {
  /** Identifies the source, for example `gemm_16x32_subgroup8_gelu`. */
  readonly name: string;
  readonly source: string;
  /** Bindings of group 0, in order; binding 0 is the uniform block. */
  readonly bindings: readonly Binding[];
  /** If the planner has other variants of this kernel: the name by which `GpuCapabilities.distrusted` forbids this one. */
  readonly variant?: string;
}

/** One dispatch of a kernel. */
export interface KernelCall {
  readonly kernel: Kernel;
  readonly workgroups: readonly [x: number, y: number, z: number];
  readonly params: Params;
  /** Arithmetic operations; a multiply-add counts as two. */
  readonly flops: number;
  /** Bytes that the algorithm must read and write at least once. */
  readonly byteCount: number;
}

/** A call with the recipe of its kernel, so that a test can plan another call of the same kernel. */
export interface RecipeCall<R> extends KernelCall {
  readonly recipe: R;
}

export type Constant = number | boolean | { readonly f32: number };

/**
 * The generated prelude: module-scope constants that specialise a shader. Branches on them fold at
 * compile time, so the shader files stay plain WGSL. One or more files of `shaders/` follow it. The first lines of each file
 * say what it needs from the others and from the prelude.
 */
export function prelude(
  constants: Readonly<Record<string, Constant>>,
  directives: readonly string[] = [],
): string {
  const lines = Object.entries(constants).map(([name, value]) => {
    if (typeof value === 'boolean') return `const ${name}: bool = ${value};`;
    if (typeof value === 'number') return `const ${name}: u32 = ${value}u;`;
    return `const ${name}: f32 = ${formatF32(value.f32)};`;
  });
  return [...directives.map((directive) => `${directive};`), ...lines, ''].join('\n');
}

function formatF32(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/**
 * Content of the uniform block: all fields of the shader's `struct Params`, under its names and in its order. Plain
 * numbers are u32, `{ f32 }` are floats. Only the order reaches the GPU, because the browser build shortens the names in the shader.
 * test/kernels/planner-uniforms.test.ts therefore compares the names with the shader files.
 */
export type Params = Readonly<Record<string, ParamField>>;
export type ParamField = number | { readonly f32: number };

/** The uniform block of a call, padded to a multiple of 16 bytes. */
export function packParams(params: Params): Uint32Array<ArrayBuffer> {
  const fields = Object.values(params);
  const words = new Uint32Array(ceil4(fields.length));
  const floats = new Float32Array(words.buffer);
  fields.forEach((field, index) => {
    if (typeof field === 'number') words[index] = field;
    else floats[index] = field.f32;
  });
  return words;
}

/** Smallest multiple of 4 that is at least `count`: channel strides are kept at such multiples. */
export const ceil4 = (count: number): number => Math.ceil(count / 4) * 4;
