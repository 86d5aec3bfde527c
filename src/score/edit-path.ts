/** The shortest way from one list of tokens to another. Pure. */
import { UniSpeechError } from '../base/errors.ts';
import { blockCountOf, EditColumns, RowMasks } from './edit-columns.ts';

export type EditType = 'equal' | 'substitute' | 'insert' | 'delete';

/** A run of tokens of both sides: from its start up to its end, which is the start of the next. The names are jiwer's. */
export interface EditBlock {
  readonly type: EditType;
  readonly ref_start_idx: number;
  readonly ref_end_idx: number;
  readonly hyp_start_idx: number;
  readonly hyp_end_idx: number;
}

/** Pairs of tokens: a quarter of a million words beside as many. */
const MOST_PAIRS = 2 ** 36;
const MOST_BYTES = 2 ** 28;
/** A matrix of this size is kept as a whole, which takes half the time. */
const WHOLE_BYTES = 2 ** 23;

/**
 * Of all shortest ways it takes the one that rapidfuzz takes, and so jiwer: equal tokens at both ends are set aside; then, from the end, a
 * deletion goes before an insertion, and that before a pair. The matrix takes two bits for each pair of tokens. Of a large one only every so
 * manieth column is kept, about the square root of their number, and those between are computed again.
 * @throws UniSpeechError `limit-exceeded` where that would take minutes or gigabytes.
 */
export function editPath(reference: readonly string[], hypothesis: readonly string[]): readonly EditBlock[] {
  const shortest = Math.min(reference.length, hypothesis.length);
  let prefix = 0;
  while (prefix < shortest && reference[prefix] === hypothesis[prefix]) prefix += 1;
  let suffix = 0;
  while (suffix < shortest - prefix && reference.at(-1 - suffix) === hypothesis.at(-1 - suffix)) suffix += 1;
  const ids = new Map<string, number>();
  const idOf = (token: string): number => {
    const id = ids.get(token) ?? ids.size;
    ids.set(token, id);
    return id;
  };
  const rows = reference.slice(prefix, reference.length - suffix).map(idOf);
  const columns = hypothesis.slice(prefix, hypothesis.length - suffix).map(idOf);
  const blocks = new BlockList();
  blocks.add('equal', prefix);
  for (const type of editsBetween(rows, columns).reverse()) blocks.add(type, 1);
  blocks.add('equal', suffix);
  return blocks.list;
}

/** Runs of equal edits. */
class BlockList {
  readonly list: EditBlock[] = [];

  add(type: EditType, length: number): void {
    if (length === 0) return;
    const last = this.list.at(-1);
    const [row, column] = [last?.ref_end_idx ?? 0, last?.hyp_end_idx ?? 0];
    const starts =
      last?.type === type
        ? { ref_start_idx: last.ref_start_idx, hyp_start_idx: last.hyp_start_idx }
        : { ref_start_idx: row, hyp_start_idx: column };
    if (last?.type === type) this.list.pop();
    this.list.push({
      type,
      ref_start_idx: starts.ref_start_idx,
      ref_end_idx: row + (type === 'insert' ? 0 : length),
      hyp_start_idx: starts.hyp_start_idx,
      hyp_end_idx: column + (type === 'delete' ? 0 : length),
    });
  }
}

/** From the last one to the first. */
function editsBetween(rows: readonly number[], columns: readonly number[]): EditType[] {
  const edits: EditType[] = [];
  let [row, column] = [rows.length, columns.length];
  if (row > 0 && column > 0) {
    const stride = strideOf(row, column);
    const masks = new RowMasks(rows);
    const kept = keptColumns(masks, rows.length, columns, stride);
    const work = new EditColumns(Math.min(stride, column) + 1, blockCountOf(row));
    for (let index = Math.ceil(column / stride) - 1; index >= 0 && row > 0; index -= 1) {
      const first = index * stride;
      work.copy(0, kept, index);
      const blockCount = blockCountOf(row);
      for (let next = first; next < column; next += 1)
        masks.use(columns[next] ?? 0, (mask) =>
          work.advance(next - first, next - first + 1, mask, blockCount),
        );
      while (row > 0 && column > first) {
        if (work.isUp(column - first, row - 1)) {
          row -= 1;
          edits.push('delete');
          continue;
        }
        column -= 1;
        // The column before the first token never falls.
        if (work.isDown(column - first, row - 1)) edits.push('insert');
        else {
          row -= 1;
          edits.push(rows[row] === columns[column] ? 'equal' : 'substitute');
        }
      }
    }
  }
  for (; row > 0; row -= 1) edits.push('delete');
  for (; column > 0; column -= 1) edits.push('insert');
  return edits;
}

/** How many columns lie between two that are kept. */
function strideOf(rowCount: number, columnCount: number): number {
  const columnBytes = 8 * blockCountOf(rowCount);
  const stride = columnBytes * columnCount <= WHOLE_BYTES ? columnCount : Math.ceil(Math.sqrt(columnCount));
  const byteLength = columnBytes * (stride + Math.ceil(columnCount / stride) + 1);
  if (rowCount * columnCount <= MOST_PAIRS && byteLength <= MOST_BYTES) return stride;
  throw new UniSpeechError(
    'limit-exceeded',
    `An utterance has ${rowCount} tokens in the reference and ${columnCount} in the hypothesis from their first difference to the last: ${(rowCount * columnCount).toPrecision(3)} pairs and ${byteLength} bytes, the limits are ${MOST_PAIRS} and ${MOST_BYTES}.`,
    'Give lists of shorter utterances, or count words instead of characters.',
  );
}

/** The columns 0, stride, twice the stride and so on, without the last one. */
function keptColumns(
  masks: RowMasks,
  rowCount: number,
  columns: readonly number[],
  stride: number,
): EditColumns {
  const blockCount = blockCountOf(rowCount);
  const keptCount = Math.ceil(columns.length / stride);
  const kept = new EditColumns(keptCount, blockCount);
  for (let index = 1; index < keptCount; index += 1) {
    kept.copy(index, kept, index - 1);
    for (let column = (index - 1) * stride; column < index * stride; column += 1)
      masks.use(columns[column] ?? 0, (mask) => kept.advance(index, index, mask, blockCount));
  }
  return kept;
}
