/**
 * The grid of overlapping chunks that long audio is cut into, and the reference's rule which frames of each count. Pure arithmetic.
 * Source: `chunk_iter` and `rescale_stride` of `transformers/pipelines/automatic_speech_recognition.py`.
 */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { roundHalfToEven } from '../base/python-round.ts';

/** A piece of a clip, in samples. Its strides are the parts that neighbouring pieces recognise. */
export interface AudioPiece {
  readonly start: number;
  readonly length: number;
  readonly strideLeft: number;
  readonly strideRight: number;
}

export interface ChunkOptions {
  /** Length of a piece, including strides. */
  readonly chunkLengthSeconds: number;
  /** Stride on both sides, or left and right. Default (also for null): a sixth of the chunk on both sides. */
  readonly strideSeconds?: number | readonly [left: number, right: number] | null | undefined;
  /** Samples per second. */
  readonly sampleRate: number;
  /** `samplesPerOutputFrame` of the model. Lengths become multiples of it. */
  readonly samplesPerFrame: number;
}

/** Chunks in samples. A clip that is no longer than one is one piece. */
export interface ChunkGrid {
  readonly length: number;
  readonly strideLeft: number;
  readonly strideRight: number;
  /** From the start of one chunk to that of the next. */
  readonly step: number;
}

const badOption = (message: string, fix: string) => new UniSpeechError('bad-option', message, fix);

function checkSeconds(name: string, value: number, isAllowed: boolean, expected: string): void {
  if (!Number.isFinite(value) || !isAllowed)
    throw badOption(`${name} is ${describeValue(value)}.`, `Give ${expected} number of seconds.`);
}

/** @throws UniSpeechError `bad-option` if the strides cover a whole chunk. */
export function chunkGrid(options: ChunkOptions): ChunkGrid {
  const { chunkLengthSeconds, sampleRate, samplesPerFrame } = options;
  const strides = options.strideSeconds ?? chunkLengthSeconds / 6;
  const [leftSeconds, rightSeconds] = typeof strides === 'number' ? [strides, strides] : strides;
  checkSeconds('chunk_length_s', chunkLengthSeconds, chunkLengthSeconds > 0, 'a positive');
  checkSeconds('The left stride_length_s', leftSeconds, leftSeconds >= 0, 'a non-negative');
  checkSeconds('The right stride_length_s', rightSeconds, rightSeconds >= 0, 'a non-negative');

  const toSamples = (seconds: number) =>
    roundHalfToEven((seconds * sampleRate) / samplesPerFrame) * samplesPerFrame;
  const length = toSamples(chunkLengthSeconds);
  const strideLeft = toSamples(leftSeconds);
  const strideRight = toSamples(rightSeconds);
  const step = length - strideLeft - strideRight;
  if (step <= 0) {
    throw badOption(
      `Chunks of ${chunkLengthSeconds} s (${length} samples) must be longer than their strides of ${leftSeconds} s and ${rightSeconds} s together (${strideLeft + strideRight} samples).`,
      'Give a larger chunk_length_s or a smaller stride_length_s.',
    );
  }
  return { length, strideLeft, strideRight, step };
}

/**
 * The chunk that begins at `start`. The first has no left stride and the last no right stride.
 * @param sampleCount of the clip, as far as it is known.
 * @param hasEnded whether that is all.
 * @returns undefined where it takes more samples to tell.
 */
export function chunkAt(
  { length, strideLeft, strideRight }: ChunkGrid,
  start: number,
  sampleCount: number,
  hasEnded: boolean,
): (AudioPiece & { readonly isLast: boolean }) | undefined {
  const isLast = start + length >= sampleCount;
  if (isLast && !hasEnded) return undefined;
  return {
    start,
    length: Math.min(length, sampleCount - start),
    strideLeft: start === 0 ? 0 : strideLeft,
    strideRight: isLast ? 0 : strideRight,
    isLast,
  };
}

/**
 * The frames of a piece that count: `[from, to)`. They are computed from a nominal frame count, which is often one more
 * than the convolutions give, so that the frames of all pieces together cover the clip without gaps.
 * @param samplesPerFrame `samplesPerOutputFrame` of the model.
 * @param frameCount frames that the model gave for the piece.
 */
export function keptFrames(
  { length, strideLeft, strideRight }: AudioPiece,
  samplesPerFrame: number,
  frameCount: number,
): readonly [from: number, to: number] {
  // As in the reference, this multiplies by the reciprocal. A division would round some halves the other way.
  const nominalFrameCount = roundHalfToEven(length * (1 / samplesPerFrame));
  const toFrames = (samples: number) => roundHalfToEven((samples / length) * nominalFrameCount);
  const from = Math.min(toFrames(strideLeft), frameCount);
  const to = Math.min(nominalFrameCount - toFrames(strideRight), frameCount);
  return [from, Math.max(from, to)];
}
