/**
 * What was said instead of the expected tokens: changes of single places that make the sequence likelier, the best first, until none does. One error alone would
 * make its neighbours look wrong as well: where an expected token is missing, leaving out the next one helps almost as much, as long as the first one stands.
 */
import { type CTCSums, ctcSums, logAdd } from '../decode/ctc-sums.ts';
import { goodnessAt, type GoodnessQuery, type SequenceGoodness, type TokenGoodness } from './goodness.ts';

/** For each index of the query. */
export interface HeardPlace {
  /** The expected token, another one, or null where it was left out. */
  readonly token: number | null;
  /** By how much ln P of the sequence rose when this was taken instead of the expected token; 0 where that stands. */
  readonly gain: number;
  /**
   * P(what was heard, with the expected token here) / Σ P(what was heard with q, or with nothing, here), 0 to 1. Without errors elsewhere this is
   * exp(`gopWithDeletion`).
   */
  readonly score: number;
}

/** Places as near as this may be two views of one error, so only the better change of them is made at a time. */
const NEAR = 2;

interface Change {
  readonly index: number;
  readonly token: number | null;
  readonly gain: number;
}

/** @param goodness of the same query. */
export function heardInstead(query: GoodnessQuery, goodness: SequenceGoodness): HeardPlace[] {
  const { tokens, indices } = query;
  const heard: (number | null)[] = [...tokens];
  const gains = new Map<number, number>();
  let changes = indices.flatMap((index, place) => changeOf(index, goodness.tokens[place], goodness.logProb));
  while (changes.length > 0) {
    const best = changes.filter((change) =>
      changes.every((other) => Math.abs(other.index - change.index) > NEAR || !isBetter(other, change)),
    );
    for (const { index, token, gain } of best) {
      heard[index] = token;
      gains.set(index, gain);
    }
    // A place is changed once. Where no change was near, there is none now.
    const made = best.map(({ index }) => index);
    const again = indices.filter(
      (index) =>
        !gains.has(index) &&
        (changes.some((change) => change.index === index) ||
          made.some((changed) => Math.abs(changed - index) <= NEAR)),
    );
    const sequence = new HeardSequence(query, heard);
    changes = again.flatMap((index) =>
      changeOf(index, sequence.goodnessAt(index), sequence.sums.logProbability),
    );
  }
  const last = gains.size > 0 ? new HeardSequence(query, heard) : undefined;
  return indices.map((index, place) => ({
    token: heard[index] ?? null,
    gain: gains.get(index) ?? 0,
    score: last ? last.scoreAt(index) : Math.exp(goodness.tokens[place]?.gopWithDeletion ?? -Infinity),
  }));
}

const isBetter = (a: Change, b: Change): boolean =>
  a.gain > b.gain || (a.gain === b.gain && a.index < b.index);

function changeOf(
  index: number,
  goodness: Pick<TokenGoodness, 'bestSubstitute' | 'logProbDeletion'> | undefined,
  logProb: number,
): readonly Change[] {
  const { bestSubstitute, logProbDeletion = -Infinity } = goodness ?? {};
  const substituted = bestSubstitute?.logProb ?? -Infinity;
  const gain = Math.max(substituted, logProbDeletion) - logProb;
  if (!(gain > 0)) return [];
  return [
    { index, gain, token: bestSubstitute && substituted >= logProbDeletion ? bestSubstitute.token : null },
  ];
}

/** The expected tokens but for those that were changed or left out. */
class HeardSequence {
  readonly #query: GoodnessQuery;
  readonly #heard: readonly (number | null)[];
  readonly #tokens: readonly number[];
  readonly sums: CTCSums;

  constructor(query: GoodnessQuery, heard: readonly (number | null)[]) {
    this.#query = query;
    this.#heard = [...heard];
    this.#tokens = heard.filter((token) => token !== null);
    this.sums = ctcSums(query.logProbs, this.#tokens, query.blank);
  }

  /** @param index of an expected token that was not left out. */
  goodnessAt(index: number): TokenGoodness {
    const { logProbs, blank, candidates } = this.#query;
    const before = this.#heard.slice(0, index).filter((token) => token !== null).length;
    return goodnessAt({ logProbs, sums: this.sums, tokens: this.#tokens, blank, index: before }, candidates);
  }

  scoreAt(index: number): number {
    const { tokens, candidates } = this.#query;
    const expected = tokens[index] ?? 0;
    if (this.#heard[index] === null)
      return new HeardSequence(this.#query, this.#heard.with(index, expected)).scoreAt(index);
    const { exchanged, logProbDeletion } = this.goodnessAt(index);
    const own = exchanged[candidates.indexOf(expected)] ?? -Infinity;
    // Nothing fits, where even leaving it out does not.
    const all = logAdd(exchanged.reduce(logAdd, -Infinity), logProbDeletion);
    return own === -Infinity ? 0 : Math.min(1, Math.exp(own - all));
  }
}
