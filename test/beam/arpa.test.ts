import { describe, expect, test } from 'vitest';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { arpaOf, vectors } from './vectors.ts';

const text = Buffer.from(arpaOf('lm3')).toString();
const lines = text.split('\n');
/** The text with one of its lines changed. */
const withLine = (line: string, ...others: readonly string[]): string => {
  const index = lines.indexOf(line);
  expect(index, line).toBeGreaterThan(0);
  return lines.toSpliced(index, 1, ...others).join('\n');
};
const word = lines.find((line) => line.endsWith('\tA\t0.02698038')) ?? '';
const pair = lines.find((line) => line.includes('<s> A\t')) ?? '';
const triple = lines[lines.indexOf('\\3-grams:') + 1] ?? '';

/** The edits of the vectors, by their names. The error names the line that is wrong, or says what is missing. */
const VARIANTS: Readonly<Record<string, readonly [edited: string, error?: RegExp]>> = {
  crlf: [lines.join('\r\n')],
  'comment and blank lines before': [`\n# a remark\n\n${text}`],
  'text before data': [`hello\n${text}`, /is no language model: line 1 is "hello"/],
  'trailing blank lines': [`${text}\n\n`],
  'trailing text': [`${text}\nmore\n`, /line 10\d\d: there is "more" behind/],
  'no end': [text.replace('\\end\\\n', ''), /ends after line 10\d\d, before its line "\\end\\"/],
  'count too big': [
    text.replace('ngram 2=392', 'ngram 2=393'),
    /there are only 392 2-grams, the header says 393/,
  ],
  'count too small': [
    text.replace('ngram 2=392', 'ngram 2=391'),
    /line 42\d: found ".+", expected "\\3-grams:" behind the 391 2-grams/,
  ],
  'space after =': [text.replace('ngram 1=27', 'ngram 1= 27')],
  'space before =': [text.replace('ngram 1=27', 'ngram 1 =27'), /line 2: found "ngram 1 =27"/],
  'order gap': [
    text.replace('ngram 2=392', 'ngram 3=392'),
    /line 3: found "ngram 3=392", expected "ngram 2="/,
  ],
  'spaces between words and probability': [
    withLine(pair, pair.replace('\t', '  ').replace('<s> A', '<s>  A')),
  ],
  'space before back-off': [withLine(word, word.replace('A\t', 'A ')), /expected a tab and a back-off/],
  'back-off nan': [withLine(word, '-1.452607\tA\tnan'), /line 10: the back-off is not a finite number/],
  'back-off -inf': [withLine(word, '-1.452607\tA\t-inf'), /line 10: the back-off is not a finite number/],
  'positive probability': [withLine(word, '0.5\tA\t0.1'), /line 10: log10 of a probability is 0.5/],
  'unknown word': [withLine(pair, pair.replace(' A', ' Q')), /the word "Q" is not among the 1-grams/],
  'zero back-off at the top order': [withLine(triple, `${triple}\t0`)],
  'back-off at the top order': [withLine(triple, `${triple}\t-0.5`), /a 3-gram has the back-off -0.5/],
  '<UNK>': [text.replace('<unk>', '<UNK>')],
  'no <s>': [text.replace('\t<s>\t', '\t<S>\t'), /the 1-grams lack <s>/],
  'no </s>': [text.replace('\t</s>\n', '\t</S>\n'), /the 1-grams lack <\/s>/],
  'lower-case header': [text.replace('\\data\\', '\\Data\\'), /line 1 is "\\\\Data\\\\"/],
  // KenLM refuses the mark. Editors write it, and it says nothing.
  bom: [`\ufeff${text}`],
  'unigrams only': [
    '\\data\\\nngram 1=3\n\n\\1-grams:\n-1\t<s>\n-1\t</s>\n-1\tA\n\n\\end\\\n',
    /has 1-grams alone, at least 2-grams are needed/,
  ],
  empty: ['', /is empty/],
};

const refusal = async (edited: string): Promise<string | undefined> =>
  LanguageModel.load(Buffer.from(edited)).then(
    () => undefined,
    (error: unknown) => {
      expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
      return String(error);
    },
  );

describe('what KenLM accepts is accepted, and what it refuses has an error', () => {
  test.each(vectors.kenlm.arpa_variants)('$name', async ({ name, accepted }) => {
    const [edited = '', error] = VARIANTS[name] ?? [];
    expect(name === 'bom' ? false : error === undefined).toBe(accepted);
    if (error) expect(await refusal(edited)).toMatch(error);
    else expect(await refusal(edited)).toBeUndefined();
  });

  test('no variant is left out', () => {
    expect(Object.keys(VARIANTS)).toHaveLength(vectors.kenlm.arpa_variants.length);
  });
});

describe('further rules', () => {
  test.each([
    ['a blank behind the back-off', withLine(word, `${word} `), /line 10: the back-off is not/],
    ['a word too few', withLine(pair, '-1\t<s>'), /found 1 words, expected 2/],
    ['no number', withLine(word, 'x\tA\t0'), /must begin with a number/],
    ['a probability that is NaN', withLine(word, 'nan\tA\t0'), /must begin with a number/],
    ['a context that is not there', withLine(triple, '-1\tZEBRA A CAT'), /"ZEBRA" is not among/],
    [
      'an order of 7',
      text.replace(
        'ngram 1=27',
        'ngram 1=27\nngram 2=1\nngram 3=1\nngram 4=1\nngram 5=1\nngram 6=1\nngram 7=1',
      ),
      /more than 6 words/,
    ],
    ['a count that is no number', text.replace('=27', '=many'), /line 2: found "ngram 1=many"/],
    ['no counts', text.replace(/ngram.*\n/g, ''), /has no n-grams/],
    ['a section twice', text.replace('\\2-grams:', '\\1-grams:'), /expected "\\2-grams:"/],
    ['a line of 100,000 words', withLine(pair, `-1\t${'A '.repeat(1e5)}`), /expected a tab and a back-off/],
    ['a word of 100,000 letters', withLine(word, `-1\t${'A'.repeat(1e5)}\t0`), /the word "A" is not among/],
    [
      'a count of n-grams that are not there',
      text.replace('=608', '=99999999999999'),
      /there are only 608 3-grams/,
    ],
  ])('%s is refused', async (_, edited, message) => {
    const error: unknown = await LanguageModel.load(Buffer.from(edited)).catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(message);
  });

  test.each([
    ['-1.5e0', -1.5],
    ['-0.000015E5', -1.5],
    ['-inf', -Infinity],
    ['0', -0],
    ['-.5', -0.5],
    ['-1.4526071234567890123456', Math.fround(-1.452607123456789)],
  ])('the number %s is read', async (written, expected) => {
    const model = await LanguageModel.load(Buffer.from(withLine(word, `${written}\tA\t0`)));
    expect(model.ngrams.score(model.ngrams.idOf('A'), [])).toBe(expected);
  });

  test('words are of any script, and their bytes count', async () => {
    const words = ['ÄÖ', 'слово', '言葉', '🙂'];
    const arpa = [
      '\\data\\',
      'ngram 1=6',
      'ngram 2=1',
      '',
      '\\1-grams:',
      '-1\t<s>\t-0.5',
      '-1\t</s>',
      ...words.map((each, index) => `-${index + 2}\t${each}\t-0.25`),
      '',
      '\\2-grams:',
      '-0.125\t言葉 🙂',
      '',
      '\\end\\',
    ].join('\n');
    const model = await LanguageModel.load(Buffer.from(arpa));
    expect(words.map((each) => model.score(each, { bos: false, eos: false }))).toEqual([-2, -3, -4, -5]);
    expect(model.score('言葉 🙂', { bos: false, eos: false })).toBe(-4.125);
    // <unk> has -100 where the text has none.
    expect(model.score('nobody', { eos: false })).toBe(-100.5);
    expect(model.unigrams?.size).toBe(5);
  });
});

test(
  'equal n-grams are read in bounded time, and the first of them counts',
  { timeout: 10_000 },
  async () => {
    const count = 200_000;
    const arpa = [
      '\\data\\',
      `ngram 1=${count + 3}`,
      `ngram 2=${count + 1}`,
      '',
      '\\1-grams:',
      '-1\t<s>\t-0.5',
      '-1\t</s>',
      '-2\tA\t-0.25',
      ...new Array<string>(count).fill('-3\tA\t-0.75'),
      '',
      '\\2-grams:',
      '-0.125\tA A',
      ...new Array<string>(count).fill('-4\tA A'),
      '',
      '\\end\\',
    ].join('\n');
    const model = await LanguageModel.load(Buffer.from(arpa));
    expect(model.score('A', { bos: false, eos: false })).toBe(-2);
    expect(model.score('A A', { bos: false, eos: false })).toBe(-2.125);
    expect(model.score('A', { bos: false })).toBe(-3.25);
  },
);
