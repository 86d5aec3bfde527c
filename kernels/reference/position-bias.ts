/** Data of attention with a position bias, and what its scores gain, in float64. */
import { ceil4 } from '../../src/gpu/kernel.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';
import type { AttentionSpec } from '../attention.ts';
import { biasDistances } from '../position-bias.ts';
import type { AttentionData, BiasData } from './attention.ts';

const withinReach = (distance: number, reach = 0): number => Math.max(-reach, Math.min(reach, distance));

/** The same data with the bias that the spec has, or as it is. */
export const withBias = (spec: AttentionSpec, data: AttentionData, random: SeededRandom): AttentionData =>
  spec.bias === undefined
    ? data
    : { ...data, bias: biasOf(spec, biasBuffers(spec, spec.bias.reach, random)) };

/** Biases differ at every distance within reach, and beyond it no more. */
function biasBuffers(
  { items, frames, heads }: AttentionSpec,
  reach: number,
  random: SeededRandom,
): BiasData['buffers'] {
  const rows = Array.from({ length: heads }, () => {
    const ofDistance = random.normals(2 * reach + 1);
    return biasDistances(reach).map((distance) => ofDistance[withinReach(distance, reach) + reach] ?? NaN);
  });
  return [random.normals(items * frames * ceil4(heads), 1), Float32Array.from(rows.flat())];
}

/** The bias of a spec with these gates and biases. */
export function biasOf({ frames, heads, bias }: AttentionSpec, buffers: BiasData['buffers']): BiasData {
  const [gates, biases] = buffers;
  const rowLength = biases.length / heads;
  return {
    buffers,
    gainOf(item, head, query, key) {
      // Distance 0 lies in the middle of a row.
      const place = (head + 0.5) * rowLength + withinReach(key - query, bias?.reach);
      return (gates[(item * frames + query) * ceil4(heads) + head] ?? NaN) * (biases[place] ?? NaN);
    },
  };
}
