/**
 * Pieces that few models have, each loaded with the first that does: families say which do. All throw UniSpeechError `network` where their
 * code is out of reach.
 */
import { loadPart } from '../../base/load-part.ts';
import type { BucketFields } from './distance-buckets.ts';
import type { AttentionBiasPiece, FinishPiece, LayerPiece, PositionPiece } from './pieces.ts';

export const attentionAdapter = async (width: number): Promise<LayerPiece> =>
  (await loadPart(import('./attention-adapter.ts'), 'runs adapters')).attentionAdapter(width);

export const frameAdapter = async (): Promise<FinishPiece> =>
  (await loadPart(import('./frame-adapter.ts'), 'runs adapters')).frameAdapter();

export const gatedPositionBias = async (fields: BucketFields): Promise<AttentionBiasPiece> =>
  (await loadPart(import('./gated-position-bias.ts'), 'runs this model')).gatedPositionBias(fields);

export const batchNormedPositions = async (): Promise<PositionPiece> =>
  (await loadPart(import('./batch-normed-positions.ts'), 'runs this model')).batchNormedPositions();

export const stackedPositions = async (kernel: number): Promise<PositionPiece> =>
  (await loadPart(import('./stacked-positions.ts'), 'runs this model')).stackedPositions(kernel);

export const pooledPositions = async (size: number): Promise<PositionPiece> =>
  (await loadPart(import('./pooled-layers.ts'), 'runs this model')).pooledPositions(size);

export const upsampling = async (size: number): Promise<FinishPiece> =>
  (await loadPart(import('./pooled-layers.ts'), 'runs this model')).upsampling(size);
