/** Suggests the word that was meant by a mistyped one. */

/** Edit distance: how many letters must be added, removed or replaced to turn one word into the other. */
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

/** `, did you mean --chunk?`, or nothing if no word is similar. @param prefix written before every word. */
export function suggestionFor(word: string, known: readonly string[], prefix = ''): string {
  if (word.length > 40) return '';
  const [nearest] = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate) }))
    .filter(({ candidate, distance }) => distance <= MOST_EDITS && distance < candidate.length - 1)
    .sort((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : `, did you mean ${prefix}${nearest.candidate}?`;
}
