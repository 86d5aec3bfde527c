/** Self-attention with a key-padding mask, and its weights, in float64. Its data may have a position bias (`position-bias.ts`). */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import {
  planAttention,
  planAttentionWeights,
  type AttentionSpec,
  type AttentionVariant,
} from '../attention.ts';
import { kernelCase, type KernelCase } from './kernel-case.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

/** Bindings of the kernels. Layouts: `shaders/attention_common.wgsl`. */
export interface AttentionData {
  readonly qkv: Float32Array;
  readonly keyCounts: Uint32Array;
  readonly bias?: BiasData | undefined;
}

export interface BiasData {
  /** Gates, [item][frame][head] with rows rounded up to 4, and biases, [head][distance]. */
  readonly buffers: readonly [gates: Float32Array, biases: Float32Array];
  /** What a score gains. */
  readonly gainOf: (item: number, head: number, query: number, key: number) => number;
}

/** Start of a head's vector in qkv. Part 0 is q, 1 is k, 2 is v. */
function headStart(spec: AttentionSpec, item: number, frame: number, part: number, head: number): number {
  return (((item * spec.frames + frame) * 3 + part) * spec.heads + head) * ceil4(spec.headSize);
}

/** Seeded data with zero-padded heads. `queryScale` sets the size of the scores. */
export function attentionData(
  spec: AttentionSpec,
  keyCounts: readonly number[],
  random: SeededRandom,
  queryScale = 1,
): AttentionData {
  const qkv = new Float32Array(spec.items * spec.frames * 3 * spec.heads * ceil4(spec.headSize));
  for (let item = 0; item < spec.items; item++) {
    for (let frame = 0; frame < spec.frames; frame++) {
      for (let part = 0; part < 3; part++) {
        for (let head = 0; head < spec.heads; head++) {
          const scale = part === 0 ? queryScale : 1;
          qkv.set(random.normals(spec.headSize, 0, scale), headStart(spec, item, frame, part, head));
        }
      }
    }
  }
  return { qkv, keyCounts: Uint32Array.from(keyCounts) };
}

/** [item][head][query][key]. In a row without any key, all frames weigh the same. */
export function attentionWeightsReference(spec: AttentionSpec, data: AttentionData): Float64Array {
  const { qkv, keyCounts, bias } = data;
  const weights = new Float64Array(spec.items * spec.heads * spec.frames ** 2);
  for (let item = 0; item < spec.items; item++) {
    const unmasked = Math.min(keyCounts[item] ?? 0, spec.frames);
    const keyCount = unmasked === 0 ? spec.frames : unmasked;
    for (let head = 0; head < spec.heads; head++) {
      for (let query = 0; query < spec.frames; query++) {
        const q = headStart(spec, item, query, 0, head);
        const scores = Float64Array.from({ length: keyCount }, (_, key) => {
          if (unmasked === 0) return 0;
          const k = headStart(spec, item, key, 1, head);
          let score = 0;
          for (let d = 0; d < spec.headSize; d++) score += (qkv[q + d] ?? NaN) * (qkv[k + d] ?? NaN);
          return score * spec.headSize ** -0.5 + (bias?.gainOf(item, head, query, key) ?? 0);
        });
        const largest = scores.reduce((x, y) => Math.max(x, y), -Infinity);
        const exponentials = scores.map((score) => Math.exp(score - largest));
        const total = exponentials.reduce((x, y) => x + y, 0);
        weights.set(
          exponentials.map((x) => x / total),
          ((item * spec.heads + head) * spec.frames + query) * spec.frames,
        );
      }
    }
  }
  return weights;
}

/** [item][frame][head], heads padded with zeros. */
export function attentionReference(spec: AttentionSpec, data: AttentionData): Float64Array {
  const headStride = ceil4(spec.headSize);
  const weights = attentionWeightsReference(spec, data);
  const out = new Float64Array(spec.items * spec.frames * spec.heads * headStride);
  for (let item = 0; item < spec.items; item++) {
    for (let head = 0; head < spec.heads; head++) {
      for (let query = 0; query < spec.frames; query++) {
        const outStart = ((item * spec.frames + query) * spec.heads + head) * headStride;
        const weightStart = ((item * spec.heads + head) * spec.frames + query) * spec.frames;
        for (let d = 0; d < spec.headSize; d++) {
          let sum = 0;
          for (let key = 0; key < spec.frames; key++) {
            const weight = weights[weightStart + key] ?? NaN;
            // The content of padding, even NaN, must have no effect.
            if (weight !== 0) sum += weight * (data.qkv[headStart(spec, item, key, 2, head) + d] ?? NaN);
          }
          out[outStart + d] = sum;
        }
      }
    }
  }
  return out;
}

export function attentionCase(
  spec: AttentionSpec,
  data: AttentionData,
  capabilities: GpuCapabilities,
  variant: AttentionVariant,
): KernelCase {
  return kernelCase(
    planAttention(spec, capabilities, variant),
    [data.qkv, data.keyCounts, ...(data.bias?.buffers ?? [])],
    attentionReference(spec, data),
  );
}

export function attentionWeightsCase(spec: AttentionSpec, data: AttentionData): KernelCase {
  return kernelCase(
    planAttentionWeights(spec),
    [data.qkv, data.keyCounts, ...(data.bias?.buffers ?? [])],
    attentionWeightsReference(spec, data),
  );
}
