/** The fields of config.json that decide names and shapes, and the arithmetic. What is optional has the default of its family. */
export interface CheckpointShape {
  readonly architectures?: readonly string[];
  readonly model_type?: string;
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

/** A tensor by its name without prefix; positional weights are `weight_g` and `weight_v`. */
export interface RandomTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** In a file such a name has no prefix at all. */
  readonly isHead?: boolean;
}

/** What stands before the names of all tensors but the head's: `wav2vec2.`, for example. */
export function basePrefix(config: CheckpointShape): string;

/**
 * The tensors of the first class of `architectures`, in the order of its modules; of `UniSpeechForCTC` where there is none.
 * @throws Error for a head that this list does not know.
 */
export function tensorList(config: CheckpointShape): readonly RandomTensor[];
