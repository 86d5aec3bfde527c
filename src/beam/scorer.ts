/** What a beam's text is worth beside its sound: words by the language model, hotwords, and the word that is under way. */
import { damagedModel } from './kenlm/damaged-model.ts';
import { type NgramModel, UNKNOWN_WORD } from './kenlm/ngram-model.ts';
import type { PrefixIndex } from './prefix-index.ts';

/** From log10 to natural logarithms. */
const NATURAL = 2.302585092994046;
/** A word that nobody knows costs more for each letter above this many. */
const USUAL_WORD_LENGTH = 6;

/** How scores are weighed, as pyctcdecode names it. */
export interface ScoreWeights {
  /** Of the language model. */
  readonly alpha: number;
  /** Added for each word. */
  readonly beta: number;
  /** Added to log10 of a word that is not known. */
  readonly unknownOffset: number;
  /** Whether sentences begin and end. */
  readonly hasBoundary: boolean;
  /** For each hotword. */
  readonly hotwordWeight: number;
}

export interface ScorerParts {
  readonly model: NgramModel | undefined;
  /** Of the model. Undefined where none are known: then no word under way is known. */
  readonly unigrams: PrefixIndex | undefined;
  readonly hotwords: PrefixIndex | undefined;
  readonly weights: ScoreWeights;
  /** Whether an utterance that ends with a space is charged an unknown word, as in pyctcdecode. */
  readonly isCompatible: boolean;
}

/** A word, finished or not, as the scorer needs it. */
export interface ScoredWord {
  readonly codePointCount: number;
  /** In the vocabulary of the model. */
  readonly id: number;
  readonly isUnigram: boolean;
}

export class Scorer {
  readonly parts: ScorerParts;
  readonly #end: number;

  constructor(parts: ScorerParts) {
    this.parts = parts;
    this.#end = parts.model?.idOf('</s>') ?? UNKNOWN_WORD;
  }

  /** How many words before a word it depends on. */
  get contextLength(): number {
    return (this.parts.model?.order ?? 1) - 1;
  }

  /** The words before the first one, the newest first. */
  startContext(): readonly number[] {
    const { model, weights } = this.parts;
    return model && weights.hasBoundary ? [model.idOf('<s>')] : [];
  }

  extended(context: readonly number[], word: number): readonly number[] {
    return [word, ...context].slice(0, this.contextLength);
  }

  /** log10 of a word behind others, with what is taken off where it is unknown. 0 without a model. */
  log10Of({ id, isUnigram }: Omit<ScoredWord, 'codePointCount'>, context: readonly number[]): number {
    const { model, unigrams, weights } = this.parts;
    if (!model) return 0;
    const score = this.#checked(model.score(id, context));
    const isUnknown = id === UNKNOWN_WORD || (unigrams !== undefined && unigrams.size > 0 && !isUnigram);
    return isUnknown ? score + weights.unknownOffset : score;
  }

  /** log10 of the end of a sentence; 0 where sentences have none. */
  log10OfEnd(context: readonly number[]): number {
    const { model, weights } = this.parts;
    return model && weights.hasBoundary ? this.#checked(model.score(this.#end, context)) : 0;
  }

  /** A word's share of the score of its beam. */
  weighWord(log10: number): number {
    const { model, weights } = this.parts;
    return model ? weights.alpha * log10 * NATURAL + weights.beta : 0;
  }

  /** The share of an end behind a word that counts already. */
  weighEnd(log10: number): number {
    return this.parts.model ? this.parts.weights.alpha * log10 * NATURAL : 0;
  }

  /**
   * The share of a word that is under way.
   * @param shortestHotword of those that begin with it; undefined where none does.
   * @param isStart whether a unigram begins with it.
   */
  weighPart(codePointCount: number, shortestHotword: number | undefined, isStart: boolean): number {
    const { model, weights } = this.parts;
    if (shortestHotword !== undefined) return (weights.hotwordWeight * codePointCount) / shortestHotword;
    if (!model || isStart) return 0;
    const { unknownOffset } = weights;
    return codePointCount > USUAL_WORD_LENGTH
      ? (unknownOffset * codePointCount) / USUAL_WORD_LENGTH
      : unknownOffset;
  }

  #checked(score: number): number {
    if (Number.isNaN(score) || score === Infinity)
      throw damagedModel(
        `The language model gives a word the probability 10^${score}, so its file is damaged.`,
      );
    return score;
  }
}
