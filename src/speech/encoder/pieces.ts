/**
 * The places of the encoder in which families differ. A piece has its weights and its part of the graph side by side. The encoder asks a
 * family for its pieces, and never for its name.
 */
import type { PositionBias } from '../../graph/graph-node.ts';
import type { TensorId } from '../../graph/graph-tensor.ts';
import type { EncoderBuilder } from './encoder-builder.ts';
import type { ConfigFields } from './config-fields.ts';
import type { WeightBuffer } from './weight-buffers.ts';
import type { SizeField } from './size-field.ts';

/** Adds positions to the frames before the first layer. */
export interface PositionPiece {
  layout(config: ConfigFields): readonly WeightBuffer[];
  /** Tensors whose sizes are also in config.json. */
  readonly sizes: readonly SizeField[];
  /**
   * @param h [item, frame, hidden].
   * @returns the sum of the frames and their positions. It may have fewer frames.
   */
  addTo(build: EncoderBuilder, h: TensorId): TensorId;
}

/** Adds a bias by the distance of key and query to the scores of attention. The weights that callers get are then means over the heads. */
export interface AttentionBiasPiece {
  /** @param layer its index. The first one may hold what all of them read. */
  layout(config: ConfigFields, layer: number): readonly WeightBuffer[];
  /**
   * @param x the input of attention, [item, frame, hidden].
   * @param label of the layer, for the names of its tensors in the graph.
   */
  addTo(build: EncoderBuilder, x: TensorId, layer: number, label: string): PositionBias;
}

/** Follows the feed-forward of each layer. A language may bring weights of its own for it. */
export interface LayerPiece {
  /** @param name of the layer: the start of the names of its tensors. */
  layout(config: ConfigFields, name: string): readonly WeightBuffer[];
  /** @param label of the layer, for the names of its tensors in the graph. */
  addTo(build: EncoderBuilder, h: TensorId, name: string, label: string): TensorId;
}

/** Follows the last layer and the encoder's last norm. */
export interface FinishPiece {
  layout(config: ConfigFields): readonly WeightBuffer[];
  /**
   * @param h [item, frame, hidden].
   * @param features [item, frame, last conv width], with as many frames as the convolutions give.
   * @returns the last hidden state of the model.
   */
  addTo(build: EncoderBuilder, h: TensorId, features: TensorId): TensorId;
}

export interface EncoderPieces {
  /** Names of the norm of the features and of their projection. Without a name the encoder has none. */
  readonly featureNorm: string | undefined;
  readonly featureProjection: string | undefined;
  readonly positions: PositionPiece;
  readonly attentionBias: AttentionBiasPiece | undefined;
  readonly layerAdapter: LayerPiece | undefined;
  readonly finish: FinishPiece | undefined;
}
