/** The lists of clips of `each`. */
import { badInput } from '../base/option-checks.ts';

/** Many clips, which may be made one by one. */
export type ClipList<S> = Iterable<S> | AsyncIterable<S>;

/** @throws UniSpeechError `bad-input`. */
export function checkClips<S>(clips: ClipList<S>): ClipList<S>;
export function checkClips(clips: unknown): ClipList<unknown>;
export function checkClips(clips: unknown): ClipList<unknown> {
  if (isClipList(clips)) return clips;
  throw badInput('clips', clips, 'a list of clips');
}

const isClipList = (value: unknown): value is ClipList<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !ArrayBuffer.isView(value) &&
  (Symbol.iterator in value || Symbol.asyncIterator in value);
