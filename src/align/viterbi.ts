/**
 * The best path of a target through the frames, exactly: Viterbi over blanks and tokens, with float64 sums and the tie rule of pytorch/audio's
 * main branch (`forced_align/cpu/compute.cpp`): the smaller move wins. The released torchaudio 2.11 stays where the other two moves
 * are equal and better, and misses the optimum there.
 *
 * State 2k is the blank before token k, 2k + 1 the token; both are pair k. Moves are kept for one block of frames at a time, two bits
 * a state. What a path did before a block is found again from the sums kept at its beginning: a path in pair k at the end of a block of n frames was
 * in pair k − n or later at its beginning, so only few states are looked at twice.
 */
import type { StateBand } from './band.ts';
import type { PathColumns } from './path-columns.ts';
import type { AlignTarget } from './target.ts';

export interface FoundPath {
  /** The state of each frame. */
  readonly states: Int32Array;
  /** The sum of the log probabilities; −Infinity where no path has any probability. */
  readonly logProb: number;
}

/** Sums up to a frame, for the pairs from `low` on. */
interface KeptRow {
  readonly low: number;
  readonly blanks: Float64Array;
  readonly tokens: Float64Array;
}

/** States between two yields: some milliseconds. */
const CELLS_A_STEP = 2_000_000;

/**
 * Searches step by step: the caller may do something else at each yield. Yields the share of the work that is done.
 * @param blockFrameCount frames of a block; see `planBlocks`.
 */
export function* searchPath(
  columns: PathColumns,
  target: AlignTarget,
  band: StateBand,
  blockFrameCount: number,
): Generator<number, FoundPath, undefined> {
  const search = new PathSearch(columns, target, band);
  const { frameCount } = columns;
  const blockCount = Math.max(1, Math.ceil(frameCount / blockFrameCount));
  const rows: KeptRow[] = [search.begin()];
  let cells = 0;
  let frame = 0;
  for (let block = 1; block < blockCount; block++) {
    for (; frame < block * blockFrameCount; frame++) {
      cells += search.advance(frame);
      if (cells < CELLS_A_STEP) continue;
      cells = 0;
      yield frame / frameCount;
    }
    rows.push(search.keep(frame - 1));
  }
  const states = new Int32Array(frameCount);
  let end: number | undefined;
  let logProb = 0;
  for (let block = blockCount - 1; block >= 0; block--) {
    const first = block * blockFrameCount;
    const last = Math.min(frameCount, first + blockFrameCount) - 1;
    search.restore(rows.pop());
    search.beginBlock(first, last, end === undefined ? target.ids.length : end >> 1);
    for (frame = first; frame <= last; frame++) {
      cells += search.advanceWithMoves(frame);
      if (cells < CELLS_A_STEP) continue;
      cells = 0;
      yield Math.max(0, (frame - blockFrameCount) / frameCount);
    }
    if (end === undefined) {
      end = search.bestEnd();
      logProb = search.sumOf(end);
      if (logProb === -Infinity) return { states, logProb };
    }
    end = search.goBack(states, first, last, end);
  }
  return { states, logProb };
}

class PathSearch {
  readonly #columns: PathColumns;
  readonly #target: AlignTarget;
  readonly #band: StateBand;
  readonly #tokenCount: number;
  /** Sums of blanks. In the place behind it in `#tokens` is the token of the same pair; the first place is always −Infinity, and the last one is never read. */
  readonly #blanks: Float64Array;
  readonly #tokens: Float64Array;
  #moves: Uint8Array = new Uint8Array();
  /** Where the moves of each frame of the block begin, and the first pair of each. */
  #rowStarts = new Int32Array();
  #rowLows = new Int32Array();
  #moveCount = 0;
  #block = { first: 0, last: 0, top: 0 };

  constructor(columns: PathColumns, target: AlignTarget, band: StateBand) {
    this.#columns = columns;
    this.#target = target;
    this.#band = band;
    this.#tokenCount = target.ids.length;
    this.#blanks = new Float64Array(this.#tokenCount + 1).fill(-Infinity);
    this.#tokens = new Float64Array(this.#tokenCount + 2).fill(-Infinity);
  }

  /** Before the first frame: from here it leads to the first blank or the first token. */
  begin(): KeptRow {
    this.#blanks[0] = 0;
    return { low: 0, blanks: Float64Array.of(0), tokens: Float64Array.of(-Infinity) };
  }

  /** @returns how many states it has looked at. */
  advance(frame: number): number {
    const low = this.#band.low[frame] ?? 0;
    const high = this.#band.high[frame] ?? 0;
    const values = this.#columns.valuesOf(frame);
    const offset = this.#columns.offsetOf(frame);
    const { columns, skips } = this.#target;
    addFrame(this.#blanks, this.#tokens, values, offset, columns, skips, low, high);
    return 2 * (high - low + 1);
  }

  keep(frame: number): KeptRow {
    const low = this.#band.low[frame] ?? 0;
    const end = (this.#band.high[frame] ?? 0) + 1;
    return { low, blanks: this.#blanks.slice(low, end), tokens: this.#tokens.slice(low + 1, end + 1) };
  }

  restore(row: KeptRow | undefined): void {
    this.#blanks.fill(-Infinity);
    this.#tokens.fill(-Infinity);
    if (!row) return;
    this.#blanks.set(row.blanks, row.low);
    this.#tokens.set(row.tokens, row.low + 1);
  }

  /** @param top the pair in which the path is at the end of the block, or a later one. */
  beginBlock(first: number, last: number, top: number): void {
    this.#block = { first, last, top };
    const frameCount = last - first + 1;
    if (this.#rowStarts.length < frameCount) {
      this.#rowStarts = new Int32Array(frameCount);
      this.#rowLows = new Int32Array(frameCount);
    }
    let byteLength = 0;
    for (let frame = first; frame <= last; frame++) {
      byteLength += Math.max(0, this.#highOf(frame) - this.#lowOf(frame) + 2) >> 1;
    }
    if (this.#moves.length < byteLength) this.#moves = new Uint8Array(byteLength);
    else this.#moves.fill(0, 0, byteLength);
    this.#moveCount = 0;
  }

  /** Pairs from which the path still gets to the end of the block. */
  #lowOf(frame: number): number {
    const { last, top } = this.#block;
    return Math.max(this.#band.low[frame] ?? 0, top - (last - frame) - 1);
  }

  #highOf(frame: number): number {
    return Math.min(this.#band.high[frame] ?? 0, this.#block.top);
  }

  advanceWithMoves(frame: number): number {
    const low = this.#lowOf(frame);
    const high = this.#highOf(frame);
    const row = frame - this.#block.first;
    this.#rowStarts[row] = this.#moveCount;
    this.#rowLows[row] = low;
    const values = this.#columns.valuesOf(frame);
    const offset = this.#columns.offsetOf(frame);
    const { columns, skips } = this.#target;
    // Views for each frame would be more garbage than the moves themselves.
    const firstMove = 2 * this.#moveCount;
    addFrameWithMoves(
      this.#blanks,
      this.#tokens,
      values,
      offset,
      columns,
      skips,
      low,
      high,
      this.#moves,
      firstMove,
    );
    this.#moveCount += Math.max(0, high - low + 2) >> 1;
    return 2 * (high - low + 1);
  }

  /** Where equal, the last token and not the blank behind it. */
  bestEnd(): number {
    const blank = 2 * this.#tokenCount;
    return blank === 0 || this.sumOf(blank) > this.sumOf(blank - 1) ? blank : blank - 1;
  }

  sumOf(state: number): number {
    const pair = state >> 1;
    return (state % 2 === 0 ? this.#blanks[pair] : this.#tokens[pair + 1]) ?? NaN;
  }

  /** Writes the states of a block, from the last frame on. @returns the state of the frame before it. */
  goBack(states: Int32Array, first: number, last: number, end: number): number {
    let state = end;
    for (let frame = last; frame >= first; frame--) {
      states[frame] = state;
      const row = frame - first;
      const pair = state >> 1;
      const index = pair - (this.#rowLows[row] ?? 0);
      const code = ((this.#moves[(this.#rowStarts[row] ?? 0) + (index >> 1)] ?? 0) >> ((index & 1) * 4)) & 15;
      state -= state % 2 === 0 ? code & 1 : code >> 1;
    }
    return state;
  }
}

/** From the sums of one frame to those of the next, in place and from the last pair down, as a state needs those before it. */
function addFrame(
  blanks: Float64Array,
  tokens: Float64Array,
  values: Float32Array,
  offset: number,
  columns: Uint16Array,
  skips: Uint8Array,
  low: number,
  high: number,
): void {
  const blankValue = values[offset] ?? NaN;
  // One core does 200 million states a second: each sum is read once, and both states share a comparison.
  let stay = tokens[high + 1] ?? NaN;
  for (let pair = high; pair >= low; pair--) {
    const earlier = tokens[pair] ?? NaN;
    const blank = blanks[pair] ?? NaN;
    const either = earlier > blank ? earlier : blank;
    const moved = skips[pair] === 1 ? either : blank;
    tokens[pair + 1] = (moved > stay ? moved : stay) + (values[offset + (columns[pair] ?? NaN)] ?? NaN);
    blanks[pair] = either + blankValue;
    stay = earlier;
  }
  // Where the next frame begins at the same pair, nothing may come from below it.
  tokens[low] = -Infinity;
}

/** The same, with the moves: four bits a pair, of which the lowest is the blank's and the next two are the token's. */
function addFrameWithMoves(
  blanks: Float64Array,
  tokens: Float64Array,
  values: Float32Array,
  offset: number,
  columns: Uint16Array,
  skips: Uint8Array,
  low: number,
  high: number,
  moves: Uint8Array,
  /** Of this frame; two share a byte. */
  firstMove: number,
): void {
  const blankValue = values[offset] ?? NaN;
  for (let pair = high; pair >= low; pair--) {
    const earlier = tokens[pair] ?? NaN;
    const blank = blanks[pair] ?? NaN;
    const stay = tokens[pair + 1] ?? NaN;
    const skip = skips[pair] === 1 ? earlier : -Infinity;
    let code = 0;
    let best = stay;
    if (skip > blank && skip > stay) {
      code = 4;
      best = skip;
    } else if (blank > stay) {
      code = 2;
      best = blank;
    }
    tokens[pair + 1] = best + (values[offset + (columns[pair] ?? NaN)] ?? NaN);
    if (earlier > blank) {
      code |= 1;
      blanks[pair] = earlier + blankValue;
    } else blanks[pair] = blank + blankValue;
    const index = firstMove + pair - low;
    moves[index >> 1] = (moves[index >> 1] ?? 0) | (code << ((index & 1) * 4));
  }
  tokens[low] = -Infinity;
}
