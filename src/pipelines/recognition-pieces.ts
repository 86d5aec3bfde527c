/** The first step of speech recognition: cuts a clip, while it comes, into the pieces that the model runs on. */
import { UniSpeechError } from '../base/errors.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import { chunkGrid } from './chunking.ts';
import type { OpenedAudio } from './open-audio.ts';
import { HeardSamples } from './heard-samples.ts';
import { loadQuietCut } from './later-quiet-cut.ts';
import { checkLength } from './model-audio.ts';
import type { CheckedCuts } from './recognition-options.ts';
import { type PlannedWindow, WindowPlanner, type WindowOptions } from './window-planner.ts';

/** A part of a clip that the model processes as a whole. */
export interface Piece extends Omit<PlannedWindow, 'length'> {
  readonly samples: Float32Array;
}

export type CutOptions = Pick<CheckedCuts, 'chunkLengthSeconds' | 'strideSeconds' | 'cut'>;
type FrameCounts = Pick<EncoderConfig, 'minimumSampleCount' | 'samplesPerOutputFrame' | 'outputFrameCount'>;

/** How a clip is cut. */
export interface Cutting extends WindowOptions {
  /** Seconds of a piece; 0 if the clip is one, however long. */
  readonly chunkLengthSeconds: number;
  readonly minimumSampleCount: number;
}

/**
 * @param config the model's configuration.
 * @param pickSeconds picks the length of pieces where the caller does not say it.
 * @throws UniSpeechError `bad-option` for chunks that are too short, or a clip that says itself what counts of it.
 */
export function planCutting(
  { stream: { name, sampleRate }, stride }: OpenedAudio,
  { chunkLengthSeconds: givenSeconds, strideSeconds, cut }: CutOptions,
  config: FrameCounts,
  pickSeconds: () => number,
): Cutting {
  const { samplesPerOutputFrame: samplesPerFrame, minimumSampleCount } = config;
  const isGiven = givenSeconds !== undefined && givenSeconds > 0;
  if (isGiven && stride !== undefined) {
    throw new UniSpeechError(
      'bad-option',
      `${name} has a stride of its own, which cannot be combined with chunk_length_s.`,
    );
  }
  const chunkLengthSeconds = stride ? 0 : (givenSeconds ?? pickSeconds());
  const grid =
    chunkLengthSeconds > 0
      ? chunkGrid({ chunkLengthSeconds, strideSeconds, sampleRate, samplesPerFrame })
      : undefined;
  if (grid && grid.length < minimumSampleCount) {
    throw new UniSpeechError(
      'bad-option',
      `chunk_length_s gives pieces of ${grid.length} samples, this model needs at least ${minimumSampleCount}.`,
    );
  }
  const frameCountOf = (sampleCount: number): number => config.outputFrameCount(sampleCount);
  return {
    chunkLengthSeconds,
    grid,
    cut,
    stride,
    sampleRate,
    samplesPerFrame,
    minimumSampleCount,
    frameCountOf,
  };
}

/**
 * The pieces of a clip in order, each as soon as it is complete. Each gives at least one frame, and there is at least one piece. Samples
 * are let go of when the last piece that needs them was given.
 * @param onHeard is given each block of samples before the pieces that it completes.
 * @throws UniSpeechError `bad-audio` for a clip that is too short; what the stream throws.
 */
export async function* cutPieces(
  { stream, samples: all }: Pick<OpenedAudio, 'stream' | 'samples'>,
  cutting: Cutting,
  onHeard: (block: Float32Array) => void,
): AsyncGenerator<Piece, void, undefined> {
  const { minimumSampleCount, sampleRate, grid, cut, stride } = cutting;
  const heard = new HeardSamples();
  const isOnePiece = !grid || stride !== undefined || (all !== undefined && all.length <= grid.length);
  // While the stream is opened.
  const loading = isOnePiece || cut === 'fixed' ? undefined : loadQuietCut();
  loading?.catch(() => undefined);
  function* pieces(planner: WindowPlanner, hasEnded: boolean): Generator<Piece, void, undefined> {
    for (let window = planner.next(heard, hasEnded); window; window = planner.next(heard, hasEnded)) {
      const { length, ...piece } = window;
      const samples = heard.slice(piece.start, piece.start + length);
      heard.dropBefore(planner.start);
      // A rest that gives no frame.
      if (length >= minimumSampleCount) yield { ...piece, samples };
    }
  }
  let planner: WindowPlanner | undefined;
  for await (const block of stream) {
    planner ??= new WindowPlanner(cutting, await loading);
    heard.append(block);
    onHeard(block);
    yield* pieces(planner, false);
  }
  checkLength({ name: stream.name, sampleCount: heard.count }, cutting, sampleRate);
  planner ??= new WindowPlanner(cutting, await loading);
  yield* pieces(planner, true);
}
