/** Makes text from files and servers safe for a terminal, which obeys control characters. */

/** Control characters, characters that change the direction of text, and Unicode's two line separators. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const codeOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);

/** Replaces characters that a terminal would obey by visible ones: `\x1b`, `\u202e`. Line ends, too, because every output is one line. */
export const printable = (text: string): string =>
  text.replace(UNSAFE, (character) => {
    const code = codeOf(character);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
  });

/** The same for text with several lines, such as a report. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** A message on one line. */
export const oneLine = (text: string): string => printable(text.trim().replace(/\s*[\r\n]+\s*/g, ' '));

/** JSON whose strings contain nothing that a terminal obeys. The line ends of its layout stay. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, undefined, indent).replace(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${codeOf(character).padStart(4, '0')}`,
  );
