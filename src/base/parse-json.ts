/** Parses JSON of model files. Limits the nesting, so that code that walks it cannot overflow its stack, and accepts Python's extensions. */

/** Real files nest up to six levels. */
const MAX_DEPTH = 64;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
export const isOpening = (code: number): boolean => code === LIST || code === OBJECT;
export const isClosing = (code: number): boolean => code === LIST_END || code === OBJECT_END;
export const isObject = (code: number): boolean => code === OBJECT;

/**
 * Scans the brackets, commas and whole strings of a JSON text. It uses no regular expression, because that would overflow its
 * stack on a string of several MB.
 * @param visit gets the code of the first character and the range of each token. Any result but undefined ends the scan.
 */
export function scanJson<T>(
  json: string,
  visit: (code: number, start: number, end: number) => T | undefined,
): T | undefined {
  for (let start = 0; start < json.length; start++) {
    const code = json.charCodeAt(start);
    if (code !== QUOTE && code !== COMMA && !isOpening(code) && !isClosing(code)) continue;
    const end = code === QUOTE ? stringEnd(json, start) : start + 1;
    const result = visit(code, start, end);
    if (result !== undefined) return result;
    start = end - 1;
  }
  return undefined;
}

/** The position after the closing quote of the string that begins at `start`; the end of the text if there is no quote. */
function stringEnd(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); quote > 0; quote = json.indexOf('"', quote + 1)) {
    let backslash = quote;
    while (json[backslash - 1] === '\\') backslash--;
    // An odd number of preceding backslashes escapes the quote.
    if ((quote - backslash) % 2 === 0) return quote + 1;
  }
  return json.length;
}

/** Like `JSON.parse`. @throws SyntaxError also for JSON that nests too deep. */
export function parseJson(json: string): unknown {
  checkDepth(json);
  return JSON.parse(json) as unknown;
}

function checkDepth(json: string): void {
  let depth = 0;
  const isTooDeep = scanJson(json, (code) => {
    if (isOpening(code)) depth++;
    else if (isClosing(code)) depth--;
    return depth > MAX_DEPTH || undefined;
  });
  if (isTooDeep) throw new SyntaxError(`it nests deeper than ${MAX_DEPTH} levels`);
}

/** A string that stands for NaN and that no JSON text contains. */
const NAN_MARK = '\0NaN';

/**
 * Like Python's `json.loads`, which also accepts bare NaN, Infinity and -Infinity; old configurations contain them. Ignores a byte
 * order mark and zero bytes after the text, which a power failure can leave.
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0) end--;
  const json = text.slice(text.startsWith('\ufeff') ? 1 : 0, end);
  checkDepth(json);
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    const marked = markSpecialNumbers(json);
    if (marked === json) throw error;
    return JSON.parse(marked, (_, item: unknown) => (item === NAN_MARK ? NaN : item)) as unknown;
  }
}

/** Replaces bare NaN and Infinity by text that `JSON.parse` accepts. */
function markSpecialNumbers(json: string): string {
  const mark = (part: string): string =>
    part.replace(/(?<![\w.])(?:NaN|-?Infinity)(?!\w|\s*:)/g, (token) =>
      token === 'NaN' ? JSON.stringify(NAN_MARK) : token.replace('Infinity', '1e999'),
    );
  let marked = '';
  let done = 0;
  scanJson(json, (code, start, end) => {
    if (code !== QUOTE) return undefined;
    marked += mark(json.slice(done, start)) + json.slice(start, end);
    done = end;
    return undefined;
  });
  return marked + mark(json.slice(done));
}
