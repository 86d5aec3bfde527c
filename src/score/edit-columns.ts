/**
 * Columns of the matrix of edit distances of all prefixes, as differences from row to row: two bits a cell, 32 rows at a time (Myers 1999, in the
 * blocks of Hyyrö 2003). Pure.
 */

/** How many blocks of 32 rows there are. */
export const blockCountOf = (rowCount: number): number => Math.ceil(rowCount / 32);

export class EditColumns {
  /** Whether a row is one more than the row above it, and whether it is one less: a bit a row, a column behind the other. */
  readonly #up: Int32Array;
  readonly #down: Int32Array;
  readonly #blockCount: number;

  /** All columns begin as the one before the first token: each row is one more than the row above. */
  constructor(columnCount: number, blockCount: number) {
    this.#up = new Int32Array(columnCount * blockCount).fill(-1);
    this.#down = new Int32Array(columnCount * blockCount);
    this.#blockCount = blockCount;
  }

  isUp(column: number, row: number): boolean {
    return (((this.#up[column * this.#blockCount + (row >>> 5)] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  isDown(column: number, row: number): boolean {
    return (((this.#down[column * this.#blockCount + (row >>> 5)] ?? 0) >>> (row & 31)) & 1) === 1;
  }

  copy(column: number, other: EditColumns, otherColumn: number): void {
    const [from, to] = [otherColumn * this.#blockCount, column * this.#blockCount];
    this.#up.set(other.#up.subarray(from, from + this.#blockCount), to);
    this.#down.set(other.#down.subarray(from, from + this.#blockCount), to);
  }

  /**
   * The column behind the next token.
   * @param to may be the same column. @param equal the rows that are that token. @param blockCount blocks further down are not computed.
   */
  advance(from: number, to: number, equal: Int32Array, blockCount: number): void {
    const [up, down] = [this.#up, this.#down];
    const [source, target] = [from * this.#blockCount, to * this.#blockCount];
    // The row above the first one grows by one from column to column.
    let carriedUp = 1;
    let carriedDown = 0;
    for (let block = 0; block < blockCount; block += 1) {
      const wasUp = up[source + block] ?? 0;
      const wasDown = down[source + block] ?? 0;
      const match = equal[block] ?? 0;
      const carried = match | carriedDown;
      const diagonal = ((((carried & wasUp) + wasUp) | 0) ^ wasUp) | carried;
      const right = wasDown | ~(diagonal | wasUp);
      const left = wasUp & diagonal;
      const rightShifted = (right << 1) | carriedUp;
      const leftShifted = (left << 1) | carriedDown;
      carriedUp = right >>> 31;
      carriedDown = left >>> 31;
      up[target + block] = leftShifted | ~(match | wasDown | rightShifted);
      down[target + block] = rightShifted & (match | wasDown);
    }
  }
}

/** Which rows are equal to a token. */
export class RowMasks {
  readonly #dense = new Map<number, Int32Array>();
  readonly #rows = new Map<number, number[]>();
  readonly #scratch: Int32Array;

  constructor(tokens: readonly number[]) {
    const blockCount = blockCountOf(tokens.length);
    this.#scratch = new Int32Array(blockCount);
    for (const [row, token] of tokens.entries()) {
      const rows = this.#rows.get(token);
      if (rows) rows.push(row);
      else this.#rows.set(token, [row]);
    }
    // Masks of all tokens would take the square of the length. Of tokens as frequent as this there are at most 32.
    for (const [token, rows] of this.#rows)
      if (rows.length >= blockCount) this.#dense.set(token, withBits(new Int32Array(blockCount), rows));
  }

  /** Calls with the mask of a token, which holds during the call only. */
  use(token: number, run: (mask: Int32Array) => void): void {
    const dense = this.#dense.get(token);
    if (dense) {
      run(dense);
      return;
    }
    const rows = this.#rows.get(token) ?? [];
    run(withBits(this.#scratch, rows));
    for (const row of rows) this.#scratch[row >>> 5] = 0;
  }
}

function withBits(mask: Int32Array, rows: readonly number[]): Int32Array {
  for (const row of rows) mask[row >>> 5] = (mask[row >>> 5] ?? 0) | (1 << (row & 31));
  return mask;
}
