/** The second step of speech recognition: runs the model on a batch of pieces, of one clip or of several. */
import type { Wav2Vec2FeatureExtractor } from '../audio/feature-extractor.ts';
import type { Tensor } from '../base/tensor.ts';
import type { DecoderKind, WindowFrames } from '../decode/decoder.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import type { ModelInputs } from '../speech/core/runner.ts';
import { TOKEN_IDS } from '../speech/heads/ctc.ts';
import type { OutputTensors } from '../speech/heads/head.ts';
import { outputNamed } from '../speech/heads/read-outputs.ts';
import { modelAudio } from './model-audio.ts';
import type { Piece } from './recognition-pieces.ts';

/** The parts of a pipeline that are needed here. */
export interface PieceRunner {
  readonly processor: { readonly feature_extractor: Pick<Wav2Vec2FeatureExtractor, 'extract'> };
  /** Gives logits `[batch, frames, vocabSize]`; its runner also tokens, `[batch, frames, 1]`. */
  readonly model: ((inputs: ModelInputs) => Promise<{ readonly logits: Tensor<'float32'> }>) & {
    readonly config: Pick<EncoderConfig, 'samplesPerOutputFrame'>;
    readonly runner: {
      readonly run: (inputs: ModelInputs, requests: readonly string[]) => Promise<OutputTensors>;
    };
  };
}

/**
 * Runs a batch. Every piece is normalised separately, then padded with zeros and masked.
 * @param reads what of the model's frames is read back.
 * @returns each piece's kept frames, in order.
 */
export async function runPieces<P extends Piece>(
  pieces: readonly P[],
  { processor, model }: PieceRunner,
  reads: DecoderKind['reads'],
  signal: AbortSignal | undefined,
): Promise<{ readonly piece: P; readonly frames: WindowFrames }[]> {
  const inputs = {
    input_values: modelAudio(pieces, processor.feature_extractor),
    ...(signal && { signal }),
  };
  const read =
    reads === 'tokens'
      ? outputNamed(await model.runner.run(inputs, [TOKEN_IDS]), TOKEN_IDS)
      : (await model(inputs)).logits;
  const vocabSize = read.dims[2] ?? 0;
  return pieces.map((piece, row) => {
    const [from, to] = piece.kept;
    const data = read.at(row).data.subarray(from * vocabSize, to * vocabSize);
    const place = {
      frameCount: to - from,
      startSample: piece.start + from * model.config.samplesPerOutputFrame,
    };
    return { piece, frames: reads === 'tokens' ? { ids: data, ...place } : { data, vocabSize, ...place } };
  });
}
