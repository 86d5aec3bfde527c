/** How Python splits text, where JavaScript does it in another way. */
import { isPythonSpace } from '../base/python-space.ts';

const isLineEnd = (unit: number): boolean =>
  (unit >= 0x0a && unit <= 0x0d) ||
  (unit >= 0x1c && unit <= 0x1e) ||
  unit === 0x85 ||
  unit === 0x2028 ||
  unit === 0x2029;

function splitAt(text: string, isEnd: (unit: number) => boolean): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let place = 0; place < text.length; place += 1) {
    if (!isEnd(text.charCodeAt(place))) continue;
    if (place > start) parts.push(text.slice(start, place));
    start = place + 1;
  }
  if (start < text.length) parts.push(text.slice(start));
  return parts;
}

/** `str.split()`: the parts between white space, none of them empty. */
export const splitWords = (text: string): string[] => splitAt(text, isPythonSpace);

/** `str.splitlines()` without its empty lines. */
export const splitLines = (text: string): string[] => splitAt(text, isLineEnd);
