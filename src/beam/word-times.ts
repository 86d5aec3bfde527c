/** When the words of beams were heard: lists that share their beginnings. */
import { Ancestry } from './ancestry.ts';
import { NumberColumn } from './column.ts';

/** The list without words. */
export const NO_TIMES = 0;

export class WordTimes {
  readonly #lists = new Ancestry();
  readonly #starts = new NumberColumn();
  readonly #ends = new NumberColumn();

  get count(): number {
    return this.#lists.count;
  }

  child(parent: number, start: number, end: number): number {
    const node = this.#lists.add(parent);
    this.#starts.set(node, start);
    this.#ends.set(node, end);
    return node;
  }

  /** How many times at the beginning these lists have in common. @param nodes at least one. */
  commonDepth(nodes: readonly number[]): number {
    const common = this.#lists.common(nodes);
    return common === undefined ? 0 : this.#lists.depth(common);
  }

  /** Start and end of the words from some depth on, in their order. */
  timesFrom(node: number, depth: number): (readonly [number, number])[] {
    return Array.from(
      this.#lists.upTo(node, depth),
      (at) => [this.#starts.at(at), this.#ends.at(at)] as const,
    ).reverse();
  }

  /** Keeps these lists without the times of the first `depth` words. @returns new places by old ones. */
  compact(nodes: readonly number[], depth: number): Int32Array {
    const moved = this.#lists.compact(nodes, depth);
    this.#starts.move(moved);
    this.#ends.move(moved);
    return moved;
  }
}
