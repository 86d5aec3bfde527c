interface PlainTensor {
  readonly data: readonly number[];
  readonly dims: readonly number[];
}

/** All outputs of a call; the entries of lists have their index. */
export function runGolden(
  engine: typeof import('../../../src/index.ts'),
  folder: string,
  className: string,
  inputs: Readonly<Record<string, PlainTensor & { readonly type: 'float32' | 'int32' }>>,
): Promise<Readonly<Record<string, PlainTensor>>>;
