/** Spaces that belong to no sentence; the order counts. Source: `clean_up_tokenization` of `tokenization_utils_base.py`. */
const REPLACEMENTS = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const;

/** Removes spaces before English punctuation and contractions. */
export const cleanUpSpaces = (text: string): string =>
  REPLACEMENTS.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text);
