/** What of a script never ran, by V8's coverage, and what the script would be without it. */
import { gzipSync } from 'node:zlib';

/** As Chromium counts: a function's first range is the whole of it, the others are blocks in it, and the innermost one holds. */
export interface CoveredScript {
  readonly url: string;
  readonly source: string;
  readonly functions: readonly { readonly ranges: readonly CoveredRange[] }[];
}

interface CoveredRange {
  /** Of characters, the end excluded. */
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** Characters of a script, the end excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * In the order of the script. Two functions side by side are two spans.
 * @param level `functions` for whole functions that were never called, `blocks` for every block that never ran.
 */
export function neverRun({ functions }: CoveredScript, level: 'functions' | 'blocks'): readonly Span[] {
  const ranges = functions
    .flatMap(({ ranges: all }) => (level === 'blocks' ? all : all.slice(0, 1)))
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  const spans: Span[] = [];
  const open: CoveredRange[] = [];
  let position = 0;
  const goTo = (next: number): void => {
    if (open.at(-1)?.count === 0 && next > position) spans.push({ start: position, end: next });
    position = next;
  };
  const closeUpTo = (limit: number): void => {
    for (let last = open.at(-1); last !== undefined && last.endOffset <= limit; last = open.at(-1)) {
      goTo(last.endOffset);
      open.pop();
    }
  };
  for (const range of ranges) {
    closeUpTo(range.startOffset);
    goTo(range.startOffset);
    open.push(range);
  }
  closeUpTo(Infinity);
  return spans;
}

/** @param spans in the order of the text, and apart. */
export function without(text: string, spans: readonly Span[]): string {
  const starts = [0, ...spans.map(({ end }) => end)];
  return starts.map((start, index) => text.slice(start, spans[index]?.start)).join('');
}

/** After `gzip -9`, as a server might send it. */
export const zippedByteLength = (text: string): number => gzipSync(text, { level: 9 }).byteLength;
