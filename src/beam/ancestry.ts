/** Nodes that go on from each other: a tree that only knows parents, and forgets what nobody goes on from. */
import { NumberColumn, FORGOTTEN, placesOf } from './column.ts';

/** The parent of a node without one. */
const NONE = -1;

export class Ancestry {
  readonly #parents = new NumberColumn();
  readonly #depths = new NumberColumn();
  count = 0;

  constructor() {
    this.add(NONE);
  }

  add(parent: number): number {
    const node = this.count;
    this.count += 1;
    this.#parents.set(node, parent);
    this.#depths.set(node, parent === NONE ? 0 : this.#depths.at(parent) + 1);
    return node;
  }

  parent(node: number): number {
    return this.#parents.at(node);
  }

  /** Steps from the first node, also those that were forgotten. */
  depth(node: number): number {
    return this.#depths.at(node);
  }

  isRoot(node: number): boolean {
    return this.#parents.at(node) === NONE;
  }

  /** The last node that all of these go on from; undefined where they have none in common any more. @param nodes at least one. */
  common(nodes: readonly number[]): number | undefined {
    const [first = 0, ...others] = nodes;
    let common = first;
    for (const node of others) {
      let other = node;
      while (common !== other) {
        const isDeeper = this.#depths.at(common) > this.#depths.at(other);
        const next = this.#parents.at(isDeeper ? common : other);
        if (next === NONE) return undefined;
        if (isDeeper) common = next;
        else other = next;
      }
    }
    return common;
  }

  /** The node of this depth that a deeper one goes on from. */
  ancestor(node: number, depth: number): number {
    let at = node;
    while (this.#depths.at(at) > depth) at = this.#parents.at(at);
    return at;
  }

  /** A node and those it goes on from, down to but without those of this depth; the last one first. */
  *upTo(node: number, depth: number): Generator<number, void, undefined> {
    for (let at = node; at !== NONE && this.#depths.at(at) > depth; at = this.#parents.at(at)) yield at;
  }

  /**
   * Forgets all nodes but these and those they go on from, and of the latter those that are less deep than `depth`.
   * @returns new places by old ones.
   */
  compact(nodes: readonly number[], depth: number): Int32Array {
    const isKept = new Uint8Array(this.count);
    for (const node of nodes)
      for (let at = node; at !== NONE && isKept[at] !== 1; at = this.#parents.at(at)) {
        isKept[at] = 1;
        if (this.#depths.at(at) <= depth) break;
      }
    const moved = placesOf(isKept, this.count);
    for (const [node, place] of moved.entries()) {
      if (place === FORGOTTEN) continue;
      const parent = this.#parents.at(node);
      this.#parents.set(place, parent === NONE ? NONE : (moved[parent] ?? FORGOTTEN));
      this.#depths.set(place, this.#depths.at(node));
      this.count = place + 1;
    }
    return moved;
  }
}
