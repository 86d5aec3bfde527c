/**
 * Places where a recognition and the expected tokens clearly mean the same: runs of labels that both have once. Between two anchors the same is
 * looked for with shorter runs. Labels of words' ends are left out, as recognitions set them less surely than letters. Pure.
 */
import type { Anchor } from './band.ts';
import type { PathColumns } from './path-columns.ts';
import { type AlignTarget, isStar } from './target.ts';

/** Lengths of runs, the surest first. */
const RUN_LENGTHS = [12, 8, 5];

/** Labels in order, each with its frame or its place among the tokens. */
interface Sequence {
  readonly labels: readonly number[];
  readonly places: readonly number[];
}

/** @param isIgnored tells labels that are not compared. */
export function findAnchors(
  columns: PathColumns,
  target: AlignTarget,
  isIgnored: (id: number) => boolean = () => false,
): Anchor[] {
  const heard = heardLabels(columns, target.blank, isIgnored);
  const expected: { labels: number[]; places: number[] } = { labels: [], places: [] };
  target.ids.forEach((id, index) => {
    if (isStar(id) || isIgnored(id)) return;
    expected.labels.push(id);
    expected.places.push(index);
  });
  const anchors: Anchor[] = [];
  anchorsWithin(
    heard,
    expected,
    { from: 0, to: heard.labels.length },
    { from: 0, to: expected.labels.length },
    0,
    anchors,
  );
  return anchors;
}

/** What a greedy recognition reads, with the first frame of each label. */
function heardLabels(columns: PathColumns, blank: number, isIgnored: (id: number) => boolean): Sequence {
  const labels: number[] = [];
  const places: number[] = [];
  let last = blank;
  for (let frame = 0; frame < columns.frameCount; frame++) {
    const label = columns.bestAt(frame);
    if (label !== last && label !== blank && !isIgnored(label)) {
      labels.push(label);
      places.push(frame);
    }
    last = label;
  }
  return { labels, places };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function anchorsWithin(
  heard: Sequence,
  expected: Sequence,
  heardRange: Range,
  expectedRange: Range,
  level: number,
  anchors: Anchor[],
): void {
  const length = RUN_LENGTHS[level];
  if (length === undefined) return;
  const pairs = increasing(uniquePairs(heard.labels, expected.labels, heardRange, expectedRange, length));
  const middle = length >> 1;
  let [heardFrom, expectedFrom] = [heardRange.from, expectedRange.from];
  for (const [heardStart, expectedStart] of pairs) {
    const [heardAt, expectedAt] = [heardStart + middle, expectedStart + middle];
    anchorsWithin(
      heard,
      expected,
      { from: heardFrom, to: heardAt },
      { from: expectedFrom, to: expectedAt },
      level + 1,
      anchors,
    );
    anchors.push({ frame: heard.places[heardAt] ?? 0, token: expected.places[expectedAt] ?? 0 });
    [heardFrom, expectedFrom] = [heardAt + 1, expectedAt + 1];
  }
  anchorsWithin(
    heard,
    expected,
    { from: heardFrom, to: heardRange.to },
    { from: expectedFrom, to: expectedRange.to },
    level + 1,
    anchors,
  );
}

type Pair = readonly [heardStart: number, expectedStart: number];

/** Where runs of `length` labels begin that are once in both ranges. */
function uniquePairs(
  heard: readonly number[],
  expected: readonly number[],
  heardRange: Range,
  expectedRange: Range,
  length: number,
): Pair[] {
  const ofExpected = uniqueRuns(expected, expectedRange, length);
  if (ofExpected.size === 0) return [];
  const pairs: Pair[] = [];
  for (const [hash, start] of uniqueRuns(heard, heardRange, length)) {
    const other = ofExpected.get(hash);
    if (start < 0 || other === undefined || other < 0) continue;
    // Different runs may share a hash.
    let isSame = true;
    for (let index = 0; index < length; index++) isSame &&= heard[start + index] === expected[other + index];
    if (isSame) pairs.push([start, other]);
  }
  return pairs;
}

const AMBIGUOUS = -1;

/** The start of each run of labels by its hash; `AMBIGUOUS` where there are several. In the order of their starts. */
function uniqueRuns(labels: readonly number[], { from, to }: Range, length: number): Map<number, number> {
  const starts = new Map<number, number>();
  for (let start = from; start + length <= to; start++) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < length; index++)
      hash = Math.imul(hash ^ (labels[start + index] ?? 0), 0x01000193);
    starts.set(hash, starts.has(hash) ? AMBIGUOUS : start);
  }
  return starts;
}

/** The longest list of pairs, given in the order of their first numbers, in which the second numbers rise, too. */
function increasing(pairs: readonly Pair[]): Pair[] {
  // The last pair of the best list of each length, and the pair before each pair.
  const ends: number[] = [];
  const before = new Int32Array(pairs.length);
  pairs.forEach(([, value], index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = index;
  });
  const kept: Pair[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair) kept.push(pair);
  }
  return kept.reverse();
}
