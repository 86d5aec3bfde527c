/** A language model of the words that the demo clips say, as an ARPA text: each is as likely as the others. */

export const DIGIT_WORDS = 'ZERO ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE YES RIGHT'.split(' ');

export const digitsArpa = (): string => {
  const log10 = (-Math.log10(DIGIT_WORDS.length + 1)).toFixed(6);
  const words = ['-99\t<s>\t0', `${log10}\t</s>`, ...DIGIT_WORDS.map((word) => `${log10}\t${word}\t0`)];
  const pairs = DIGIT_WORDS.map((word) => `${log10}\t<s> ${word}`);
  return [
    '\\data\\',
    `ngram 1=${words.length}`,
    `ngram 2=${pairs.length}`,
    '',
    '\\1-grams:',
    ...words,
    '',
    '\\2-grams:',
    ...pairs,
    '',
    '\\end\\',
    '',
  ].join('\n');
};
