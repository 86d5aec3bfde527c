/** Where weights lie in their buffers: sizes that are no multiples of 4 are padded with zeros, weight norm is folded. */
import { expect, test } from 'vitest';
import type { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { HubertConfig } from '../../src/speech/families/hubert.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { isGemm } from '../../kernels/recipes.ts';
import { planClip } from '../../src/speech/core/model-plans.ts';
import { encoderLayout } from '../../src/speech/encoder/weight-layout.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { FRAME_CLASSIFICATION_HEAD } from '../../src/speech/heads/frame-classification.ts';
import { loadArchitecture, modelLayout } from '../../src/speech/heads/architecture.ts';
import { X_VECTOR_HEAD } from '../../src/speech/heads/x-vector.ts';
import { adapter } from '../helpers/planned.ts';
import { loadPieces } from '../../src/speech/encoder/encoder.ts';

const config = UniSpeechConfig.fromJson({
  hidden_size: 10,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  intermediate_size: 6,
  num_conv_pos_embeddings: 3,
  num_conv_pos_embedding_groups: 2,
});

/** The buffer of this name, packed from sources whose elements are all different. */
async function packed(name: string, of: EncoderConfig = config) {
  const layout = encoderLayout({ config: of, pieces: await loadPieces(of) });
  const buffer = layout.find((candidate) => candidate.name === name);
  if (buffer?.pack === undefined) throw new Error(`${name} is not packed`);
  let next = 1;
  const sources = buffer.sources.map(({ shape }) =>
    Float32Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, () => next++),
  );
  const values = new Float32Array(buffer.elementCount);
  buffer.pack(sources, values);
  return { sources, values };
}

test('q, k and v are one matrix whose heads and rows are padded to multiples of 4', async () => {
  const { sources, values } = await packed('encoder.layers.0.attention.qkv.weight');
  const [hidden, headSize, headStride, rowStride] = [10, 5, 8, 12];
  const expected = new Float32Array(3 * 2 * headStride * rowStride);
  sources.forEach((source, part) => {
    for (let row = 0; row < hidden; row++) {
      const head = Math.floor(row / headSize);
      const outRow = (part * 2 + head) * headStride + (row % headSize);
      expected.set(source.subarray(row * hidden, (row + 1) * hidden), outRow * rowStride);
    }
  });
  expect(values).toEqual(expected);
});

test('the positional convolution is folded by the norm over everything but its positions, in the order out, k, in', async () => {
  const { sources, values } = await packed('encoder.pos_conv_embed.conv.weight');
  const [g = new Float32Array(), v = new Float32Array()] = sources;
  const [outs, ins, kernel, inStride] = [10, 5, 3, 8];
  const at = (out: number, channel: number, k: number) => v[(out * ins + channel) * kernel + k] ?? NaN;
  for (let k = 0; k < kernel; k++) {
    let square = 0;
    for (let out = 0; out < outs; out++)
      for (let channel = 0; channel < ins; channel++) square += at(out, channel, k) ** 2;
    for (let out = 0; out < outs; out++) {
      for (let channel = 0; channel < inStride; channel++) {
        const expected = channel < ins ? ((g[k] ?? NaN) * at(out, channel, k)) / Math.sqrt(square) : 0;
        expect(values[(out * kernel + k) * inStride + channel]).toBeCloseTo(expected, 6);
      }
    }
  }
});

test('a batch norm in front of the positions is a row of shifts and a row of scales', async () => {
  const { hidden_size, num_attention_heads, num_conv_pos_embedding_groups } = config;
  const sizes = { hidden_size, num_attention_heads, num_conv_pos_embedding_groups };
  const hubert = HubertConfig.fromJson({ ...sizes, conv_pos_batch_norm: true });
  const { sources, values } = await packed('encoder.pos_conv_embed.batch_norm', hubert);
  expect(values).toHaveLength(2 * 12);
  for (let i = 0; i < 12; i++) {
    const [weight = 0, bias = 0, mean = 0, variance = 0] = sources.map((source) => source[i] ?? 0);
    const scale = i < 10 ? weight / Math.sqrt(variance + 1e-5) : 0;
    expect(values[12 + i]).toBeCloseTo(scale, 5);
    expect(values[i]).toBeCloseTo(i < 10 ? bias - mean * scale : 0, 5);
  }
});

/** No size is a multiple of 4. */
const ODD = {
  hidden_size: 54,
  num_attention_heads: 3,
  num_hidden_layers: 1,
  intermediate_size: 33,
  num_conv_pos_embeddings: 3,
  num_conv_pos_embedding_groups: 2,
  conv_pos_batch_norm: true,
  tdnn_dim: [7, 9, 6, 5, 11],
  xvector_output_dim: 13,
  num_labels: 3,
};
const ODD_ADAPTER = { add_adapter: true, output_hidden_size: 7 };

test.each(CONFIG_CLASSES.map((configClass) => [configClass.family.model_type, configClass] as const))(
  '%s: the matrix of each product has as many rows as the product reads',
  async (model_type, configClass) => {
    const hasAdapter = configClass.family.adapters?.includes('add_adapter') === true;
    for (const head of [X_VECTOR_HEAD, FRAME_CLASSIFICATION_HEAD, CTC_HEAD]) {
      const adapted = head === CTC_HEAD && hasAdapter ? ODD_ADAPTER : {};
      const odd = new configClass({ model_type, ...ODD, ...adapted });
      const architecture = await loadArchitecture(odd, head);
      const layout = new Map(modelLayout(architecture).map((weight) => [weight.name, weight]));
      const { steps } = planClip(architecture, adapter(8), 1, 'q8');
      for (const { name, call, buffers } of steps) {
        if (!isGemm(call)) continue;
        const { elementCount = 0, rowLength = NaN } = layout.get(String(buffers[1])) ?? {};
        const { groups, columns, inner } = call.spec;
        expect([elementCount / rowLength, rowLength], name).toEqual([groups * columns, inner]);
      }
    }
  },
);
