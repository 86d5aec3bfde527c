/** Reads what losses need from the arguments of a call. */
import { isList, isListOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { integerList, integerRows, maskRows } from '../base/number-tables.ts';
import { badInput } from '../base/option-checks.ts';
import { badTensor } from '../base/tensor-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { IGNORED_LABEL } from './cross-entropy.ts';

/**
 * Labels of texts, a row for each item. Negative entries are padding.
 * @throws UniSpeechError `bad-input` for other tables, another number of rows, or a label of at least `vocabularySize`.
 */
export function readTextLabels(
  labels: unknown,
  items: number,
  vocabularySize: number,
): readonly Int32Array[] {
  const rows = integerRows(labels, 'labels');
  checkCount(rows.length, 'rows', items);
  rows.forEach((row, item) => {
    const position = row.findIndex((label) => label >= vocabularySize);
    if (position >= 0)
      throw badInput(
        `Entry ${position} of row ${item} of labels`,
        row[position],
        `below vocab_size, ${vocabularySize}`,
      );
  });
  return rows;
}

/**
 * The class of each item.
 * @throws UniSpeechError `bad-input` for another number of labels, or one that is neither −100 nor a class.
 */
export function readClassLabels(labels: unknown, items: number, classCount: number): Int32Array {
  const list = integerList(labels, 'labels');
  checkCount(list.length, 'entries', items);
  const wrong = list.findIndex((label) => label !== IGNORED_LABEL && !(label >= 0 && label < classCount));
  if (wrong >= 0)
    throw badInput(`Entry ${wrong} of labels`, list[wrong], `a class, from 0 to ${classCount - 1}`);
  return list;
}

/**
 * The class of each frame: the first one with the largest label.
 * @param labels one-hot, of these dims: a tensor, or nested lists.
 * @throws UniSpeechError `bad-input` for other shapes, or entries that are neither 0 nor 1.
 */
export function readFrameLabels(
  labels: unknown,
  [items, frames, classCount]: readonly [items: number, frames: number, classCount: number],
): Int32Array {
  const rows = maskRows(joinedAxes(labels, items, frames), 'labels');
  if (rows.length !== items * frames || rows.some(({ length }) => length !== classCount))
    throw badTensor('labels', labels, `of dims [${items}, ${frames}, ${classCount}]`);
  return Int32Array.from(rows, (row) => Math.max(row.indexOf(1), 0));
}

function checkCount(found: number, what: string, items: number): void {
  if (found === items) return;
  throw new UniSpeechError('bad-input', `labels has ${found} ${what}, but the batch has ${items} items.`);
}

/**
 * Negatives, [items, frames, negatives of a frame], as a tensor or nested lists.
 * @throws UniSpeechError `bad-input` for other shapes, or an index that is no frame of the batch.
 */
export function readNegativeIndices(indices: unknown, items: number, frames: number): Tensor<'int32'> {
  const name = 'sampled_negative_indices';
  const rows = integerRows(joinedAxes(indices, items, frames), name);
  const count = rows[0]?.length ?? 0;
  if (rows.length !== items * frames || count === 0 || rows.some(({ length }) => length !== count))
    throw badTensor(name, indices, `of dims [${items}, ${frames}, negatives of a frame]`);
  const flat = new Int32Array(rows.length * count);
  rows.forEach((row, frame) => flat.set(row, frame * count));
  const wrong = flat.find((index) => index < 0 || index >= items * frames);
  if (wrong !== undefined)
    throw badInput(`An entry of ${name}`, wrong, `a frame of the batch, from 0 to ${items * frames - 1}`);
  return new Tensor('int32', flat, [items, frames, count]);
}

/** A table of three axes, of which the first two have these lengths, as one of two axes. Anything else as a table without rows. */
function joinedAxes(table: unknown, items: number, frames: number): unknown {
  if (table instanceof Tensor) {
    const { type, data, dims } = table as Tensor;
    const [first, second, third, ...more] = dims;
    if (first !== items || second !== frames || third === undefined || more.length > 0) return [];
    return new Tensor(type, data, [items * frames, third]);
  }
  const hasFrames = (item: unknown): item is readonly unknown[] => isList(item) && item.length === frames;
  return isListOf(table, hasFrames) && table.length === items ? table.flat() : [];
}
