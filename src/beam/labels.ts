/** What the columns of logits stand for, as pyctcdecode's alphabets have it (`alphabet.py`). */
import { isListOf } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import { splitWords } from './python-text.ts';

/** The label that stands for an unknown token. */
export const UNKNOWN_LABEL = '⁇';
const BPE_STARTS: readonly string[] = ['##', '▁'];

export interface LabelSet {
  /** Columns of a frame. */
  readonly count: number;
  /** The column that says nothing. */
  readonly blank: number;
  /** The column between words; undefined where all is one word. */
  readonly space: number | undefined;
  /** What each column spells. */
  readonly codePoints: readonly (readonly number[])[];
}

/**
 * The labels of a vocabulary as pyctcdecode makes them: `|` becomes a space if there is none, the pad token (or else `_`) the blank, and an unknown
 * token `⁇`. Without a blank one is appended.
 * @param tokens of the vocabulary, by id.
 */
export function normalizedLabels(tokens: readonly string[]): string[] {
  const hasSpace = tokens.includes(' ');
  const isPad = (token: string): boolean => /^(<pad>|\[pad\])$/i.test(token);
  const hasBlank = tokens.includes('');
  const hasPad = tokens.some(isPad);
  const labels = tokens.map((token) => {
    if (token === '|' && !hasSpace) return ' ';
    if (!hasBlank && (hasPad ? isPad(token) : token === '_')) return '';
    return /^(<unk>|\[unk\])$/i.test(token) ? UNKNOWN_LABEL : token;
  });
  return labels.includes('') ? labels : [...labels, ''];
}

/**
 * @param labels by column: `''` is the blank, `' '` the space.
 * @param name of the list, for errors.
 * @throws UniSpeechError `bad-option`, or `unsupported` for pieces of words.
 */
export function labelSet(labels: unknown, name: string): LabelSet {
  const isText = (label: unknown): label is string => typeof label === 'string';
  if (!isListOf(labels, isText))
    throw badOption(name, labels, 'a list of strings, one a column of the logits');
  refusePieces(labels, name);
  const columns = new Map<string, number>();
  for (const [column, label] of labels.entries()) {
    const first = columns.get(label);
    if (first !== undefined)
      throw new UniSpeechError(
        'bad-option',
        `${name} has ${describeValue(label)} twice, in columns ${first} and ${column}, but labels must differ.`,
      );
    if (label !== ' ' && label !== '' && splitWords(label).join('') !== label)
      throw badOption(`${name}[${column}]`, label, 'without white space, or one space alone');
    columns.set(label, column);
  }
  const blank = columns.get('');
  if (blank === undefined)
    throw new UniSpeechError(
      'bad-option',
      `${name} has no blank among its ${labels.length} labels.`,
      "Give the column of CTC's blank the label ''.",
    );
  return {
    count: labels.length,
    blank,
    space: columns.get(' '),
    codePoints: labels.map(codePointsOf),
  };
}

const codePointsOf = (label: string): number[] => Array.from(label, (letter) => letter.codePointAt(0) ?? 0);

/** @throws UniSpeechError `unsupported`. */
function refusePieces(labels: readonly string[], name: string): void {
  const piece = labels.find((label) => BPE_STARTS.some((start) => label.startsWith(start)));
  if (piece === undefined) return;
  throw new UniSpeechError(
    'unsupported',
    `${name} has ${describeValue(piece)}, a piece of a word, but only letters are decoded with beams.`,
    'Use a model whose vocabulary is of letters.',
  );
}

/**
 * The labels of a tokenizer of letters. Columns without a token spell nothing, and so do the marks of beginning and end.
 * @throws UniSpeechError `unsupported` for phonemes and for pieces of words, `bad-option` without a blank.
 */
export function labelsOfTokenizer(tokenizer: Tokenizer, vocabSize: number): LabelSet {
  // By its parts: entries for pages have classes of their own.
  if (!('do_lower_case' in tokenizer))
    throw new UniSpeechError(
      'unsupported',
      'Beam search makes words of letters, but the tokenizer of this model is of phonemes.',
      'Leave the decoder out.',
    );
  const {
    pad_token_id: blank,
    word_delimiter_token_id: space,
    unk_token_id,
    bos_token_id,
    eos_token_id,
  } = tokenizer;
  const labels = new Array<string>(vocabSize).fill('');
  for (const [token, id] of tokenizer.get_vocab()) if (id < vocabSize) labels[id] = token;
  refusePieces(labels, 'The vocabulary');
  if (blank === null || blank >= vocabSize)
    throw new UniSpeechError('bad-option', 'Beam search needs a blank, but the tokenizer has no pad token.');
  const spelled = (label: string, id: number): readonly number[] => {
    if (id === unk_token_id) return codePointsOf(UNKNOWN_LABEL);
    if (id === bos_token_id || id === eos_token_id) return [];
    return codePointsOf(tokenizer.do_lower_case ? label.toLowerCase() : label);
  };
  return { count: vocabSize, blank, space: space ?? undefined, codePoints: labels.map(spelled) };
}
