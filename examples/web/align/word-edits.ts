/** What moving the edge of a word does to it and to its neighbours. Pure. */

interface WithSpan {
  readonly start: number;
  readonly end: number;
}

export type Side = 'start' | 'end';

/** The shortest word that an edge leaves, in seconds. */
const LEAST_SECONDS = 0.02;

/**
 * Moves an edge as far as there is room: a word keeps 20 ms, and so does a neighbour that gives way. A neighbour that touches the edge goes
 * with it.
 * @param duration of the audio.
 */
export function moveEdge<Word extends WithSpan>(
  words: readonly Word[],
  index: number,
  side: Side,
  seconds: number,
  duration: number,
): readonly Word[] {
  const word = words[index];
  if (!word || !Number.isFinite(seconds)) return words;
  const step = side === 'start' ? -1 : 1;
  const neighbour = words[index + step];
  const edge = word[side];
  const opposite = side === 'start' ? word.end : word.start;
  // How far the neighbour can be pushed. One that is shorter than the least stays as it is.
  const far = neighbour
    ? side === 'start'
      ? neighbour.start
      : neighbour.end
    : side === 'start'
      ? 0
      : duration;
  const length = neighbour ? neighbour.end - neighbour.start : 0;
  const outer = far - step * Math.min(LEAST_SECONDS, length);
  const inner = opposite + step * Math.min(LEAST_SECONDS, word.end - word.start);
  const [least, most] = side === 'start' ? [outer, inner] : [inner, outer];
  const moved = Math.round(Math.min(Math.max(seconds, least), Math.max(least, most)) * 1000) / 1000;
  const touching: Side = side === 'start' ? 'end' : 'start';
  return words.map((other, at) => {
    if (at === index) return { ...other, [side]: moved };
    if (at !== index + step) return other;
    const isPushed = other[touching] === edge || (side === 'start' ? other.end > moved : other.start < moved);
    return isPushed ? { ...other, [touching]: moved } : other;
  });
}
