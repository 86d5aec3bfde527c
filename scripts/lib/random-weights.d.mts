/** The fields of config.json that decide names and shapes, and the arithmetic. */
export interface CtcConfig {
  readonly architectures?: readonly string[];
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly conv_dim: readonly number[];
  readonly conv_kernel: readonly number[];
  readonly conv_bias: boolean;
  readonly feat_extract_norm: 'group' | 'layer';
  readonly num_conv_pos_embeddings: number;
  readonly num_conv_pos_embedding_groups: number;
  readonly vocab_size: number;
}

/** Fills `target` with the elements of a tensor from `elementOffset` on; `name` has no `unispeech.` prefix. */
export function fillTensor(
  name: string,
  shape: readonly number[],
  target: Float32Array,
  elementOffset?: number,
): void;

/** The samples of one item of an input batch, in [-1, 1). */
export function inputSamples(batchItem: number, sampleCount: number): Float32Array;

/** A tensor by its name without prefix; positional weights are `weight_g` and `weight_v`. */
export interface RandomTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** In a file such a name has no prefix at all. */
  readonly isHead?: boolean;
}

/** The tensors of the first class of `architectures`, `UniSpeechForCTC` where there is none. */
export function tensorList(config: CtcConfig): readonly RandomTensor[];
