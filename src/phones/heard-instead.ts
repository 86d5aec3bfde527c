/**
 * What was said instead of the expected tokens: changes of single places that make the sequence likelier, the best first, until none does. One error alone would
 * make its neighbours look wrong as well: where an expected token is missing, leaving out the next one helps almost as much, as long as the first one stands.
 */
import { type CTCPlace, logProbsWithInserted } from '../decode/ctc-exchange.ts';
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

/**
 * Rounds of changes. Each costs at most as much as the first look at all places. Even for another text than that which was said 4 to 6 are enough, but where each
 * place fits worse than the one before it, only one is changed in a round.
 */
const MAX_ROUNDS = 32;

interface Change {
  readonly index: number;
  readonly token: number | null;
  readonly gain: number;
}

export interface HeardPlaces {
  /** One for each index of the query. */
  readonly places: readonly HeardPlace[];
  /** False where changes that would have made the sequence likelier are left, because `MAX_ROUNDS` rounds were made. */
  readonly isComplete: boolean;
}

/** Yields after each place of each round. @param goodness of the same query. */
export function* heardInstead(
  query: GoodnessQuery,
  goodness: SequenceGoodness,
): Generator<void, HeardPlaces, undefined> {
  const { tokens, indices } = query;
  const heard: (number | null)[] = [...tokens];
  const gains = new Map<number, number>();
  let sequence: HeardSequence | undefined;
  let changes = indices.flatMap((index, place) => changeOf(index, goodness.tokens[place], goodness.logProb));
  for (let round = 0; changes.length > 0 && round < MAX_ROUNDS; round += 1) {
    const best = changes.filter((change) => isBestNear(change, changes));
    for (const { index, token, gain } of best) {
      heard[index] = token;
      gains.set(index, gain);
    }
    // A place is changed once. Where no change was near, there is none now.
    const again = new Set(changes.map(({ index }) => index));
    for (const { index } of best)
      for (let near = index - NEAR; near <= index + NEAR; near += 1) again.add(near);
    sequence = yield* heardSequence(query, heard);
    changes = [];
    for (const index of indices) {
      if (gains.has(index) || !again.has(index)) continue;
      changes.push(...changeOf(index, sequence.goodnessAt(index), sequence.logProbability));
      yield;
    }
  }
  const places: HeardPlace[] = [];
  for (const [place, index] of indices.entries()) {
    const score = sequence?.scoreAt(index) ?? Math.exp(goodness.tokens[place]?.gopWithDeletion ?? -Infinity);
    places.push({ token: heard[index] ?? null, gain: gains.get(index) ?? 0, score });
    yield;
  }
  return { places, isComplete: changes.length === 0 };
}

function isBestNear(change: Change, changes: readonly Change[]): boolean {
  return changes.every((other) => Math.abs(other.index - change.index) > NEAR || !isBetter(other, change));
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

function* heardSequence(
  query: GoodnessQuery,
  heard: readonly (number | null)[],
): Generator<void, HeardSequence, undefined> {
  const tokens = heard.filter((token) => token !== null);
  return new HeardSequence(query, heard, tokens, yield* ctcSums(query.logProbs, tokens, query.blank));
}

/** The expected tokens but for those that were changed or left out. */
class HeardSequence {
  readonly #query: GoodnessQuery;
  readonly #heard: readonly (number | null)[];
  readonly #tokens: readonly number[];
  readonly #sums: CTCSums;

  /** @param tokens those of `heard` that are not null. */
  constructor(
    query: GoodnessQuery,
    heard: readonly (number | null)[],
    tokens: readonly number[],
    sums: CTCSums,
  ) {
    this.#query = query;
    this.#heard = [...heard];
    this.#tokens = tokens;
    this.#sums = sums;
  }

  get logProbability(): number {
    return this.#sums.logProbability;
  }

  /** @param index of an expected token that was not left out. */
  goodnessAt(index: number): TokenGoodness {
    return goodnessAt(this.#placeOf(index), this.#query.candidates);
  }

  scoreAt(index: number): number {
    const { tokens, candidates } = this.#query;
    const { exchanged, logProbDeletion } =
      this.#heard[index] === null
        ? {
            exchanged: logProbsWithInserted(this.#placeOf(index), candidates),
            logProbDeletion: this.logProbability,
          }
        : this.goodnessAt(index);
    const own = exchanged[candidates.indexOf(tokens[index] ?? 0)] ?? -Infinity;
    // Nothing fits, where even leaving it out does not.
    const all = logAdd(exchanged.reduce(logAdd, -Infinity), logProbDeletion);
    return own === -Infinity ? 0 : Math.min(1, Math.exp(own - all));
  }

  /** Of a token that was left out it is the place of the next one. */
  #placeOf(index: number): CTCPlace {
    const { logProbs, blank } = this.#query;
    const before = this.#heard.slice(0, index).filter((token) => token !== null).length;
    return { logProbs, sums: this.#sums, tokens: this.#tokens, blank, index: before };
  }
}
