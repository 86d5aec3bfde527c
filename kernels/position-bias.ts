/** The bias of attention by relative position (WavLM): the table of a model, and what compiles it into the kernels of attention. */
import biasedSource from '../shaders/attention_biased.wgsl';
import type { AttentionBias } from './attention.ts';

const quadReach = (reach: number): number => Math.ceil(reach / 4);

/** The distances, key − query, of a head's row of the table, in its order. */
export function biasDistances(reach: number): readonly number[] {
  const reach4 = quadReach(reach);
  return Array.from({ length: 8 * reach4 + 8 }, (_, i) => i - 4 * reach4 - 4);
}

/** @param reach all distances of this many frames or more, on one side, have the same bias. */
export const positionBias = (reach: number): AttentionBias => ({
  reach,
  // The reach is compiled in.
  name: `_bias${4 * quadReach(reach)}`,
  constants: { BIAS_REACH4: quadReach(reach) },
  source: biasedSource,
  costOf({ items, frames, heads }) {
    const numbers = items * frames * heads + heads * biasDistances(reach).length;
    return { flops: 2 * items * heads * frames ** 2, byteCount: 4 * numbers };
  },
});
