/** Chooses how to search: in all states, or near the anchors with a band that widens until the path lies inside it. */
import { UniSpeechError } from '../base/errors.ts';
import { findAnchors } from './anchors.ts';
import { anchoredBand, type StateBand, cellCount, fullBand } from './band.ts';
import type { PathColumns } from './path-columns.ts';
import type { AlignTarget } from './target.ts';
import { type FoundPath, searchPath } from './viterbi.ts';

/**
 * `exact` looks at every state. `banded` looks at those near places where the recognition and the tokens agree, and widens the band until the path stays
 * away from its edges. `auto` is exact up to some seconds of work, about ten minutes of speech, and banded above.
 */
export type SearchMode = 'auto' | 'exact' | 'banded';
export const SEARCH_MODES: readonly SearchMode[] = ['auto', 'exact', 'banded'];

export interface SearchOptions {
  readonly search: SearchMode;
  /** Labels that anchors leave out: those between words. */
  readonly isIgnored?: ((id: number) => boolean) | undefined;
  /** Of the first band, in tokens. */
  readonly margin?: number | undefined;
  /** Frames of a block; undefined: as memory is best used. */
  readonly blockFrameCount?: number | undefined;
  /** Frames a second, for errors. */
  readonly frameRate?: number | undefined;
}

/** What `auto` looks at in full: about 5 seconds of one core. */
const MAX_EXACT_CELLS = 600_000_000;
const FIRST_MARGIN = 64;
/** Moves of this many bytes are kept at once. */
const MAX_MOVE_BYTES = 8 * 2 ** 20;

/**
 * Searches step by step, and yields the share of the work that is done.
 * @throws UniSpeechError `too-short` for fewer frames than the tokens need, `no-path` where no path has any probability.
 */
export function* findPath(
  columns: PathColumns,
  target: AlignTarget,
  options: SearchOptions,
): Generator<number, FoundPath, undefined> {
  const { frameCount } = columns;
  const { minFrameCount } = target;
  const tokenCount = target.ids.length;
  if (frameCount < minFrameCount) throw tooShort(frameCount, minFrameCount, tokenCount, options.frameRate);
  if (frameCount === 0) return { states: new Int32Array(0), logProb: 0 };
  const full = fullBand(frameCount, tokenCount);
  const fullCells = cellCount(full);
  const { search } = options;
  if (search === 'banded' || (search === 'auto' && fullCells > MAX_EXACT_CELLS)) {
    const anchors = findAnchors(columns, target, options.isIgnored);
    for (let margin = options.margin ?? FIRST_MARGIN; margin < tokenCount; margin *= 2) {
      const band = anchoredBand(full, tokenCount, anchors, margin);
      const cells = cellCount(band);
      // What is left out then is not worth the risk of another round.
      if (cells > 0.7 * fullCells) break;
      const path = yield* searchPath(columns, target, band, blockSize(cells, frameCount, options));
      if (path.logProb > -Infinity && !comesNear(path.states, band, full, margin >> 1)) return path;
    }
  }
  const path = yield* searchPath(columns, target, full, blockSize(fullCells, frameCount, options));
  if (path.logProb === -Infinity) throw noPath(tokenCount, frameCount);
  return path;
}

/** Sums kept between blocks take less memory with long blocks, moves more: the sum of both is smallest here. */
function blockSize(cells: number, frameCount: number, { blockFrameCount }: SearchOptions): number {
  if (blockFrameCount !== undefined) return blockFrameCount;
  return cells / 4 <= MAX_MOVE_BYTES ? frameCount : Math.min(frameCount, Math.ceil(Math.cbrt(16 * cells)));
}

/**
 * Whether a path comes near an edge of a band where more states would be possible: a better one may lie outside. A path at the very edge
 * is often the second best already, so there must be room.
 */
function comesNear(states: Int32Array, band: StateBand, full: StateBand, room: number): boolean {
  for (let frame = 0; frame < states.length; frame++) {
    const pair = (states[frame] ?? 0) >> 1;
    const [low = 0, high = 0] = [band.low[frame], band.high[frame]];
    if (pair <= low + room && low > (full.low[frame] ?? 0)) return true;
    if (pair >= high - room && high < (full.high[frame] ?? 0)) return true;
  }
  return false;
}

function tooShort(
  frameCount: number,
  minFrameCount: number,
  tokenCount: number,
  frameRate: number | undefined,
): UniSpeechError {
  const seconds = (count: number): string =>
    frameRate === undefined ? '' : ` (${(count / frameRate).toFixed(2)} s)`;
  return new UniSpeechError(
    'too-short',
    `The audio has ${frameCount} frames${seconds(frameCount)}, but the ${tokenCount} tokens of the text need at least ${minFrameCount}${seconds(minFrameCount)}.`,
    'Check that the text belongs to this audio, and that neither is cut.',
  );
}

const noPath = (tokenCount: number, frameCount: number): UniSpeechError =>
  new UniSpeechError(
    'no-path',
    `Every path of the ${tokenCount} tokens through the ${frameCount} frames has a probability of 0.`,
    'Check for log probabilities of -Infinity: a label that has one in every frame cannot be aligned.',
  );
