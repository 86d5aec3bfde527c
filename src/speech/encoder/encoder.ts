/** An encoder before it has weights: its configuration, and the pieces that most families have, or in their place those of its own. */
import type { EncoderConfig } from './config.ts';
import type { EncoderPieces } from './pieces.ts';
import { POSITIONAL_CONV } from './positional-conv.ts';

export interface Encoder {
  readonly config: EncoderConfig;
  readonly pieces: EncoderPieces;
}

export const COMMON_PIECES: EncoderPieces = {
  featureNorm: 'feature_projection.layer_norm',
  featureProjection: 'feature_projection.projection',
  positions: POSITIONAL_CONV,
  attentionBias: undefined,
  layerAdapter: undefined,
  finish: undefined,
};

/** @throws UniSpeechError `network` where the code of a piece is out of reach. */
export const loadPieces = async (config: EncoderConfig): Promise<EncoderPieces> => ({
  ...COMMON_PIECES,
  ...(await config.family.pieces?.(config)),
});
