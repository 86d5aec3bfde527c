/** What a kernel computes, told by its name: the colour and shape that it has in the plots. */

export type KindId = 'gemm' | 'attention' | 'norm' | 'conv' | 'move';

export interface KernelKind {
  readonly id: KindId;
  readonly label: string;
}

export const KINDS: readonly KernelKind[] = [
  { id: 'gemm', label: 'Matrix product' },
  { id: 'attention', label: 'Attention' },
  { id: 'norm', label: 'Layer norm, activation' },
  { id: 'conv', label: 'First convolution' },
  { id: 'move', label: 'Moves only' },
];

const PREFIXES: readonly (readonly [prefix: string, kind: KindId])[] = [
  ['gemm', 'gemm'],
  ['attention', 'attention'],
  ['layer_norm', 'norm'],
  ['conv0', 'conv'],
];

export const kindOf = (kernel: string): KindId =>
  PREFIXES.find(([prefix]) => kernel.startsWith(prefix))?.[1] ?? 'move';

/** The outline of a kind's mark around (0, 0) as an SVG path; all have about the same area. */
export function markPath(kind: KindId, radius: number): string {
  const r = radius;
  const half = 0.886 * r;
  const wide = 1.25 * r;
  const tall = 1.35 * r;
  switch (kind) {
    case 'gemm':
      return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
    case 'attention':
      return `M0 ${-wide}L${wide} 0L0 ${wide}L${-wide} 0Z`;
    case 'norm':
      return `M${-half} ${-half}H${half}V${half}H${-half}Z`;
    case 'conv':
      return `M0 ${-tall}L${tall} ${0.8 * tall}H${-tall}Z`;
    case 'move':
      return `M0 ${tall}L${tall} ${-0.8 * tall}H${-tall}Z`;
  }
}
