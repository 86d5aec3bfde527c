/** Numbers that are appended by the thousand: a typed array that grows. One kind for all, so that engines compile one access. */

/** The mark of what is forgotten in lists of new places. */
export const FORGOTTEN = -1;

export class NumberColumn {
  #values = new Float64Array(256);

  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#values.length) {
      const larger = new Float64Array(Math.max(index + 1, 2 * this.#values.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[index] = value;
  }

  /** Moves each value to its new place. @param moved by old place, rising; `FORGOTTEN` for those that go. */
  move(moved: Int32Array): void {
    for (const [from, to] of moved.entries()) if (to !== FORGOTTEN) this.set(to, this.at(from));
  }
}

/** The same for a list. */
export const movedItems = <Item>(items: readonly Item[], moved: Int32Array): Item[] =>
  items.filter((_, index) => moved[index] !== FORGOTTEN);

/** New places of the marked ones, which close ranks. */
export function placesOf(isKept: Uint8Array, count: number): Int32Array {
  const moved = new Int32Array(count).fill(FORGOTTEN);
  let kept = 0;
  for (let index = 0; index < count; index += 1) if (isKept[index] === 1) moved[index] = kept++;
  return moved;
}
