/** GEMM: every variant forced, at the edges of its tiles, with every epilogue and layout. */
import { afterAll, describe, expect, test } from 'vitest';
import { gemmName, linearSpec, planGemm, type GemmSpec } from '../../kernels/gemm.ts';
import { gemmVariants } from '../../kernels/gemm-variants.ts';
import type { WeightFormat } from '../../kernels/weight-format.ts';
import { inFormat } from '../../kernels/reference/encoded-weights.ts';
import { gemmCase, gemmData } from '../../kernels/reference/gemm.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { runCall } from '../../src/gpu/run-call.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { expectRight } from '../helpers/kernel-expect.ts';
import { variantsByFormat } from '../helpers/variants-by-format.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;

/** One activation for the whole file: a pipeline a variant. */
const linear = (weights: WeightFormat, rows: number, columns: number, inner: number, flags = 0): GemmSpec =>
  linearSpec({
    weights,
    rows,
    columns,
    inner,
    hasBias: (flags & 1) !== 0,
    activation: 'gelu',
    hasActivation: (flags & 2) !== 0,
    hasResidual: (flags & 4) !== 0,
  });

const variants = variantsByFormat(gemmVariants(capabilities), gemmName);

describe.each(variants)('$name', ({ variant, weights }) => {
  const random = new SeededRandom(1);
  const check = (spec: GemmSpec) =>
    expectRight(
      context,
      gemmCase(spec, inFormat(spec, gemmData(spec, random)), capabilities, variant),
      JSON.stringify(spec),
    );
  const tile = variant;

  test('rows, columns and sums around the tile', async () => {
    const inners = [4, 12, 16, 60, 64, 68, 148];
    let flags = 0;
    for (const rows of [1, tile.rows - 1, tile.rows, tile.rows + 1, 37]) {
      for (const columns of [1, tile.columns - 1, tile.columns, tile.columns + 1, 41]) {
        await check(linear(weights, rows, columns, inners[flags % inners.length] ?? 4, flags % 8));
        flags++;
      }
    }
  });

  test('every sum length with every epilogue', async () => {
    for (let flags = 0; flags < 8; flags++) {
      for (const inner of [4, 20, 60, 64, 68]) await check(linear(weights, 5, 7, inner, flags));
    }
  });

  test('a long sum', () => check(linear(weights, 3, 5, 3076, 1)));

  test('items and groups with strides, an offset and the padding of the last group', async () => {
    for (const [rows, columns, lastGroupColumns] of [
      [tile.rows + 1, 3, 5],
      [1, tile.columns + 1, tile.columns + 3],
      // The padding alone passes the end of a tile.
      [2, tile.columns, tile.columns + 2],
      [7, 1, 1],
    ] as const) {
      for (const groups of [1, 3]) {
        const outRowStride = (groups - 1) * columns + lastGroupColumns + 3;
        await check({
          ...linear(weights, rows, columns, 28, 7),
          aRowStride: 12,
          items: 2,
          groups,
          aBatchStride: rows * 12 + 16,
          outRowStride,
          outItemStride: (rows + 1) * outRowStride,
          outGroupStride: columns,
          outOffset: 9,
          lastGroupColumns,
        });
      }
    }
  });
});

/**
 * Words as they lie on the GPU, written down here and not by `encodeRows`: 36 weights of a row are a block of 32 and one of 4, so
 * rows are 64 codes apart. All products and sums are exact in float32.
 */
describe('blocks with scales, word by word', () => {
  const COLUMNS = 3;
  const INNER = 36;
  const ROW_STRIDE = 64;
  const SCALES = [0.5, 4, 0.25, 2, 1, -8];
  const codeAt = (column: number, k: number, limit: number): number =>
    ((7 * column + 5 * k) % (2 * limit)) - limit;

  test.each(variants.filter(({ weights }) => weights === 'q8' || weights === 'q4'))(
    '$name',
    async ({ variant, weights }) => {
      const [bits, limit] = weights === 'q8' ? [8, 128] : [4, 8];
      const codesOfWord = 32 / bits;
      const wordCount = (COLUMNS * ROW_STRIDE) / codesOfWord;
      const w = new Uint32Array(wordCount + SCALES.length);
      new Float32Array(w.buffer).set(SCALES, wordCount);
      for (let column = 0; column < COLUMNS; column++) {
        for (let k = 0; k < INNER; k++) {
          const index = column * ROW_STRIDE + k;
          const word = Math.floor(index / codesOfWord);
          const code = codeAt(column, k, limit) & (2 ** bits - 1);
          w[word] = (w[word] ?? 0) | (code << (bits * (index % codesOfWord)));
        }
      }
      const spec = linear(weights, 2, COLUMNS, INNER);
      const a = Float32Array.from({ length: 2 * INNER }, (_, i) => (i % 11) - 5);
      const call = planGemm(spec, capabilities, variant);
      const unused = new Float32Array(4);
      const found = await runCall(context, call, [a, w, unused, unused, 2 * COLUMNS]);
      const expected = Array.from({ length: 2 * COLUMNS }, (_, i) => {
        const [row, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
        let sum = 0;
        for (let k = 0; k < INNER; k++) {
          const scale = SCALES[2 * column + Math.floor(k / 32)] ?? NaN;
          sum += (a[row * INNER + k] ?? NaN) * codeAt(column, k, limit) * scale;
        }
        return sum;
      });
      expect([...found]).toEqual(expected);
    },
  );
});
