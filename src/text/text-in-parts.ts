/** Words a text in parts whose concatenation is the text of the whole. */

/** The parts of a tokenizer that are needed here. */
export interface TextRules {
  readonly text_separator: string;
  polish(spelledText: string): string;
}

/** An end that the next characters may still change: spaces are trimmed at the end of all, and `' ` may lose those around it. */
const OPEN_END = /\s[\s']*$/;

export class TextInParts {
  readonly #rules: TextRules;
  #isEmpty = true;
  #openEnd = '';

  constructor(rules: TextRules) {
    this.#rules = rules;
  }

  /** @param characters the next ones, with which no word begins that an earlier part has begun. */
  add(characters: readonly string[]): string {
    const spelled = this.#next(characters);
    const closed = spelled.replace(OPEN_END, '');
    this.#openEnd = spelled.slice(closed.length);
    return this.#rules.polish(closed);
  }

  /** The last part. */
  end(characters: readonly string[]): string {
    return this.#rules.polish(this.#next(characters).trimEnd());
  }

  #next(characters: readonly string[]): string {
    const { text_separator } = this.#rules;
    const spelled = characters.join(text_separator);
    if (this.#isEmpty) {
      const start = spelled.trimStart();
      this.#isEmpty = start === '';
      return start;
    }
    return this.#openEnd + (characters.length > 0 ? text_separator : '') + spelled;
  }
}
