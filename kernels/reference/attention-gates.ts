/** The gates of the position bias, in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import {
  gateWeightCount,
  packGateWeights,
  planAttentionGates,
  type AttentionGatesSpec,
  type GateParameters,
} from '../attention-gates.ts';
import { kernelCase, type KernelCase } from './kernel-case.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

export interface AttentionGatesData extends GateParameters {
  /** [frame][channel], rows padded to a multiple of 4. */
  readonly x: Float32Array;
}

export function attentionGatesData(
  { rows, heads, headSize }: AttentionGatesSpec,
  random: SeededRandom,
): AttentionGatesData {
  return {
    x: random.normals(rows * ceil4(heads * headSize)),
    weights: random.normals(2 * headSize, 0, headSize ** -0.5),
    biases: random.normals(2),
    constants: random.normals(heads, 1),
  };
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** [frame][head], rows padded with zeros to a multiple of 4. */
export function attentionGatesReference(
  { rows, heads, headSize }: AttentionGatesSpec,
  { x, weights, biases, constants }: AttentionGatesData,
): Float64Array {
  const stride = ceil4(heads);
  const gates = new Float64Array(rows * stride);
  for (let row = 0; row < rows; row++) {
    for (let head = 0; head < heads; head++) {
      const start = row * ceil4(heads * headSize) + head * headSize;
      const [a = NaN, b = NaN] = [0, 1].map((part) => {
        let sum = biases[part] ?? NaN;
        for (let d = 0; d < headSize; d++)
          sum += (x[start + d] ?? NaN) * (weights[part * headSize + d] ?? NaN);
        return sigmoid(sum);
      });
      gates[row * stride + head] = a * (b * (constants[head] ?? NaN) - 1) + 2;
    }
  }
  return gates;
}

export function attentionGatesCase(
  spec: AttentionGatesSpec,
  data: AttentionGatesData,
  capabilities: GpuCapabilities,
): KernelCase {
  const weights = new Float32Array(gateWeightCount(spec));
  packGateWeights(spec, data, weights);
  return kernelCase(
    planAttentionGates(spec, capabilities),
    [data.x, weights],
    attentionGatesReference(spec, data),
  );
}
