/** The second step of speech recognition: computes logits for a batch of pieces, of one clip or of several. */
import type { Wav2Vec2FeatureExtractor } from '../audio/feature-extractor.ts';
import type { Tensor } from '../base/tensor.ts';
import type { FrameLogits } from '../decode/decoder.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import type { ModelInputs } from '../speech/core/runner.ts';
import { modelAudio } from './model-audio.ts';
import type { Piece } from './recognition-pieces.ts';

/** The parts of a pipeline that are needed here. */
export interface PieceRunner {
  readonly processor: { readonly feature_extractor: Pick<Wav2Vec2FeatureExtractor, 'extract'> };
  /** Gives logits `[batch, frames, vocabSize]`. */
  readonly model: ((inputs: ModelInputs) => Promise<{ readonly logits: Tensor<'float32'> }>) & {
    readonly config: Pick<EncoderConfig, 'samplesPerOutputFrame'>;
  };
}

/**
 * Runs a batch. Every piece is normalised separately, then padded with zeros and masked.
 * @returns the logits of each piece's kept frames, in order.
 */
export async function runPieces<P extends Piece>(
  pieces: readonly P[],
  { processor, model }: PieceRunner,
  signal: AbortSignal | undefined,
): Promise<{ readonly piece: P; readonly logits: FrameLogits }[]> {
  const input_values = modelAudio(pieces, processor.feature_extractor);
  const { logits } = await model({ input_values, ...(signal && { signal }) });
  const vocabSize = logits.dims[2] ?? 0;
  return pieces.map((piece, row) => {
    const [from, to] = piece.kept;
    return {
      piece,
      logits: {
        data: logits.at(row).data.subarray(from * vocabSize, to * vocabSize),
        frameCount: to - from,
        vocabSize,
        startSample: piece.start + from * model.config.samplesPerOutputFrame,
      },
    };
  });
}
