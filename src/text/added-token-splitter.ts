/** Splits text at tokens that must stay whole, such as `<pad>`, before the rest is split into characters or phonemes. */
import type { AddedToken } from './vocabulary.ts';

export interface TextPiece {
  readonly text: string;
  /** Whether the piece is one of the added tokens. */
  readonly isToken: boolean;
}

/** Gives the pieces of a text in order, without empty ones and without the white space that tokens swallow. */
export type TokenSplitter = (text: string) => TextPiece[];

const escapeForRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const MATCHES_NOTHING = '(?!)';

/**
 * Finds the leftmost added token, the longest one where several start there. Source: `Trie` of `tokenization_python.py`.
 * @param tokens of several with the same content, the last counts.
 */
export function tokenSplitter(tokens: readonly AddedToken[]): TokenSplitter {
  const byContent = new Map(tokens.map((token) => [token.content, token]));
  byContent.delete('');
  // The first alternative that matches wins, so the longest come first.
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${longestFirst.map(escapeForRegExp).join('|') || MATCHES_NOTHING})`, 'u');
  return (text) => {
    // With a capturing group, texts are at even places and the tokens between them at odd ones.
    const parts = text.split(pattern);
    return parts
      .map((part, index): TextPiece => {
        if (index % 2 === 1) return { text: part, isToken: true };
        const before = byContent.get(parts[index - 1] ?? '');
        const behind = byContent.get(parts[index + 1] ?? '');
        const trimmed = before?.rstrip === true ? part.trimStart() : part;
        return { text: behind?.lstrip === true ? trimmed.trimEnd() : trimmed, isToken: false };
      })
      .filter((piece) => piece.text !== '');
  };
}
