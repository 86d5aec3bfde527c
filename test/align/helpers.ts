/** Frames and searches for tests of alignment. */
import { readFileSync } from 'node:fs';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { findPath, type SearchOptions } from '../../src/align/find-path.ts';
import { PathColumns } from '../../src/align/path-columns.ts';
import { type AlignTarget, makeTarget, targetOf } from '../../src/align/target.ts';
import type { EmissionInfo } from '../../src/pipelines/emissions.ts';
import type { FoundPath } from '../../src/align/viterbi.ts';

/** The sections `align`, `boundaries` and `text` of the reference vectors. */
export const vectors = JSON.parse(
  readFileSync(new URL('vectors.json', import.meta.url), 'utf8'),
) as ReferenceVectors;

export interface ReferenceVectors {
  readonly align: readonly AlignCase[];
  readonly boundaries: readonly BoundaryCase[];
  readonly text: {
    readonly vocabularies: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly special: Readonly<Record<string, readonly string[]>>;
    readonly delimiter: string;
    readonly cases: readonly TextCase[];
  };
}

export interface AlignCase {
  readonly name: string;
  readonly blank: number;
  readonly log_probs?: readonly (readonly number[])[];
  readonly tokens?: readonly number[];
  readonly generator?: { readonly seed: number; readonly T: number; readonly C: number; readonly L: number };
  readonly star?: 'zero' | 'max-non-blank';
  readonly error?: string;
  readonly frames?: number;
  readonly needs?: number;
  readonly path?: readonly number[];
  readonly score?: number;
  readonly spans?: readonly {
    readonly token: number;
    readonly index: number;
    readonly start: number;
    readonly end: number;
    readonly score: number;
  }[];
  readonly starts?: readonly number[];
  readonly ends?: readonly number[];
}

export interface BoundaryCase {
  readonly frames: number;
  readonly hop: number;
  readonly rate: number;
  readonly window: number;
  readonly duration: number;
  readonly words_raw: readonly (readonly [number, number])[];
  readonly extend_frames: number;
  readonly words_extended: readonly (readonly [number, number])[];
  readonly seconds_transformers: readonly (readonly [number, number])[];
  readonly seconds: readonly (readonly [number, number])[];
}

export interface TextCase {
  readonly text: string;
  readonly vocab: string;
  readonly unknown: 'star' | 'skip' | 'error';
  readonly error?: string;
  readonly tokens?: readonly {
    readonly id: number | 'star';
    readonly start: number;
    readonly end: number;
    readonly word: number | null;
  }[];
  readonly words?: readonly {
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly tokens: number;
  }[];
}

/** Log probabilities as one block. */
export const blockOf = (rows: readonly (readonly number[])[], vocabSize = rows[0]?.length ?? 1) => ({
  data: Float32Array.from(rows.flat()),
  frameCount: rows.length,
  vocabSize,
});

export function columnsOf(rows: readonly (readonly number[])[], target: AlignTarget): PathColumns {
  const block = blockOf(rows);
  const columns = new PathColumns(target, block.vocabSize, false);
  columns.push(block);
  return columns;
}

/** All steps of a search. */
export function searched(
  rows: readonly (readonly number[])[],
  tokens: readonly number[],
  options: Partial<SearchOptions> = {},
): FoundPath {
  const target = targetOf(tokens, rows[0]?.length ?? 1, 0, 'zero');
  const steps = findPath(columnsOf(rows, target), target, { search: 'exact', ...options });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** Log probabilities that are whole numbers where `ties` is true, so that many paths are equal. */
export function randomCase(random: SeededRandom, { ties = false, maxTokens = 4, spare = 4 } = {}) {
  const vocabSize = random.integer(2, 5);
  const tokens = Array.from({ length: random.integer(0, maxTokens) }, () => random.integer(1, vocabSize - 1));
  const { minFrameCount } = makeTarget(tokens, 0);
  const frameCount = Math.max(1, minFrameCount + random.integer(0, spare));
  const rows = Array.from({ length: frameCount }, () =>
    Array.from({ length: vocabSize }, () =>
      ties ? -random.integer(0, 2) : Math.fround(-10 * random.uniform()),
    ),
  );
  return { rows, tokens };
}

/** Speech as a model sees it: each token is sure in one frame, with blanks around it. `wrong` is the share of frames with another label. */
export function peakyRows(
  random: SeededRandom,
  tokens: readonly number[],
  vocabSize: number,
  wrong = 0,
): number[][] {
  const frames: number[] = [];
  for (const token of tokens) {
    for (let count = random.integer(1, 3); count > 0; count--) frames.push(0);
    frames.push(random.uniform() < wrong ? random.integer(1, vocabSize - 1) : token);
  }
  frames.push(0);
  return frames.map((label) =>
    Array.from({ length: vocabSize }, (_, column) =>
      Math.fround(column === label ? -0.1 * random.uniform() : -4 - 8 * random.uniform()),
    ),
  );
}

/** A model of 20 ms frames at 16 kHz whose blank is label 0. */
export const madeUpInfo = (labels: readonly string[], changes: Partial<EmissionInfo> = {}): EmissionInfo => ({
  labels,
  blank: 0,
  word_delimiter: null,
  unknown: null,
  special: [0],
  units: 'characters',
  sampling_rate: 16000,
  samples_per_frame: 320,
  samples_per_window: 400,
  ...changes,
});
