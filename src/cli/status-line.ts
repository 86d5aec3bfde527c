/** The last line of a terminal, which shows how far something is. */

/** The parts of `process.stderr` that are used. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001b[2K';

export class StatusLine {
  readonly #stream: TerminalStream;
  #text = '';

  /** @param stream the stream to draw on. No status is written to it unless it is a terminal. */
  constructor(stream: TerminalStream = process.stderr) {
    this.#stream = stream;
  }

  get isShown(): boolean {
    return this.#stream.isTTY === true;
  }

  show(text: string): void {
    if (!this.isShown) return;
    // Some terminals report zero columns.
    const { columns: reported } = this.#stream;
    const columns = reported === undefined || reported === 0 ? 80 : reported;
    this.#text = text.slice(0, columns - 1);
    this.#stream.write(CLEAR_LINE + this.#text);
  }

  /** Writes a line above it. */
  say(line: string): void {
    const isDrawn = this.#text !== '';
    this.#stream.write(`${isDrawn ? CLEAR_LINE : ''}${line}\n${this.#text}`);
  }

  clear(): void {
    this.#text = '';
    if (this.isShown) this.#stream.write(CLEAR_LINE);
  }
}
