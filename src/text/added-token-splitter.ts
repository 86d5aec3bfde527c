/** Splits text at tokens that must stay whole, such as `<pad>`, before the rest is split into characters or phonemes. */
import type { AddedToken } from './vocabulary.ts';

export interface TextPiece {
  readonly text: string;
  /** Whether the piece is one of the added tokens. */
  readonly isToken: boolean;
}

const escapeForRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Finds the leftmost added token, the longest one where several start there. Source: `Trie` of `tokenization_python.py`. */
export class AddedTokenSplitter {
  readonly #tokens: ReadonlyMap<string, AddedToken>;
  readonly #pattern: RegExp | undefined;

  /** @param tokens of several with the same content, the last counts. */
  constructor(tokens: readonly AddedToken[]) {
    this.#tokens = new Map(
      tokens.filter(({ content }) => content !== '').map((token) => [token.content, token]),
    );
    // The first alternative that matches wins, so the longest come first.
    const longestFirst = [...this.#tokens.keys()].sort((a, b) => b.length - a.length);
    this.#pattern =
      longestFirst.length === 0
        ? undefined
        : new RegExp(`(${longestFirst.map(escapeForRegExp).join('|')})`, 'u');
  }

  /** The pieces in order, without empty ones and without the white space that tokens swallow. */
  split(text: string): TextPiece[] {
    // With a capturing group, texts are at even places and the tokens between them at odd ones.
    const parts = this.#pattern === undefined ? [text] : text.split(this.#pattern);
    return parts
      .map((part, index): TextPiece => {
        if (index % 2 === 1) return { text: part, isToken: true };
        const before = this.#tokens.get(parts[index - 1] ?? '');
        const behind = this.#tokens.get(parts[index + 1] ?? '');
        const trimmed = before?.rstrip === true ? part.trimStart() : part;
        return { text: behind?.lstrip === true ? trimmed.trimEnd() : trimmed, isToken: false };
      })
      .filter((piece) => piece.text !== '');
  }
}
