/** Chooses how to search: in all states, or near the anchors with a band that widens until the path lies inside it. */
import { findAnchors } from './anchors.ts';
import { anchoredBand, type StateBand, cellCount, fullBand } from './band.ts';
import { blockSize, checkLength, exactPath, type ExactOptions } from './exact-path.ts';
import type { PathColumns } from './path-columns.ts';
import type { AlignTarget } from './target.ts';
import { type FoundPath, searchPath } from './viterbi.ts';

/**
 * `exact` looks at every state. `banded` looks at those near places where the recognition and the tokens agree, and widens the band until the path stays
 * away from its edges. `auto` is exact up to some seconds of work, about ten minutes of speech, and banded above.
 */
export type SearchMode = 'auto' | 'exact' | 'banded';
export const SEARCH_MODES: readonly SearchMode[] = ['auto', 'exact', 'banded'];

export interface SearchOptions extends ExactOptions {
  readonly search: SearchMode;
  /** Labels that anchors leave out: those between words. */
  readonly isIgnored?: ((id: number) => boolean) | undefined;
  /** Of the first band, in tokens. */
  readonly margin?: number | undefined;
}

/** What `auto` looks at in full: about 5 seconds of one core. */
const MAX_EXACT_CELLS = 600_000_000;
const FIRST_MARGIN = 64;

/**
 * Searches step by step, and yields the share of the work that is done.
 * @throws UniSpeechError `too-short` for fewer frames than the tokens need, `no-path` where no path has any probability.
 */
export function* findPath(
  columns: PathColumns,
  target: AlignTarget,
  options: SearchOptions,
): Generator<number, FoundPath, undefined> {
  checkLength(columns, target, options);
  const { frameCount } = columns;
  const tokenCount = target.ids.length;
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
  return yield* exactPath(columns, target, options);
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
