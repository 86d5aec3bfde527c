/** The pieces of a model: those that most families have, and in their place those of its own. */
import type { EncoderConfig } from './config.ts';
import type { EncoderPieces } from './pieces.ts';
import { POSITIONAL_CONV } from './positional-conv.ts';

const COMMON: EncoderPieces = {
  featureNorm: 'feature_projection.layer_norm',
  featureProjection: 'feature_projection.projection',
  positions: POSITIONAL_CONV,
  attentionBias: undefined,
  layerAdapter: undefined,
  finish: undefined,
};

export const piecesOf = (config: EncoderConfig): EncoderPieces => ({
  ...COMMON,
  ...config.family.pieces?.(config),
});
