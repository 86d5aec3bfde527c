/** What is aligned: tokens in order, with the columns of the model's output that they need. Pure. */
import { isCount, isList, isView } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badInput, badOption } from '../base/option-checks.ts';

/** What a star costs in a frame. `zero`: nothing. `max-non-blank`: what the likeliest label other than the blank costs. */
export type StarMode = 'zero' | 'max-non-blank';
export const STAR_MODES: readonly StarMode[] = ['zero', 'max-non-blank'];

/** Ids of the two stars inside this folder. Labels of models are not negative. */
export const ZERO_STAR = -1;
export const FAIR_STAR = -2;
export const isStar = (id: number): boolean => id < 0;

export interface AlignTarget {
  /** Labels and stars in order, without blanks. */
  readonly ids: Int32Array;
  /** What the columns hold: the blank first, then every label and star of `ids` once. */
  readonly columnIds: readonly number[];
  /** The column of each token, and behind them one of no meaning: the last blank has a place for a token, which no path takes. */
  readonly columns: Uint16Array;
  /** 1 where a path may leave out the blank before a token, 0 where it must not: between equal tokens, before the first, and at the end. */
  readonly skips: Uint8Array;
  /** The fewest frames that hold all tokens: one each, and one for the blank between equal neighbours. */
  readonly minFrameCount: number;
  readonly blank: number;
}

/** @param ids labels below the size of the vocabulary, other than the blank, and stars. */
export function makeTarget(ids: readonly number[], blank: number): AlignTarget {
  const columnOf = new Map<number, number>([[blank, 0]]);
  const columns = new Uint16Array(ids.length + 1);
  const skips = new Uint8Array(ids.length + 1);
  let repeatCount = 0;
  ids.forEach((id, index) => {
    const column = columnOf.get(id) ?? columnOf.size;
    columnOf.set(id, column);
    columns[index] = column;
    if (index === 0) return;
    if (ids[index - 1] === id) repeatCount += 1;
    else skips[index] = 1;
  });
  return {
    ids: Int32Array.from(ids),
    columnIds: [...columnOf.keys()],
    columns,
    skips,
    minFrameCount: ids.length + repeatCount,
    blank,
  };
}

/** Columns have numbers of 16 bits. */
const MAX_VOCABULARY = 2 ** 16 - 3;

/** @throws UniSpeechError `bad-option`. */
export function checkBlank(blank: unknown, vocabSize: number): void {
  if (!isCount(blank) || blank >= vocabSize)
    throw badOption('blank', blank, `a label of the vocabulary, from 0 to ${vocabSize - 1}`);
}

/** @throws UniSpeechError `bad-input`. */
export function checkVocabSize(vocabSize: unknown): void {
  if (!isCount(vocabSize) || vocabSize === 0 || vocabSize > MAX_VOCABULARY)
    throw badInput('vocabSize', vocabSize, `a whole number from 1 to ${MAX_VOCABULARY}`);
}

/**
 * The target of a caller's tokens, where `vocabSize` stands for the star.
 * @throws UniSpeechError `bad-input` for a token that is the blank or no label.
 */
export function targetOf(tokens: unknown, vocabSize: number, blank: number, star: StarMode): AlignTarget {
  const list = isView(tokens, 'Int32Array') ? Array.from(tokens) : tokens;
  if (!isList(list)) throw badInput('tokens', tokens, 'a list of labels');
  const starId = star === 'zero' ? ZERO_STAR : FAIR_STAR;
  // `map` passes over the holes of an array.
  const ids = Array.from(list, (id, index) => {
    if (!isCount(id) || id > vocabSize) {
      throw new UniSpeechError(
        'bad-input',
        `Token ${index} is ${describeValue(id)}, but labels are whole numbers below ${vocabSize}, and ${vocabSize} is the star.`,
      );
    }
    if (id === blank) {
      throw new UniSpeechError(
        'bad-input',
        `Token ${index} is ${id}, which is the blank: paths have blanks where they need them.`,
        'Leave blanks out of the tokens.',
      );
    }
    return id === vocabSize ? starId : id;
  });
  return makeTarget(ids, blank);
}
