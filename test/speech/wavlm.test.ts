/** WavLM without a GPU: buckets of distances, what its configuration may be, its weights and its graph. */
import { describe, expect, test } from 'vitest';
import { attentionGatesReference } from '../../kernels/reference/attention-gates.ts';
import { gateWeightCount, packGateWeights } from '../../kernels/attention-gates.ts';
import { biasDistances } from '../../kernels/position-bias.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { toTensor } from '../../src/speech/core/outputs.ts';
import { bucketOf } from '../../src/speech/encoder/gated-position-bias.ts';
import { encoderLayout } from '../../src/speech/encoder/weight-layout.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { WavLMConfig } from '../../src/speech/families/wavlm.ts';
import { buildModelGraph, loadArchitecture } from '../../src/speech/heads/architecture.ts';
import { NO_HEAD } from '../../src/speech/heads/none.ts';
import type { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { loadPieces } from '../../src/speech/encoder/encoder.ts';

const DEFAULTS = { num_buckets: 320, max_bucket_distance: 800 };

describe('buckets', () => {
  test.each([
    [0, 0],
    [-1, 1],
    [1, 161],
    [-79, 79],
    [79, 239],
    [-80, 80],
    [80, 240],
    [-82, 80],
    [82, 240],
    [-83, 81],
    [83, 241],
    [-100, 87],
    [100, 247],
    [-400, 135],
    [400, 295],
    [-777, 158],
    [777, 318],
    [-778, 159],
    [778, 319],
    [-4000, 159],
    [4000, 319],
  ])('of the distance %i is %i', (distance, bucket) => {
    expect(bucketOf(distance, DEFAULTS)).toBe(bucket);
  });

  test('stay within their number, and are those of the largest distance beyond it', () => {
    for (const fields of [
      DEFAULTS,
      { num_buckets: 4, max_bucket_distance: 2 },
      { num_buckets: 7, max_bucket_distance: 5 },
      { num_buckets: 320, max_bucket_distance: 81 },
    ]) {
      const reach = fields.max_bucket_distance;
      for (const distance of biasDistances(reach)) {
        const bucket = bucketOf(distance, fields);
        expect(Number.isInteger(bucket) && bucket >= 0 && bucket < fields.num_buckets).toBe(true);
        if (Math.abs(distance) >= reach) expect(bucket).toBe(bucketOf(Math.sign(distance) * 100_000, fields));
      }
    }
  });
});

test('distances of a row are whole vec4s, and end beyond the reach on both sides', () => {
  for (const reach of [1, 4, 5, 800]) {
    const distances = biasDistances(reach);
    expect(distances.length % 8).toBe(0);
    expect(distances[distances.length / 2]).toBe(0);
    // The four on either end may stand for all that follow.
    expect(distances.at(3)).toBeLessThan(-reach);
    expect(distances.at(-4)).toBeGreaterThanOrEqual(reach);
  }
});

describe('configuration', () => {
  test('has the defaults of the reference', () => {
    const config = WavLMConfig.fromJson({});
    expect(config).toMatchObject({ ...DEFAULTS, model_type: 'wavlm', ctc_loss_reduction: 'mean' });
  });

  test.each([
    [{ num_buckets: 3 }, /"num_buckets" is 3, but it must be a whole number from 4 to/],
    [{ max_bucket_distance: 1e9 }, /"max_bucket_distance" is 1000000000, but it must be/],
    [
      { max_bucket_distance: 80 },
      /own.json: "max_bucket_distance" \(80\) must be larger than 80, a quarter of "num_buckets" \(320\)/,
    ],
    [{ adapter_attn_dim: 16 }, /WavLM models with adapters are not supported/],
  ])('%j is refused', (json, message) => {
    expect(() => new WavLMConfig(json, 'own.json')).toThrow(message);
  });
});

const SIZES = {
  hidden_size: 30,
  num_attention_heads: 5,
  num_hidden_layers: 2,
  intermediate_size: 6,
  num_conv_pos_embeddings: 3,
  num_conv_pos_embedding_groups: 2,
};
const config = WavLMConfig.fromJson({ ...SIZES, num_buckets: 12, max_bucket_distance: 9 });

const layoutOf = async (of: EncoderConfig): Promise<ReturnType<typeof encoderLayout>> =>
  encoderLayout({ config: of, pieces: await loadPieces(of) });

/** Buffers that UniSpeech of the same sizes does not have. */
const common = new Set((await layoutOf(UniSpeechConfig.fromJson(SIZES))).map(({ name }) => name));
const own = (await layoutOf(config)).filter(({ name }) => !common.has(name));

describe('weights', () => {
  test('one table for all layers, gates for each; no matrices, so they are never quantized', async () => {
    expect(own.map(({ name }) => name)).toEqual([
      'encoder.layers.0.attention.rel_attn_embed.weight',
      'encoder.layers.0.attention.gates',
      'encoder.layers.1.attention.gates',
    ]);
    expect(own.every(({ rowLength }) => rowLength === undefined)).toBe(true);
    const none = WavLMConfig.fromJson({ ...SIZES, num_hidden_layers: 0 });
    expect((await layoutOf(none)).some(({ name }) => name.includes('attention'))).toBe(false);
  });

  test('the table has the bias of each distance, row by row', () => {
    const [table] = own;
    if (table?.pack === undefined) throw new Error('the table is not packed');
    const embedding = Float32Array.from({ length: 12 * 5 }, (_, i) => i + 1);
    const packed = new Float32Array(table.elementCount);
    table.pack([embedding], packed);
    const distances = biasDistances(9);
    expect(packed.length).toBe(5 * distances.length);
    for (let head = 0; head < 5; head++) {
      distances.forEach((distance, i) => {
        expect(packed[head * distances.length + i]).toBe(bucketOf(distance, config) * 5 + head + 1);
      });
    }
  });

  test('gates of the eight rows of a file are those of the two rows that the kernel reads', () => {
    const [, gates] = own;
    if (gates?.pack === undefined) throw new Error('the gates are not packed');
    expect(gates.sources.map(({ shape }) => shape)).toEqual([[8, 6], [8], [1, 5, 1, 1]]);
    const random = new SeededRandom(4);
    const [rows, rowBiases, constants] = [random.normals(48), random.normals(8), random.normals(5)];
    const x = random.normals(32);
    const packed = new Float32Array(gates.elementCount);
    gates.pack([rows, rowBiases, constants], packed);

    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const four = [0, 1, 2, 3];
    const weights = [0, 4].flatMap((first) =>
      [0, 1, 2, 3, 4, 5].map((d) => sum(four.map((i) => rows[(first + i) * 6 + d] ?? NaN))),
    );
    const biases = [0, 4].map((first) => sum(four.map((i) => rowBiases[first + i] ?? NaN)));
    const slices = { heads: 5, headSize: 6 };
    const expected = new Float32Array(gateWeightCount(slices));
    packGateWeights(slices, { weights, biases, constants }, expected);
    expect(packed).toEqual(expected);

    // The formula of the reference, with its eight numbers for each head.
    const found = attentionGatesReference({ rows: 1, ...slices }, { x, weights, biases, constants });
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    for (let head = 0; head < 5; head++) {
      const numbers = Array.from({ length: 8 }, (_, row) =>
        sum([
          rowBiases[row] ?? NaN,
          ...[0, 1, 2, 3, 4, 5].map((d) => (rows[row * 6 + d] ?? NaN) * (x[head * 6 + d] ?? NaN)),
        ]),
      );
      const [a, b] = [sigmoid(sum(numbers.slice(0, 4))), sigmoid(sum(numbers.slice(4)))];
      expect(found[head]).toBeCloseTo(a * (b * (constants[head] ?? NaN) - 1) + 2, 5);
    }
  });
});

const OPTIONS = {
  masksFrames: false,
  hiddenStates: false,
  attentions: true,
  hiddenStatesConvention: 'current',
} as const;

test.each([false, true])(
  'gates read the input of attention, stable order %s',
  async (do_stable_layer_norm) => {
    const ofOrder = WavLMConfig.fromJson({ ...config.json, do_stable_layer_norm });
    const graph = buildModelGraph(await loadArchitecture(ofOrder, NO_HEAD), OPTIONS);
    const ofKind = (kind: string) => graph.nodes.filter((node) => node.kind === kind);
    const nameOf = (id: number | undefined) => graph.tensors[id ?? -1]?.name;
    expect(
      graph.nodes.flatMap((node) => (node.kind === 'attention_gates' ? [nameOf(node.reads[0])] : [])),
    ).toEqual(
      do_stable_layer_norm ? ['layer 0 norm', 'layer 1 norm'] : ['encoder norm', 'layer 0 final norm'],
    );
    expect(ofKind('attention')).toHaveLength(2);
    for (const node of [...ofKind('attention'), ...ofKind('attention_weights')]) {
      expect(node).toMatchObject({
        biases: 'encoder.layers.0.attention.rel_attn_embed.weight',
        bias: { reach: 9 },
      });
    }
    const attentions = [...graph.outputs].filter(([name]) => name.startsWith('attentions'));
    expect(attentions.map(([, id]) => graph.tensors[id]?.extent)).toEqual([
      'mean-attention',
      'mean-attention',
    ]);
  },
);

test('attentions are the mean over the heads, once for each', () => {
  const shape = { items: 2, samples: 0, frames: 2 };
  const memory = Float32Array.of(...[1, 2, 3, 4], ...[3, 4, 5, 8], ...[0, 0, 1, 1], ...[1, 0, 0, 1], 9);
  const tensor = { name: 'weights', channels: 2 };
  expect(toTensor(memory.slice(), { ...tensor, extent: 'attention' }, shape).data).toEqual(
    memory.slice(0, 16),
  );
  const { data, dims } = toTensor(memory, { ...tensor, extent: 'mean-attention' }, shape);
  expect(dims).toEqual([2, 2, 2, 2]);
  expect([...data]).toEqual([2, 3, 4, 6, 2, 3, 4, 6, 0.5, 0, 0.5, 1, 0.5, 0, 0.5, 1]);
});
