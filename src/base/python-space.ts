/** White space as Python has it. */

/** What `str.isspace` holds of a code unit: unlike `\s` it knows U+001C to U+001F and U+0085, and not the byte order mark. */
export const isPythonSpace = (unit: number): boolean =>
  (unit >= 0x09 && unit <= 0x0d) ||
  (unit >= 0x1c && unit <= 0x20) ||
  unit === 0x85 ||
  (unit > 0x85 && unit !== 0xfeff && /\s/.test(String.fromCharCode(unit)));
