import { describe, expect, test } from 'vitest';
import { UniSpeechConfig } from '../../src/model/config.ts';

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
