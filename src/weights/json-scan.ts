/** Finds repeated keys in JSON: `JSON.parse` silently keeps the last of them, so a file could say two things. */

/** Strings, structural characters, and everything else (numbers, literals) as one token each. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

/**
 * The first key that an object of `json` holds twice, at any depth, with escapes resolved; undefined when there is none.
 * @param json text that `JSON.parse` has accepted.
 */
export function findDuplicateKey(json: string): string | undefined {
  /** One entry for each open bracket: the keys so far of an object, or null for an array. */
  const open: (Set<string> | null)[] = [];
  let keyExpected = false;
  for (const [token] of json.matchAll(TOKEN)) {
    const keys = open.at(-1);
    if (keyExpected && keys && token.startsWith('"')) {
      const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (keys.has(key)) return key;
      keys.add(key);
      keyExpected = false;
    } else if (token === '{') {
      open.push(new Set());
      keyExpected = true;
    } else if (token === '[') {
      open.push(null);
      keyExpected = false;
    } else if (token === '}' || token === ']') {
      open.pop();
      keyExpected = false;
    } else if (token === ',') {
      keyExpected = Boolean(keys);
    }
  }
  return undefined;
}
