/**
 * Keeps what a `Readable` of Node holds until it is read, which may be much later: the model is busy, or other clips come first. When a
 * program ends to whose output nobody listens yet, Node throws that output away. A listener that does nothing prevents it. With it the
 * `Readable` begins to read, so it may fail before its turn: that error is told when the turn comes, and must not end the process.
 */
import { isList } from './checks.ts';

/** @param sources anything; a list of sources counts as each of them. */
export function keepUnread(sources: unknown): void {
  for (const source of isList(sources) ? sources : [sources]) {
    if (!isReadable(source)) continue;
    source.on('error', () => undefined);
    source.on('readable', () => undefined);
  }
}

interface ReadableLike {
  on(event: 'readable' | 'error', listener: () => void): unknown;
}

const isReadable = (source: unknown): source is ReadableLike =>
  typeof source === 'object' &&
  source !== null &&
  'read' in source &&
  'on' in source &&
  typeof source.on === 'function';
