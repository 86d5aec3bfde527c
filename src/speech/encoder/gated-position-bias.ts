/**
 * The gated relative position bias of WavLM (`WavLMAttention`): a bias for each bucket of distances and head, which all layers take from
 * the first one, and a gate for each frame and head of a layer.
 */
import { gateWeightCount, packGateWeights } from '../../../kernels/attention-gates.ts';
import { biasDistances, positionBias } from '../../../kernels/position-bias.ts';
import { attentionGates } from '../../graph/attention-gates.ts';
import type { ConfigFields } from './config-fields.ts';
import { type BucketFields, exactDistances } from './distance-buckets.ts';
import type { AttentionBiasPiece } from './pieces.ts';
import type { WeightBuffer } from './weight-buffers.ts';

/** The bucket of a distance, key − query. From `max_bucket_distance` on, on one side, all share the last one. */
export function bucketOf(distance: number, fields: BucketFields): number {
  const sideCount = Math.floor(fields.num_buckets / 2);
  const exact = exactDistances(fields);
  const first = distance > 0 ? sideCount : 0;
  const length = Math.abs(distance);
  if (length < exact) return first + length;
  const share = Math.log(length / exact) / Math.log(fields.max_bucket_distance / exact);
  return first + Math.min(sideCount - 1, Math.trunc(exact + share * (sideCount - exact)));
}

const TABLE = 'encoder.layers.0.attention.rel_attn_embed.weight';
/** Rows of the gates in a file; the kernel reads the sums of the first four and of the last four. */
const GATE_ROWS = 8;

const slicesOf = ({ hidden_size, num_attention_heads: heads }: ConfigFields) => ({
  heads,
  headSize: hidden_size / heads,
});

/** The biases of every distance, [head][distance]. */
function tableLayout(fields: BucketFields, heads: number): WeightBuffer {
  const distances = biasDistances(fields.max_bucket_distance);
  return {
    name: TABLE,
    elementCount: heads * distances.length,
    sources: [{ name: TABLE, shape: [fields.num_buckets, heads] }],
    pack([embedding = new Float32Array()], packed) {
      distances.forEach((distance, i) => {
        const row = bucketOf(distance, fields) * heads;
        for (let head = 0; head < heads; head++)
          packed[head * distances.length + i] = embedding[row + head] ?? 0;
      });
    },
  };
}

const gatesName = (layer: number): string => `encoder.layers.${layer}.attention.gates`;

function gatesLayout(config: ConfigFields, layer: number): WeightBuffer {
  const slices = slicesOf(config);
  const { heads, headSize } = slices;
  const name = `encoder.layers.${layer}.attention`;
  return {
    name: gatesName(layer),
    elementCount: gateWeightCount(slices),
    sources: [
      { name: `${name}.gru_rel_pos_linear.weight`, shape: [GATE_ROWS, headSize] },
      { name: `${name}.gru_rel_pos_linear.bias`, shape: [GATE_ROWS] },
      { name: `${name}.gru_rel_pos_const`, shape: [1, heads, 1, 1] },
    ],
    pack([rows = new Float32Array(), rowBiases = new Float32Array(), constants = []], packed) {
      const weights = foldRows(rows, headSize);
      packGateWeights(slices, { weights, biases: foldRows(rowBiases, 1), constants }, packed);
    },
  };
}

/** [8][length] → [2][length]: sums of four rows. */
function foldRows(rows: Float32Array, length: number): Float64Array {
  const folded = new Float64Array(2 * length);
  rows.forEach((value, i) => {
    const place = Math.floor(i / (4 * length)) * length + (i % length);
    folded[place] = (folded[place] ?? 0) + value;
  });
  return folded;
}

export const gatedPositionBias = (fields: BucketFields): AttentionBiasPiece => ({
  layout: (config, layer) => [
    ...(layer === 0 ? [tableLayout(fields, config.num_attention_heads)] : []),
    gatesLayout(config, layer),
  ],
  addTo(build, x, layer, label) {
    const { heads, headSize } = slicesOf(build.config);
    const gates = build.graph.add(`${label} gates`, heads, attentionGates(x, gatesName(layer), headSize));
    return { gates, biases: TABLE, bias: positionBias(fields.max_bucket_distance) };
  },
});
