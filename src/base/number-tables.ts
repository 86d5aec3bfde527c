/** Tables of whole numbers from callers: masks and labels, as tensors or as lists of lists. */
import { isList, isView } from './checks.ts';
import { UniSpeechError } from './errors.ts';
import { badInput } from './option-checks.ts';
import { badTensor } from './tensor-checks.ts';
import { Tensor } from './tensor.ts';

/** A table [rows, columns] in the forms that callers may choose. */
export type NumberTable = Tensor | readonly (ArrayLike<number> | ArrayLike<bigint>)[];

/** A list of whole numbers in these forms. */
export type NumberList = Tensor | readonly (number | bigint)[] | Int32Array | BigInt64Array;

/** What a table holds. */
interface TableKind<Row> {
  readonly makeRow: (length: number) => Row;
  /** Typed arrays that may be rows. */
  readonly views: readonly ('Uint8Array' | 'Int32Array' | 'BigInt64Array' | 'Float32Array')[];
  /** What one entry must be, and many. */
  readonly entry: string;
  readonly entries: string;
  /** @returns undefined for an entry that the table may not hold. */
  readonly read: (entry: unknown) => number | undefined;
}

const MASK: TableKind<Uint8Array<ArrayBuffer>> = {
  makeRow: (length) => new Uint8Array(length),
  views: ['Uint8Array', 'Int32Array', 'BigInt64Array', 'Float32Array'],
  entry: 'zero or one',
  entries: 'zeros and ones',
  read(entry) {
    const bit = typeof entry === 'bigint' || typeof entry === 'boolean' ? Number(entry) : entry;
    return bit === 0 || bit === 1 ? bit : undefined;
  },
};

const INTEGERS: TableKind<Int32Array<ArrayBuffer>> = {
  makeRow: (length) => new Int32Array(length),
  views: ['Int32Array', 'BigInt64Array'],
  entry: 'a whole number of at most 32 bits',
  entries: 'whole numbers',
  read(entry) {
    const id = typeof entry === 'bigint' ? Number(entry) : entry;
    return id === Number(id) && Math.trunc(id) === id && Math.abs(id) < 2 ** 31 ? id : undefined;
  },
};

/**
 * The rows of a mask as zeros and ones. Entries may be numbers, bigints or booleans.
 * @param name shown in errors.
 * @throws UniSpeechError `bad-input`.
 */
export const maskRows = (mask: unknown, name: string): Uint8Array<ArrayBuffer>[] =>
  readRows(mask, name, MASK);

/**
 * A mask [rows, columns] in one array.
 * @param name shown in errors.
 * @throws UniSpeechError `bad-input`, also for a mask of another shape.
 */
export function flatMask(
  mask: unknown,
  name: string,
  rows: number,
  columns: number,
): Uint8Array<ArrayBuffer> {
  const bits = maskRows(mask, name);
  const wrong = bits.find(({ length }) => length !== columns);
  if (bits.length !== rows || wrong) {
    const found = bits.length === rows && wrong ? `a row of ${wrong.length}` : `${bits.length} rows`;
    throw new UniSpeechError(
      'bad-input',
      `${name} must have the shape [${rows}, ${columns}] (batch, frames), but it has ${found}.`,
    );
  }
  const flat = new Uint8Array(rows * columns);
  bits.forEach((row, index) => flat.set(row, index * columns));
  return flat;
}

/** How many entries of a mask are one. */
export const countOnes = (bits: Uint8Array): number => bits.reduce((sum, bit) => sum + bit, 0);

/**
 * The rows of a table of ids: numbers or bigints, but no floats. Rows of a list may have different lengths.
 * @param name shown in errors.
 * @throws UniSpeechError `bad-input`.
 */
export const integerRows = (table: unknown, name: string): Int32Array<ArrayBuffer>[] =>
  readRows(table, name, INTEGERS);

/**
 * A list of ids. Of a tensor the dims do not matter.
 * @param name shown in errors.
 * @throws UniSpeechError `bad-input`.
 */
export const integerList = (list: unknown, name: string): Int32Array<ArrayBuffer> =>
  readRow(list instanceof Tensor ? list.data : list, name, INTEGERS);

function readRows<Row extends Uint8Array | Int32Array>(
  table: unknown,
  name: string,
  kind: TableKind<Row>,
): Row[] {
  const tensor = table instanceof Tensor ? (table as Tensor) : undefined;
  const rows: unknown =
    tensor?.dims.length === 2
      ? Array.from({ length: tensor.dims[0] ?? 0 }, (_, row) => tensor.at(row).data)
      : table;
  if (!isList(rows)) throw badTensor(name, table, 'a tensor [rows, columns] or a list of lists');
  return Array.from(rows, (row, index) => readRow(row, `row ${index} of ${name}`, kind));
}

/** @param place where the row is, for errors. */
function readRow<Row extends Uint8Array | Int32Array>(
  row: unknown,
  place: string,
  { makeRow, views, entry, entries, read }: TableKind<Row>,
): Row {
  if (!isList(row) && !isView(row, ...views))
    throw badInput(place.replace(/^row/, 'Row'), row, `a list of ${entries}`);
  const numbers = makeRow(row.length);
  for (let column = 0; column < numbers.length; column += 1) {
    const value = read(row[column]);
    if (value === undefined) throw badInput(`Entry ${column} of ${place}`, row[column], entry);
    numbers[column] = value;
  }
  return numbers;
}
