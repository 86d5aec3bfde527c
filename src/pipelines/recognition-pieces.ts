/** The first step of speech recognition: cuts a clip into the pieces that the model runs on. Pure. */
import { UniSpeechError } from '../base/errors.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import type { PreparedClip } from './audio-source.ts';
import { type AudioPiece, keptFrames, planChunks } from './chunking.ts';
import { checkLength } from './model-audio.ts';
import type { CheckedOptions } from './recognition-options.ts';

/** A part of a clip that the model processes as a whole. */
export interface Piece {
  readonly samples: Float32Array;
  /** Start of the piece, in samples of the clip. */
  readonly start: number;
  /** The frames that count, `[from, to)`. Neighbouring pieces recognise the others, which are only context here. */
  readonly kept: readonly [from: number, to: number];
}

type CutOptions = Pick<CheckedOptions, 'chunkLengthSeconds' | 'strideSeconds'>;
type FrameCounts = Pick<EncoderConfig, 'minimumSampleCount' | 'samplesPerOutputFrame' | 'outputFrameCount'>;

/**
 * Returns the pieces of a clip in order. Each gives at least one frame, and there is at least one piece.
 * @param config the model's configuration.
 * @param sampleRate rate of the clip in Hz.
 * @throws UniSpeechError `bad-audio` for a clip that is too short, `bad-option` for chunks that are too short or do
 * not fit the clip.
 */
export function planPieces(
  clip: PreparedClip,
  { chunkLengthSeconds, strideSeconds }: CutOptions,
  config: FrameCounts,
  sampleRate: number,
): Piece[] {
  const { samples, name, stride } = clip;
  const minimum = config.minimumSampleCount;
  const samplesPerFrame = config.samplesPerOutputFrame;
  checkLength(clip, config, sampleRate);
  if (chunkLengthSeconds !== undefined && stride !== undefined) {
    throw new UniSpeechError(
      'bad-option',
      `${name} has a stride of its own, which cannot be combined with chunk_length_s.`,
    );
  }
  const [strideLeft, strideRight] = stride ?? [0, 0];
  const planned: readonly AudioPiece[] =
    chunkLengthSeconds === undefined
      ? [{ start: 0, length: samples.length, strideLeft, strideRight }]
      : planChunks({
          sampleCount: samples.length,
          chunkLengthSeconds,
          strideSeconds,
          sampleRate,
          samplesPerFrame,
        });
  const running = planned.filter(({ length }) => length >= minimum);
  if (running.length === 0) {
    throw new UniSpeechError(
      'bad-option',
      `chunk_length_s gives pieces of ${planned[0]?.length ?? 0} samples, this model needs at least ${minimum}.`,
    );
  }
  const isStrided = chunkLengthSeconds !== undefined || stride !== undefined;
  return running.map((piece) => {
    const frameCount = config.outputFrameCount(piece.length);
    return {
      samples: samples.subarray(piece.start, piece.start + piece.length),
      start: piece.start,
      kept: isStrided ? keptFrames(piece, samplesPerFrame, frameCount) : [0, frameCount],
    };
  });
}
