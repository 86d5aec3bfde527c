/**
 * Goodness of pronunciation (GOP) of the tokens of an expected sequence, from the sums of CTC over all alignments: no segmentation decides beforehand which
 * frames belong to which phoneme. Cao et al., "A framework for phoneme-level pronunciation assessment using CTC", Interspeech 2024; arXiv 2507.16838.
 * The sums over the candidates are exact, where the public scripts prune a common lattice.
 */
import { UniSpeechError } from '../base/errors.ts';
import { type CTCPlace, logProbWithout, logProbsWithTokens } from '../decode/ctc-exchange.ts';
import { ctcSums, type FrameLogProbs, logAdd, neededFrames } from '../decode/ctc-sums.ts';

/** How well one token of the sequence fits, and what fits better. All are natural logarithms. */
export interface TokenGoodness {
  /** ln P(sequence) - ln Σ P(sequence with q here) over all phonemes q, this one included: GOP-SF. At most 0. */
  readonly gop: number;
  /** The same with the sequence without this token among the rivals: GOP-SF-SD. At most `gop`. */
  readonly gopWithDeletion: number;
  /** ln P of the sequence with each candidate here, in the order of `candidates`. */
  readonly exchanged: Float64Array;
  /** ln P of the sequence without this token. */
  readonly logProbDeletion: number;
  /** The likeliest other candidate; undefined where there is no other. */
  readonly bestSubstitute: { readonly token: number; readonly logProb: number } | undefined;
}

export interface SequenceGoodness {
  /** ln P of the sequence. */
  readonly logProb: number;
  /** One for each index that was asked for. */
  readonly tokens: readonly TokenGoodness[];
}

export interface GoodnessQuery {
  readonly logProbs: FrameLogProbs;
  /** Without blanks. */
  readonly tokens: readonly number[];
  readonly blank: number;
  /** The phonemes that may stand in for one another: neither blank nor special tokens. */
  readonly candidates: readonly number[];
  /** Which of `tokens` are wanted; word delimiters, for instance, are not. */
  readonly indices: readonly number[];
}

/**
 * Yields after each token.
 * @throws UniSpeechError `too-short` where there are too few frames for the sequence, `no-path` where no alignment of it has a probability; `limit-exceeded`.
 */
export function* goodnessOf({
  logProbs,
  tokens,
  blank,
  candidates,
  indices,
}: GoodnessQuery): Generator<void, SequenceGoodness, undefined> {
  const needed = neededFrames(tokens);
  if (logProbs.frameCount < needed) {
    throw new UniSpeechError(
      'too-short',
      `The audio has ${logProbs.frameCount} frames, but ${tokens.length} expected tokens need at least ${needed}.`,
      'Check that the recording is whole, and that it is of this text.',
    );
  }
  const sums = yield* ctcSums(logProbs, tokens, blank);
  const { logProbability: logProb } = sums;
  if (logProb === -Infinity) {
    throw new UniSpeechError(
      'no-path',
      'The model gives the expected phonemes no probability at all.',
      'Check the logits for -Infinity.',
    );
  }
  const goodness: TokenGoodness[] = [];
  for (const index of indices) {
    goodness.push(goodnessAt({ logProbs, sums, tokens, blank, index }, candidates));
    yield;
  }
  return { logProb, tokens: goodness };
}

/** Of one place of a sequence. @param candidates the token of the place among them. */
export function goodnessAt(place: CTCPlace, candidates: readonly number[]): TokenGoodness {
  const { tokens, index, sums } = place;
  const { logProbability: logProb } = sums;
  const exchanged = logProbsWithTokens(place, candidates);
  const logProbDeletion = logProbWithout(place);
  const all = exchanged.reduce(logAdd, -Infinity);
  let bestSubstitute: TokenGoodness['bestSubstitute'];
  candidates.forEach((token, candidate) => {
    const value = exchanged[candidate] ?? -Infinity;
    if (token !== tokens[index] && value > (bestSubstitute?.logProb ?? -Infinity))
      bestSubstitute = { token, logProb: value };
  });
  return {
    // Rounding must not make a perfect one better than perfect.
    gop: Math.min(0, logProb - all),
    gopWithDeletion: Math.min(0, logProb - logAdd(all, logProbDeletion)),
    exchanged,
    logProbDeletion,
    bestSubstitute,
  };
}
