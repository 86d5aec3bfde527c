/** Texts made to hurt: lines of 100,000 words, marks without letters, text that runs to the left, damaged UTF-16. */
import type { Random } from '../fuzz/random.ts';

const LONG = 100_000;

export const HOSTILE_TEXTS: readonly (readonly [name: string, text: string])[] = [
  ['words', 'word '.repeat(LONG)],
  ['one word', 'a'.repeat(LONG)],
  ['punctuation', '.'.repeat(LONG)],
  ['words of punctuation', '… '.repeat(LONG)],
  ['closing marks', `a.${')'.repeat(LONG)}b`],
  ['white space', `a${' '.repeat(LONG)}\n${'\t'.repeat(LONG)}b`],
  ['line breaks', `a${'\n'.repeat(LONG)}b`],
  ['combining marks', `e${'\u0301'.repeat(LONG)}`],
  ['digits', '7'.repeat(LONG)],
  ['emoji', '👩‍👩‍👧‍👦 '.repeat(LONG / 10)],
  ['lone surrogates', '\ud800 \udc00x'.repeat(LONG / 10)],
  ['text from right to left', '\u202eשלום hello \u202c'.repeat(LONG / 10)],
  ['control characters', '\u0000\u0007\u001b[2J\u009b '.repeat(LONG / 10)],
];

const PIECES = [
  ...[
    'hello',
    'Straße',
    'don’t',
    'naïve',
    'e\u0301\u0301',
    'שלום',
    'مرحبا',
    '日本',
    '🤦🏽‍♀️',
    '🇫🇷',
    '42',
    '½',
    'ﬀ',
    'İ',
  ],
  ...['.', '?!', '…', '—', '|', '*', '"', '<b>', '&', '-->', ';;', '\\', "'", '\ufeff', '\u200d', '\u0301'],
  ...[
    ' ',
    ' ',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '\u00a0',
    '\u2028',
    '\u0085',
    '\u202e',
    '\u2066',
    '\ud800',
    '\udc00',
    '\u0000',
    '\u001b',
  ],
];

/** Up to `length` pieces, of which some are cut in the middle. */
export const hostileText = (random: Random, length: number): string =>
  Array.from({ length: random.below(length + 1) }, () => {
    const piece = random.pick(PIECES);
    return random.chance(0.1) ? piece.slice(random.below(piece.length + 1)) : piece;
  }).join('');
