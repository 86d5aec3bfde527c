/** Lines of an ARPA text as bytes: n-grams are read without making strings of them. */

export const TAB = 0x09;
export const SPACE = 0x20;

export const isSpace = (byte: number | undefined): boolean =>
  byte === SPACE || (byte !== undefined && byte >= TAB && byte <= 0x0d);

/** Bytes of a longer text, without the end of line. */
export class ArpaLine {
  bytes = new Uint8Array(0);
  start = 0;
  end = 0;

  get isBlank(): boolean {
    for (let place = this.start; place < this.end; place += 1) if (!isSpace(this.bytes[place])) return false;
    return true;
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes.subarray(this.start, this.end));
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NAMES = new Map([
  ['inf', Infinity],
  ['-inf', -Infinity],
  ['nan', Number.NaN],
  ['-nan', Number.NaN],
]);
/** Quotients of whole numbers up to 2^53 and these powers of ten are rounded once, as `Number()` does. */
const MOST_DECIMALS = 22;
const LARGEST_WHOLE = 2 ** 53;

/** The number that the bytes `[start, end)` spell; undefined where they spell none. Plain decimals, nearly all of a file, take no string. */
export function readNumber(bytes: Uint8Array, start: number, end: number): number | undefined {
  let whole = 0;
  let decimals = 0;
  let digits = 0;
  let hasPoint = false;
  const isNegative = bytes[start] === 0x2d;
  for (let place = start + (isNegative ? 1 : 0); place < end; place += 1) {
    const digit = (bytes[place] ?? 0) - 0x30;
    if (digit === -2 && !hasPoint) {
      hasPoint = true;
      continue;
    }
    whole = 10 * whole + digit;
    digits += 1;
    if (hasPoint) decimals += 1;
    if (digit < 0 || digit > 9 || whole > LARGEST_WHOLE || decimals > MOST_DECIMALS)
      return readSpelled(String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 400))));
  }
  if (digits === 0) return undefined;
  return (isNegative ? -whole : whole) / 10 ** decimals;
}

const readSpelled = (text: string): number | undefined =>
  NUMBER.test(text) ? Number(text) : NAMES.get(text.toLowerCase());
