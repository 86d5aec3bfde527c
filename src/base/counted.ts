/** Counts of things, as sentences have them. */

/** `1 file`, `2 files`. @param what one of them. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
