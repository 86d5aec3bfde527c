/** From the token of each frame to runs of tokens, without any vocabulary. */

/** Equal tokens in a row, counted in frames: `[start, end)`. */
export interface TokenRun {
  readonly token: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Merges equal neighbours. Blanks must still be in `tokens`: they are what keeps double letters apart.
 * Tokens are compared, not ids, as the reference does (`itertools.groupby` over tokens).
 * @param merges false gives one run a token: what decoding without grouping works on.
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
