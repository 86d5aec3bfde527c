/** Splits text at tokens that must stay whole, such as `<pad>`, before the rest is split into characters or phonemes. */
import type { AddedToken } from './vocabulary.ts';

export interface TextPiece {
  readonly text: string;
  /** Whether the piece is one of the added tokens. */
  readonly isToken: boolean;
}

/** Gives the pieces of a text in order, without empty ones and without the white space that tokens swallow. */
export type TokenSplitter = (text: string) => TextPiece[];

/**
 * Finds the leftmost added token, the longest one where several start there. Source: `Trie` of `tokenization_python.py`.
 * A regular expression of all tokens would be too large for some vocabularies.
 * @param tokens of several with the same content, the last counts.
 */
export function tokenSplitter(tokens: readonly AddedToken[]): TokenSplitter {
  const byContent = new Map(tokens.map((token) => [token.content, token]));
  byContent.delete('');
  /** First code point → lengths of the tokens that begin with it, the longest first. */
  const lengths = new Map<number | undefined, number[]>();
  for (const { length, first } of distinctStarts(byContent.keys())) {
    const known = lengths.get(first);
    if (known) known.push(length);
    else lengths.set(first, [length]);
  }
  for (const known of lengths.values()) known.sort((a, b) => b - a);
  const tokenAt = (text: string, start: number): AddedToken | undefined => {
    for (const length of lengths.get(text.codePointAt(start)) ?? []) {
      const token = byContent.get(text.slice(start, start + length));
      if (token) return token;
    }
    return undefined;
  };
  return (text) => {
    const pieces: TextPiece[] = [];
    let before: AddedToken | undefined;
    let pieceStart = 0;
    const addText = (end: number, behind: AddedToken | undefined): void => {
      const part = text.slice(pieceStart, end);
      const trimmed = before?.rstrip === true ? part.trimStart() : part;
      const piece = behind?.lstrip === true ? trimmed.trimEnd() : trimmed;
      if (piece !== '') pieces.push({ text: piece, isToken: false });
    };
    for (let start = 0; start < text.length;) {
      const token = tokenAt(text, start);
      if (token) {
        addText(start, token);
        pieces.push({ text: token.content, isToken: true });
        before = token;
        start += token.content.length;
        pieceStart = start;
      } else {
        // By code points: no token begins in the middle of one.
        start += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
      }
    }
    addText(text.length, undefined);
    return pieces;
  };
}

/** Each pair of a length and a first code point once. */
function* distinctStarts(contents: Iterable<string>) {
  const seen = new Set<string>();
  for (const content of contents) {
    const { length } = content;
    const first = content.codePointAt(0);
    const key = `${first} ${length}`;
    if (seen.has(key)) continue;
    seen.add(key);
    yield { length, first };
  }
}
