import { describe, expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { parsePythonJson } from '../../src/base/parse-json.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';

describe('UniSpeechConfig', () => {
  test('absent keys take the defaults of the reference', () => {
    const config = UniSpeechConfig.fromJson({ vocab_size: 45 });
    const { inputs_to_logits_ratio, hasMaskEmbedding } = config;
    expect(config).toMatchObject({
      vocab_size: 45,
      hidden_size: 768,
      feat_extract_norm: 'group',
      conv_bias: false,
    });
    expect(inputs_to_logits_ratio).toBe(320);
    expect(hasMaskEmbedding).toBe(true);
  });

  test('unknown keys are kept, not read', () => {
    const config = UniSpeechConfig.fromJson({ gradient_checkpointing: false, hidden_dropout_prob: 0.1 });
    expect(config.toJSON()).toMatchObject({ gradient_checkpointing: false, hidden_size: 768 });
  });

  test.each([
    [
      { conv_dim: [8, 8], conv_kernel: [2, 2], conv_stride: [2] },
      /same length, but they have 2, 1 and 2 entries/,
    ],
    [{ feat_extract_norm: 'batch' }, /"feat_extract_norm" is "batch", but it must be "group" or "layer"/],
    [{ hidden_size: 770 }, /"hidden_size" \(770\) must be divisible by "num_attention_heads" \(12\)/],
    [
      { hidden_size: 24, num_conv_pos_embedding_groups: 16 },
      /divisible by "num_conv_pos_embedding_groups" \(16\)/,
    ],
    [{ hidden_act: 'selu' }, /"hidden_act" is "selu", but it must be one of gelu/],
    [{ feat_extract_activation: 'prelu' }, /"feat_extract_activation" is "prelu"/],
    [{ hidden_size: '768' }, /"hidden_size" is "768", but it must be a whole number/],
    [{ conv_bias: 1 }, /"conv_bias" is 1, but it must be true or false/],
    [{ conv_dim: [] }, /"conv_dim" is an array of 0/],
    [{ num_attention_heads: 0 }, /"num_attention_heads" is 0/],
    [{ vocab_size: null }, /"vocab_size" is null/],
    [{ layer_norm_eps: {} }, /"layer_norm_eps" is an object, but it must be a number/],
    [
      { adapter_attn_dim: 16 },
      /"adapter_attn_dim" is 16, but UniSpeech models with adapters are not supported/,
    ],
    [{ model_type: 'wav2vec2' }, /"model_type" is "wav2vec2"/],
    [[], /config.json must hold an object/],
  ])('%j is refused in one sentence', (json, message) => {
    expect(() => UniSpeechConfig.fromJson(json)).toThrow(message);
  });
});

describe('labels', () => {
  const read = (json: object) => {
    const { num_labels, id2label, label2id } = UniSpeechConfig.fromJson(json);
    return { num_labels, id2label, label2id };
  };

  test.each([
    [{}, ['LABEL_0', 'LABEL_1']],
    [{ num_labels: 3 }, ['LABEL_0', 'LABEL_1', 'LABEL_2']],
    [{ id2label: null, label2id: null, num_labels: 1 }, ['LABEL_0']],
    // The names count, as in the reference.
    [{ id2label: { 1: 'no', 0: 'yes' }, num_labels: 7 }, ['yes', 'no']],
  ])('%j', (json, labels) => {
    expect(read(json)).toEqual({
      num_labels: labels.length,
      id2label: Object.fromEntries(labels.entries()),
      label2id: Object.fromEntries(labels.map((label, id) => [label, id])),
    });
  });

  test.each([
    [{}, 0],
    [{ 0: 'a', 2: 'b' }, 2],
  ])('%j is read as in the reference: models without a classifier have no use for it', (id2label, count) => {
    expect(read({ id2label })).toMatchObject({ num_labels: count, id2label });
  });

  test('numbers of classes may be texts, and are those of the file', () => {
    expect(read({ id2label: { 0: 'a', 1: 'a' }, label2id: { a: '1', b: 0 } }).label2id).toEqual({
      a: 1,
      b: 0,
    });
  });

  test.each([
    [{ num_labels: 0 }, '"num_labels" is 0, but it must be a whole number from 1 to 524288'],
    [{ num_labels: '2' }, '"num_labels" is "2"'],
    [{ id2label: ['a'] }, '"id2label" must hold an object'],
    [
      { id2label: { yes: 'a' } },
      '"id2label" is an object, but it must be an object with a string for each number of a class',
    ],
    [{ label2id: { a: true } }, '"label2id": "a" is true'],
    [{ label2id: { a: '' } }, '"label2id": "a" is ""'],
    [{ id2label: { 0: 5 } }, '"id2label" is an object, but'],
    [{ label2id: { a: 'b' } }, '"label2id": "a" is "b", but it must be the number of a class'],
    [{ label2id: { a: null } }, '"label2id": "a" is null'],
  ])('%j is refused', (json, message) => {
    expect(() => UniSpeechConfig.fromJson(json)).toThrow(message);
  });
});

describe('bounds', () => {
  test.each([
    [
      { num_hidden_layers: 1e5 },
      '"num_hidden_layers" is 100000, but it must be a whole number from 0 to 512',
    ],
    [{ num_hidden_layers: 1e8 }, '"num_hidden_layers" is 100000000, but'],
    [{ num_hidden_layers: -1 }, '"num_hidden_layers" is -1'],
    [{ num_hidden_layers: 2.5 }, '"num_hidden_layers" is 2.5'],
    [{ num_hidden_layers: Infinity }, '"num_hidden_layers" is Infinity'],
    [{ vocab_size: 2 ** 31 }, '"vocab_size" is 2147483648, but it must be a whole number from 1 to 524288'],
    [{ hidden_size: 1e9 }, '"hidden_size" is 1000000000'],
    [{ intermediate_size: 1e300 }, '"intermediate_size" is 1e+300'],
    [{ num_conv_pos_embeddings: 1e6 }, '"num_conv_pos_embeddings" is 1000000'],
    [{ pad_token_id: 2 ** 40 }, '"pad_token_id" is 1099511627776'],
    [{ num_codevector_groups: 0 }, '"num_codevector_groups" is 0'],
    [{ codevector_dim: 1e6 }, '"codevector_dim" is 1000000'],
    [{ num_ctc_classes: 2.5 }, '"num_ctc_classes" is 2.5'],
    [{ replace_prob: 1.5 }, '"replace_prob" is 1.5, but it must be a number from 0 to 1'],
    [{ contrastive_logits_temperature: 0 }, '"contrastive_logits_temperature" is 0'],
    [
      { ctc_loss_reduction: 'max' },
      '"ctc_loss_reduction" is "max", but it must be "mean" or "sum" or "none"',
    ],
    [{ use_weighted_layer_sum: 1 }, '"use_weighted_layer_sum" is 1, but it must be true or false'],
    [{ layer_norm_eps: NaN }, '"layer_norm_eps" is NaN, but it must be a number from 0 to 1'],
    [{ layer_norm_eps: -1e-5 }, '"layer_norm_eps" is -0.00001'],
    [{ mask_time_prob: Infinity }, '"mask_time_prob" is Infinity'],
    [
      { conv_stride: [5, 2, 1e9] },
      '"conv_stride" is [5, 2, 1000000000], but it must be a list of 1 to 64 whole numbers from 1 to 1024',
    ],
    [{ conv_kernel: Array<number>(1e6).fill(1) }, '"conv_kernel" is an array of 1000000, but'],
    [{ conv_dim: [1, [], '8'] }, '"conv_dim" is [1, an array of 0, "8"], but'],
    [
      { conv_kernel: [1000, 1000, 1000], conv_stride: [1000, 1000, 1000], conv_dim: [4, 4, 4] },
      'make one frame of 1000000000 samples, but it may be at most 960000',
    ],
    [
      { conv_kernel: [1, 1, 1], conv_stride: [1000, 1000, 1000], conv_dim: [4, 4, 4] },
      'make one frame of 1000000000 samples',
    ],
  ])('%#', (json, message) => {
    const error = thrownBy(() => UniSpeechConfig.fromJson(json));
    expect(error).toMatchObject({ code: 'bad-config', message: expect.stringContaining(message) as string });
    expect(error.message.length).toBeLessThanOrEqual(400);
  });

  test('leave room above the largest models of the family', () => {
    const config = UniSpeechConfig.fromJson({
      num_hidden_layers: 96,
      hidden_size: 3840,
      intermediate_size: 15_360,
      num_attention_heads: 48,
      vocab_size: 400_000,
    });
    expect(config.num_hidden_layers).toBe(96);
  });
});

test('NaN in a key that nothing reads is kept, as in transformers', () => {
  const config = UniSpeechConfig.fromJson(parsePythonJson('{"loss_scale": NaN, "vocab_size": 40}'));
  expect(config.json.loss_scale).toBeNaN();
  expect(config.vocab_size).toBe(40);
});

function thrownBy(run: () => unknown): UniSpeechError {
  try {
    run();
  } catch (error) {
    if (error instanceof UniSpeechError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
