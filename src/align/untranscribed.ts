/** Speech that a text lacks: the model reads letters there, but the path has none. Pure. */
import type { EmissionInfo } from '../pipelines/emissions.ts';
import type { UntranscribedAudio } from './alignment.ts';
import type { PathColumns } from './path-columns.ts';
import type { TokenSpan } from './spans.ts';
import { secondsOfEdge } from './word-edges.ts';

/** Fewer letters are misheard noise, or parts of the words beside them. */
const LEAST_LABELS = 4;

/**
 * @param spans of all tokens, stars and delimiters among them.
 * @param isOfWord whether a token, by its place, is a part of a word. What a star of a word leaves free beside it may be that word.
 */
export function untranscribedAudio(
  spans: readonly TokenSpan[],
  isOfWord: (index: number) => boolean,
  columns: PathColumns,
  info: EmissionInfo,
  duration: number,
): UntranscribedAudio[] {
  const found: UntranscribedAudio[] = [];
  const special = new Set([...info.special, info.blank]);
  const add = (from: number, to: number): void => {
    const heard: string[] = [];
    let count = 0;
    let first = -1;
    let end = 0;
    let last = info.blank;
    for (let frame = from; frame < to; frame++) {
      const label = columns.bestAt(frame);
      if (label !== info.word_delimiter && !special.has(label)) {
        if (label !== last) {
          heard.push(info.labels[label] ?? '');
          count += 1;
        }
        if (first < 0) first = frame;
        end = frame + 1;
      } else if (label === info.word_delimiter && label !== last && count > 0) heard.push(' ');
      last = label;
    }
    if (count < LEAST_LABELS) return;
    found.push({
      start: secondsOfEdge(first, info, duration),
      end: secondsOfEdge(end, info, duration),
      text: heard.join(info.units === 'phonemes' ? ' ' : '').trim(),
    });
  };
  let from = 0;
  let isBehindStar = false;
  for (const { index, start, end, score } of spans) {
    if (!isOfWord(index)) continue;
    const isStar = score === null;
    if (!isStar && !isBehindStar) add(from, start);
    isBehindStar = isStar;
    from = end;
  }
  if (!isBehindStar) add(from, columns.frameCount);
  return found;
}
