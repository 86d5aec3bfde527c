/** Which word was meant by one that was mistyped. */

/** Letters that are put in, left out or replaced on the way from one word to another. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, length) => length);
  for (let index = 0; index < from.length; index++) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (from[index] === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const MOST_EDITS = 2;

/** `, did you mean --chunk?`, or nothing where no word is near. @param prefix of every word as it is written. */
export function suggestionFor(word: string, known: readonly string[], prefix = ''): string {
  if (word.length > 40) return '';
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate) }))
    .filter(({ candidate, distance }) => distance <= MOST_EDITS && distance < candidate.length - 1)
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : `, did you mean ${prefix}${nearest.candidate}?`;
}
