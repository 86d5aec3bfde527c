/** The finished words of beams: a node for each word behind others, with what the language model says of them. */
import { Ancestry } from './ancestry.ts';
import { NumberColumn, FORGOTTEN, movedItems } from './column.ts';
import { PairTable } from './pair-table.ts';
import type { Scorer } from './scorer.ts';
import { EMPTY_WORD, type WordTrie } from './word-trie.ts';

/** The history without words. */
export const NO_WORDS = 0;

export class Histories {
  readonly #scorer: Scorer;
  readonly #words: WordTrie;
  readonly #lists = new Ancestry();
  readonly #children = new PairTable();
  readonly #lastWords = new NumberColumn();
  /** log10 of the last word; what all words are worth without hotwords; how many of them are hotwords. */
  readonly #log10s = new NumberColumn();
  readonly #shares = new NumberColumn();
  readonly #hotwordCounts = new NumberColumn();
  #contexts: (readonly number[])[];
  /** Numbers for equal last words, where they were asked for. */
  #suffixes = new Map<string, number>();
  #suffixOf: (number | undefined)[] = [];

  /** @param start what comes before the first word, in ids of the model, the newest first. */
  constructor(scorer: Scorer, words: WordTrie, start: readonly number[]) {
    this.#scorer = scorer;
    this.#words = words;
    this.#contexts = [start];
  }

  get count(): number {
    return this.#lists.count;
  }

  /** How many words it has. */
  depth(node: number): number {
    return this.#lists.depth(node);
  }

  /** The last words, in ids of the model, the newest first. */
  context(node: number): readonly number[] {
    return this.#contexts[node] ?? [];
  }

  /** What all words are worth, hotwords among them. */
  share(node: number): number {
    return this.#shares.at(node) + this.#hotwordShare(node);
  }

  /** The same where the utterance ends. */
  shareAtEnd(node: number): number {
    const end = this.#scorer.log10OfEnd(this.context(node));
    return this.#shares.at(node) + this.#scorer.weighEnd(end) + this.#hotwordShare(node);
  }

  /** The same with a last word that is scored together with the end, in the order of sums of pyctcdecode. */
  shareWithLast(before: number, node: number): number {
    const end = this.#scorer.log10OfEnd(this.context(node));
    const word = this.#scorer.weighWord(this.#log10s.at(node) + end);
    return this.#shares.at(before) + word + this.#hotwordShare(node);
  }

  /** The same with a last word without letters, which no model knows. */
  shareWithNoWord(node: number): number {
    const context = this.context(node);
    const log10 = this.#scorer.log10Of({ id: 0, isUnigram: false }, context);
    const end = this.#scorer.log10OfEnd(this.#scorer.extended(context, 0));
    return this.#shares.at(node) + this.#scorer.weighWord(log10 + end) + this.#hotwordShare(node);
  }

  /** The history with one more word. */
  child(parent: number, word: number): number {
    const known = this.#children.get(parent, word);
    if (known >= 0) return known;
    const words = this.#words;
    const id = words.idOf(word);
    const context = this.context(parent);
    const log10 = this.#scorer.log10Of({ id, isUnigram: words.isUnigram(word) }, context);
    const node = this.#lists.add(parent);
    this.#lastWords.set(node, word);
    this.#log10s.set(node, log10);
    this.#shares.set(node, this.#shares.at(parent) + this.#scorer.weighWord(log10));
    this.#hotwordCounts.set(node, this.#hotwordCounts.at(parent) + (words.isHotword(word) ? 1 : 0));
    this.#contexts.push(this.#scorer.extended(context, id));
    this.#children.add(parent, word, node);
    return node;
  }

  /** The same number for histories that end with the same words: so many as can change what follows, at least one. */
  suffix(node: number): number {
    const known = this.#suffixOf[node];
    if (known !== undefined) return known;
    const key = this.wordsFrom(node, this.depth(node) - this.suffixLength).join(' ');
    const suffix = this.#suffixes.get(key) ?? this.#suffixes.size;
    this.#suffixes.set(key, suffix);
    this.#suffixOf[node] = suffix;
    return suffix;
  }

  get suffixLength(): number {
    return Math.max(1, this.#scorer.contextLength);
  }

  /** How many words at the beginning these histories have in common. @param nodes at least one. */
  commonDepth(nodes: readonly number[]): number {
    return this.depth(this.#lists.common(nodes) ?? NO_WORDS);
  }

  /** The history of its first words. */
  beginning(node: number, depth: number): number {
    return this.#lists.ancestor(node, depth);
  }

  /** The words from some depth on, in their order. */
  wordsFrom(node: number, depth: number): number[] {
    return Array.from(this.#lists.upTo(node, depth), (at) => this.#lastWords.at(at)).reverse();
  }

  /**
   * Keeps these histories, of which the first `depth` words must be the same, without them. The caller then compacts the words, and tells the new places.
   * @param isWordUsed gets a mark for each word that is needed.
   * @returns new places by old ones.
   */
  compact(nodes: readonly number[], depth: number, isWordUsed: Uint8Array): Int32Array {
    const moved = this.#lists.compact(nodes, depth);
    for (const column of [this.#lastWords, this.#log10s, this.#shares, this.#hotwordCounts])
      column.move(moved);
    this.#contexts = movedItems(this.#contexts, moved);
    for (let node = 0; node < this.count; node += 1) isWordUsed[this.#lastWords.at(node)] = 1;
    return moved;
  }

  /** @param moved new places of words by old ones. */
  renameWords(moved: Int32Array): void {
    this.#children.clear();
    this.#suffixes = new Map();
    this.#suffixOf = [];
    for (let node = 0; node < this.count; node += 1) {
      const word = moved[this.#lastWords.at(node)] ?? FORGOTTEN;
      this.#lastWords.set(node, word === FORGOTTEN ? EMPTY_WORD : word);
      if (!this.#lists.isRoot(node)) this.#children.add(this.#lists.parent(node), word, node);
    }
  }

  #hotwordShare(node: number): number {
    return this.#scorer.parts.weights.hotwordWeight * this.#hotwordCounts.at(node);
  }
}
