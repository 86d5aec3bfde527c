/** The best path of all states: what every search of a clip can be, and that of long ones ends with where nothing narrower is sure. */
import { UniSpeechError } from '../base/errors.ts';
import { cellCount, fullBand } from './band.ts';
import type { PathColumns } from './path-columns.ts';
import type { AlignTarget } from './target.ts';
import { type FoundPath, searchPath } from './viterbi.ts';

export interface ExactOptions {
  /** Frames of a block; undefined: as memory is best used. */
  readonly blockFrameCount?: number | undefined;
  /** Frames a second, for errors. */
  readonly frameRate?: number | undefined;
}

/** Moves of this many bytes are kept at once. */
const MAX_MOVE_BYTES = 8 * 2 ** 20;

/**
 * Searches step by step, and yields the share of the work that is done.
 * @throws UniSpeechError `too-short` for fewer frames than the tokens need, `no-path` where no path has any probability.
 */
export function* exactPath(
  columns: PathColumns,
  target: AlignTarget,
  options: ExactOptions,
): Generator<number, FoundPath, undefined> {
  checkLength(columns, target, options);
  const { frameCount } = columns;
  const tokenCount = target.ids.length;
  if (frameCount === 0) return { states: new Int32Array(0), logProb: 0 };
  const band = fullBand(frameCount, tokenCount);
  const path = yield* searchPath(columns, target, band, blockSize(cellCount(band), frameCount, options));
  if (path.logProb > -Infinity) return path;
  throw new UniSpeechError(
    'no-path',
    `Every path of the ${tokenCount} tokens through the ${frameCount} frames has a probability of 0.`,
    'Check for log probabilities of -Infinity: a label that has one in every frame cannot be aligned.',
  );
}

/** @throws UniSpeechError `too-short`. */
export function checkLength(
  { frameCount }: PathColumns,
  { ids, minFrameCount }: AlignTarget,
  { frameRate }: ExactOptions,
): void {
  if (frameCount >= minFrameCount) return;
  const seconds = (count: number): string =>
    frameRate === undefined ? '' : ` (${(count / frameRate).toFixed(2)} s)`;
  throw new UniSpeechError(
    'too-short',
    `The audio has ${frameCount} frames${seconds(frameCount)}, but the ${ids.length} tokens of the text need at least ${minFrameCount}${seconds(minFrameCount)}.`,
    'Check that the text belongs to this audio, and that neither is cut.',
  );
}

/** Sums kept between blocks take less memory with long blocks, moves more: the sum of both is smallest here. */
export function blockSize(cells: number, frameCount: number, { blockFrameCount }: ExactOptions): number {
  if (blockFrameCount !== undefined) return blockFrameCount;
  return cells / 4 <= MAX_MOVE_BYTES ? frameCount : Math.min(frameCount, Math.ceil(Math.cbrt(16 * cells)));
}
