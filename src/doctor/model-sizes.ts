/** The two sizes of published UniSpeech models, as configurations with a CTC head. */
import { UniSpeechConfig } from '../speech/families/unispeech.ts';
import { COMMON_PIECES } from '../speech/encoder/encoder.ts';
import type { WeightBuffer } from '../speech/encoder/weight-buffers.ts';
import { CTC_HEAD } from '../speech/heads/ctc.ts';
import { type Architecture, modelLayout } from '../speech/heads/architecture.ts';
import type { ModelSize } from './report.ts';

export interface NominalModel extends Architecture {
  readonly size: ModelSize;
  readonly weights: readonly WeightBuffer[];
}

const LARGE = {
  hidden_size: 1024,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  intermediate_size: 4096,
  feat_extract_norm: 'layer',
  conv_bias: true,
  do_stable_layer_norm: true,
};

function nominalModel(size: ModelSize, json: object): NominalModel {
  const architecture = { config: UniSpeechConfig.fromJson(json), pieces: COMMON_PIECES, head: CTC_HEAD };
  return { ...architecture, size, weights: modelLayout(architecture) };
}

/** A base model is what the defaults of transformers describe. */
export const NOMINAL_MODELS: readonly NominalModel[] = [
  nominalModel('base', {}),
  nominalModel('large', LARGE),
];
