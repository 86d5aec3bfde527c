/** Sizes as graphics drivers count them. */

/** `128 MiB`, `16 KiB`, `4 GiB`. */
export function formatBinary(byteLength: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = byteLength < 1 ? 0 : Math.min(Math.floor(Math.log2(byteLength) / 10), units.length - 1);
  const value = byteLength / 1024 ** power;
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${units[power] ?? ''}`;
}

/** `3.1e-14`; nothing where there is no answer. */
export const formatError = (nmse: number): string =>
  nmse === 0 ? '0' : Number.isFinite(nmse) ? nmse.toExponential(1) : '';

/** What a kernel computes, by its name. */
const PURPOSES: readonly (readonly [prefix: string, purpose: string])[] = [
  ['gemm', 'Matrix product'],
  ['layer_norm', 'Layer norm and activation'],
  ['conv0', 'First convolution'],
  ['mask_frames', 'Masking of frames'],
  ['pos_conv', 'Positional convolution'],
  ['attention_weights', 'Attention weights, on request'],
  ['attention', 'Attention'],
];

export const purposeOf = (kernel: string): string =>
  PURPOSES.find(([prefix]) => kernel.startsWith(prefix))?.[1] ?? '';
