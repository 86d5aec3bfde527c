/** The words that beams have begun, each once: a node for each letter behind others. */
import { NumberColumn, FORGOTTEN, movedItems, placesOf } from './column.ts';
import { PairTable } from './pair-table.ts';
import type { PrefixIndex, PrefixRange } from './prefix-index.ts';
import type { Scorer } from './scorer.ts';

/** The word without letters. */
export const EMPTY_WORD = 0;
const NOT_ASKED = -1;

/** The words of a set that begin with a node's letters; undefined where there are none. */
type Matches = PrefixRange | undefined;

export class WordTrie {
  readonly #scorer: Scorer;
  readonly #children = new PairTable();
  readonly #parents = new NumberColumn();
  readonly #codePoints = new NumberColumn();
  /** In code points and in UTF-16 units. */
  readonly #lengths = new NumberColumn();
  readonly #unitLengths = new NumberColumn();
  #unigrams: Matches[] = [];
  #hotwords: Matches[] = [];
  readonly #partShares = new NumberColumn();
  /** Ids of the model, once they were asked for. */
  readonly #ids = new NumberColumn();
  count = 0;

  constructor(scorer: Scorer) {
    this.#scorer = scorer;
    const { unigrams, hotwords } = scorer.parts;
    this.#append(-1, 0, unigrams?.all, hotwords?.all);
  }

  /** The word with one more letter. */
  child(parent: number, codePoint: number): number {
    const known = this.#children.get(parent, codePoint);
    if (known >= 0) return known;
    const { unigrams, hotwords } = this.#scorer.parts;
    const letter = String.fromCodePoint(codePoint);
    const depth = this.#unitLengths.at(parent);
    const narrow = (index: PrefixIndex | undefined, matches: Matches): Matches => {
      if (!index || !matches) return undefined;
      const narrowed = index.narrow(matches, depth, letter);
      return narrowed.first < narrowed.end ? narrowed : undefined;
    };
    const node = this.#append(
      parent,
      codePoint,
      narrow(unigrams, this.#unigrams[parent]),
      narrow(hotwords, this.#hotwords[parent]),
    );
    this.#children.add(parent, codePoint, node);
    return node;
  }

  /** What the word is worth while it is under way. */
  partShare(node: number): number {
    return this.#partShares.at(node);
  }

  /** In the vocabulary of the model. */
  idOf(node: number): number {
    const known = this.#ids.at(node);
    if (known !== NOT_ASKED) return known;
    const id = this.#scorer.parts.model?.idOf(this.textOf(node)) ?? 0;
    this.#ids.set(node, id);
    return id;
  }

  isUnigram(node: number): boolean {
    return this.#isWord(this.#scorer.parts.unigrams, this.#unigrams[node], node);
  }

  isHotword(node: number): boolean {
    return this.#isWord(this.#scorer.parts.hotwords, this.#hotwords[node], node);
  }

  textOf(node: number): string {
    const letters: string[] = [];
    for (let at = node; at > EMPTY_WORD; at = this.#parents.at(at))
      letters.push(String.fromCodePoint(this.#codePoints.at(at)));
    return letters.reverse().join('');
  }

  /**
   * Forgets the words that are neither marked nor begin a marked one.
   * @param isUsed by node.
   * @returns new places by old ones.
   */
  compact(isUsed: Uint8Array): Int32Array {
    isUsed[EMPTY_WORD] = 1;
    // Children come behind their parents.
    for (let node = this.count - 1; node > EMPTY_WORD; node -= 1)
      if (isUsed[node] === 1) isUsed[this.#parents.at(node)] = 1;
    const moved = placesOf(isUsed, this.count);
    this.#children.clear();
    for (const [node, place] of moved.entries()) {
      if (place === FORGOTTEN) continue;
      this.count = place + 1;
      if (node === EMPTY_WORD) continue;
      const parent = moved[this.#parents.at(node)] ?? EMPTY_WORD;
      this.#parents.set(place, parent);
      this.#children.add(parent, this.#codePoints.at(node), place);
    }
    for (const column of [this.#codePoints, this.#lengths, this.#unitLengths, this.#partShares, this.#ids])
      column.move(moved);
    this.#unigrams = movedItems(this.#unigrams, moved);
    this.#hotwords = movedItems(this.#hotwords, moved);
    return moved;
  }

  #isWord(index: PrefixIndex | undefined, matches: Matches, node: number): boolean {
    return index !== undefined && matches !== undefined && index.hasWord(matches, this.#unitLengths.at(node));
  }

  #append(parent: number, codePoint: number, unigrams: Matches, hotwords: Matches): number {
    const node = this.count;
    const isRoot = node === EMPTY_WORD;
    const length = isRoot ? 0 : this.#lengths.at(parent) + 1;
    this.count += 1;
    this.#parents.set(node, parent);
    this.#codePoints.set(node, codePoint);
    this.#lengths.set(node, length);
    this.#unitLengths.set(node, isRoot ? 0 : this.#unitLengths.at(parent) + (codePoint > 0xffff ? 2 : 1));
    this.#unigrams.push(unigrams);
    this.#hotwords.push(hotwords);
    this.#ids.set(node, NOT_ASKED);
    const shortest = hotwords && this.#scorer.parts.hotwords?.shortestLength(hotwords);
    const share = isRoot ? 0 : this.#scorer.weighPart(length, shortest, unigrams !== undefined);
    this.#partShares.set(node, share);
    return node;
  }
}
