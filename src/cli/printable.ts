/** Text of files and servers on its way to a terminal, which obeys control characters. */

/** Control characters, those that turn the direction of text, and the two line ends of Unicode. */
const UNSAFE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const codeOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);

/** Shows what a terminal would obey: `\x1b`, `\u202e`. Line ends are among it, as everything printed is a line. */
export const printable = (text: string): string =>
  text.replace(UNSAFE, (character) => {
    const code = codeOf(character);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
  });

/** The same for text of several lines, such as names of adapters in a report. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** A message on one line. */
export const oneLine = (text: string): string => printable(text.trim().replace(/\s*[\r\n]+\s*/g, ' '));

/** JSON whose strings hold nothing that a terminal obeys; layout by line ends stays. */
export const printableJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, undefined, indent).replace(UNSAFE, (character) =>
    character === '\n' ? character : `\\u${codeOf(character).padStart(4, '0')}`,
  );
