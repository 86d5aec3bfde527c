/** Turns the token of each frame into runs of tokens, without any vocabulary. */

/** Equal tokens in a row, counted in frames: `[start, end)`. */
export interface TokenRun {
  readonly token: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Merges equal neighbours. `tokens` must still contain blanks, because they separate double letters.
 * Tokens are compared, not ids, as the reference does (`itertools.groupby` over tokens).
 * @param merges false gives one run per token, for decoding without grouping.
 */
export function collapseRuns(tokens: readonly string[], merges = true): TokenRun[] {
  const runs: TokenRun[] = [];
  for (let start = 0, end = 1; end <= tokens.length; end++) {
    const token = tokens[start];
    if (token === undefined || (merges && tokens[end] === token)) continue;
    runs.push({ token, start, end });
    start = end;
  }
  return runs;
}
