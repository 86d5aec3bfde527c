/** Weights of fewer bits for the kernels that read them, and the same weights as numbers. */
import { decodeRows, encodeRows } from '../encode-weights.ts';
import type { GemmSpec } from '../gemm.ts';
import { matrixLayout } from '../weight-format.ts';
import type { GemmData } from './gemm.ts';

/** The same data with weights that the format of the spec can hold. */
export function inFormat<D extends Pick<GemmData, 'w'>>(
  { weights, groups, columns, inner }: Pick<GemmSpec, 'weights' | 'groups' | 'columns' | 'inner'>,
  data: D,
): D & Pick<GemmData, 'encoded'> {
  if (weights === 'f32') return data;
  const matrix = { rows: groups * columns, rowLength: inner };
  const { byteLength, scalesOffset } = matrixLayout(weights, matrix);
  const rows = encodeRows(weights, data.w, inner);
  const encoded = new Uint32Array(byteLength / 4);
  encoded.set(rows.words);
  new Float32Array(encoded.buffer).set(rows.scales, scalesOffset / 4);
  return { ...data, w: decodeRows(weights, rows, matrix), encoded };
}
