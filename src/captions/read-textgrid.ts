/** Reads TextGrids of Praat and other programs, in the long and the short form. Pure. */
import { isArrayBuffer, isView } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import type { GridInterval, IntervalTier, PointTier, TextGrid } from './textgrid.ts';

/**
 * Both forms have one grammar: only numbers that stand free, strings in quotes and `<flags>` count. All other words are comments, and so is
 * what follows `!` in a line. Bytes are UTF-8, or UTF-16 with a byte order mark.
 * @throws UniSpeechError `bad-input` for what is no TextGrid, ends too early, or has times that go back.
 */
export function readTextGrid(file: string | Uint8Array | ArrayBuffer): TextGrid {
  const reader = new TokenReader(typeof file === 'string' ? file.replace(/^\ufeff/, '') : decoded(file));
  const type = reader.string('the type of the file');
  if (!/^ooTextFile( short)?$/.test(type)) throw wrong(`begins with ${describeValue(type)}`, '"ooTextFile"');
  const kind = reader.string('the class of its object');
  if (kind !== 'TextGrid') throw wrong(`holds an object of the class ${describeValue(kind)}`, '"TextGrid"');
  const span = reader.span('the file');
  const tiers: (IntervalTier | PointTier)[] = [];
  if (reader.flag('whether there are tiers') === 'exists') {
    const count = reader.count('the number of tiers');
    while (tiers.length < count) tiers.push(readTier(reader, `tier ${tiers.length + 1} of ${count}`));
  }
  return { ...span, tiers };
}

function readTier(reader: TokenReader, where: string): IntervalTier | PointTier {
  const kind = reader.string(`the class of ${where}`);
  if (kind !== 'IntervalTier' && kind !== 'TextTier')
    throw wrong(`has ${describeValue(kind)} as the class of ${where}`, '"IntervalTier" or "TextTier"');
  const tier = { name: reader.string(`the name of ${where}`), ...reader.span(where) };
  if (kind === 'IntervalTier') {
    const count = reader.count(`the number of intervals of ${where}`);
    const intervals: GridInterval[] = [];
    let last = -Infinity;
    while (intervals.length < count) {
      const what = `interval ${intervals.length + 1} of ${count} of ${where}`;
      const { start, end } = reader.span(what);
      checkRises(what, start, last);
      last = end;
      intervals.push({ start, end, text: reader.string(`the text of ${what}`) });
    }
    return { ...tier, intervals };
  }
  const count = reader.count(`the number of points of ${where}`);
  const points: { time: number; text: string }[] = [];
  while (points.length < count) {
    const what = `point ${points.length + 1} of ${count} of ${where}`;
    const time = reader.number(`the time of ${what}`);
    checkRises(what, time, points.at(-1)?.time ?? -Infinity);
    points.push({ time, text: reader.string(`the mark of ${what}`) });
  }
  return { ...tier, points };
}

/** Programs round times, so intervals may overlap by what rounding adds. */
const ROUNDING_SECONDS = 1e-3;

function checkRises(what: string, time: number, last: number): void {
  if (time < last - ROUNDING_SECONDS)
    throw wrong(`has ${what} at ${time} s`, `a time that is not before the last one, ${last} s`);
}

const wrong = (found: string, expected: string): UniSpeechError =>
  new UniSpeechError('bad-input', `The TextGrid ${found}, expected ${expected}.`);

function decoded(file: unknown): string {
  if (!isView(file, 'Uint8Array') && !isArrayBuffer(file)) {
    throw new UniSpeechError(
      'bad-input',
      `readTextGrid got ${describeValue(file)}, expected the text of a TextGrid or its bytes.`,
    );
  }
  // A copy, as decoders refuse shared memory.
  const bytes = new Uint8Array(isArrayBuffer(file) ? new Uint8Array(file) : file);
  const encoding =
    bytes[0] === 0xfe && bytes[1] === 0xff
      ? 'utf-16be'
      : bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UniSpeechError(
      'bad-input',
      `The bytes of the TextGrid are not ${encoding.toUpperCase()}, expected that or UTF-16 with a byte order mark.`,
      'Set the text writing preferences of Praat to UTF-8, and save the file again.',
      { cause },
    );
  }
}

const WHITE_SPACE = /\s*/y;
const COMMENT = /[^\n\r]*/y;
const WORD = /\S*/y;
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
const FLAG = /^<(\w+)>$/;

type TokenKind = 'a string in quotes' | 'a flag such as <exists>' | 'a number';

/** Takes one token after another. */
class TokenReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  string(what: string): string {
    return this.#take(what, 'a string in quotes');
  }

  flag(what: string): string {
    return this.#take(what, 'a flag such as <exists>');
  }

  number(what: string): number {
    const number = Number(this.#take(what, 'a number'));
    if (Number.isFinite(number)) return number;
    throw wrong(`has ${number} as ${what}`, 'a finite number');
  }

  count(what: string): number {
    const count = this.number(what);
    if (Number.isSafeInteger(count) && count >= 0) return count;
    throw wrong(`has ${count} as ${what}`, 'a whole number of at least 0');
  }

  span(what: string): { readonly start: number; readonly end: number } {
    const start = this.number(`the start of ${what}`);
    const end = this.number(`the end of ${what}`);
    if (end >= start) return { start, end };
    throw wrong(`has ${what} from ${start} to ${end} s`, 'an end that is not before the start');
  }

  /** The next token, which must be of this kind. */
  #take(what: string, kind: TokenKind): string {
    for (;;) {
      this.#skip(WHITE_SPACE);
      const first = this.#text.charAt(this.#position);
      if (first === '') throw wrong(`ends before ${what}`, kind);
      const { found, text } = this.#next(first, what);
      if (found === kind) return text;
      if (found !== undefined) throw wrong(`has ${describeValue(text)} where ${what} belongs`, kind);
    }
  }

  #next(first: string, what: string): { readonly found: TokenKind | undefined; readonly text: string } {
    if (first === '"') return { found: 'a string in quotes', text: this.#quoted(what) };
    const text = this.#skip(first === '!' ? COMMENT : WORD);
    if (NUMBER.test(text)) return { found: 'a number', text };
    const flag = FLAG.exec(text)?.[1];
    return { found: flag === undefined ? undefined : 'a flag such as <exists>', text: flag ?? text };
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += text.length;
    return text;
  }

  /** By hand: a regular expression for it runs out of memory in a text of some megabytes. */
  #quoted(what: string): string {
    const parts: string[] = [];
    for (let from = this.#position + 1; ;) {
      const to = this.#text.indexOf('"', from);
      if (to < 0) throw wrong(`has a quote that is not closed where ${what} belongs`, 'its end');
      parts.push(this.#text.slice(from, to));
      from = to + 2;
      if (this.#text.charAt(to + 1) !== '"') {
        this.#position = to + 1;
        return parts.join('"');
      }
    }
  }
}
