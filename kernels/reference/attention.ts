/** Self-attention with a key-padding mask and perhaps a position bias, and its weights, in float64. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import {
  planAttention,
  planAttentionWeights,
  type AttentionSpec,
  type AttentionVariant,
} from '../attention.ts';
import { biasDistances } from '../position-bias.ts';
import { kernelCase, type KernelCase } from './kernel-case.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';

/** Bindings of the kernels. Layouts: `shaders/attention_common.wgsl`. */
export interface AttentionData {
  readonly qkv: Float32Array;
  readonly keyCounts: Uint32Array;
  /** Gates, [item][frame][head] with rows rounded up to 4, and biases, [head][distance]. Empty without a bias. */
  readonly bias: readonly [] | readonly [gates: Float32Array, biases: Float32Array];
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
  return { qkv, keyCounts: Uint32Array.from(keyCounts), bias: biasData(spec, random) };
}

/** Biases differ at every distance within reach, and beyond it no more. */
function biasData(
  { items, frames, heads, biasReach }: AttentionSpec,
  random: SeededRandom,
): AttentionData['bias'] {
  if (biasReach === undefined) return [];
  const rows = Array.from({ length: heads }, () => {
    const ofDistance = random.normals(2 * biasReach + 1);
    return biasDistances(biasReach).map(
      (distance) => ofDistance[withinReach(distance, biasReach) + biasReach] ?? NaN,
    );
  });
  return [random.normals(items * frames * ceil4(heads), 1), Float32Array.from(rows.flat())];
}

const withinReach = (distance: number, reach: number): number => Math.max(-reach, Math.min(reach, distance));

/** What a score gains. */
function biasOf(
  { frames, heads, biasReach }: AttentionSpec,
  { bias: [gates, biases] }: AttentionData,
  [item, head, query, key]: readonly [number, number, number, number],
): number {
  if (biasReach === undefined || gates === undefined || biases === undefined) return 0;
  const rowLength = biases.length / heads;
  // Distance 0 lies in the middle of a row.
  const place = (head + 0.5) * rowLength + withinReach(key - query, biasReach);
  return (gates[(item * frames + query) * ceil4(heads) + head] ?? NaN) * (biases[place] ?? NaN);
}

/** [item][head][query][key]. In a row without any key, all frames weigh the same. */
export function attentionWeightsReference(spec: AttentionSpec, data: AttentionData): Float64Array {
  const { qkv, keyCounts } = data;
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
          return score * spec.headSize ** -0.5 + biasOf(spec, data, [item, head, query, key]);
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
    [data.qkv, data.keyCounts, ...data.bias],
    attentionReference(spec, data),
  );
}

export function attentionWeightsCase(spec: AttentionSpec, data: AttentionData): KernelCase {
  return kernelCase(
    planAttentionWeights(spec),
    [data.qkv, data.keyCounts, ...data.bias],
    attentionWeightsReference(spec, data),
  );
}
