/** Finds repeated keys in JSON: `JSON.parse` silently keeps the last of them, so a file could say two things. */
import { COMMA, isClosing, isObject, isOpening, QUOTE, scanJson } from '../base/parse-json.ts';

/**
 * The first key that an object of `json` holds twice, at any depth, with escapes resolved; undefined when there is none.
 * @param json text that `JSON.parse` has accepted.
 */
export function findDuplicateKey(json: string): string | undefined {
  /** One entry for each open bracket: the keys so far of an object, or null for an array. */
  const open: (Set<string> | null)[] = [];
  let keyExpected = false;
  return scanJson(json, (code, start, end) => {
    const keys = open.at(-1);
    if (isOpening(code)) {
      open.push(isObject(code) ? new Set() : null);
      keyExpected = isObject(code);
    } else if (isClosing(code)) {
      open.pop();
      keyExpected = false;
    } else if (code === COMMA) {
      keyExpected = Boolean(keys);
    } else if (keyExpected && keys && code === QUOTE) {
      const token = json.slice(start, end);
      const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (keys.has(key)) return key;
      keys.add(key);
      keyExpected = false;
    }
    return undefined;
  });
}
