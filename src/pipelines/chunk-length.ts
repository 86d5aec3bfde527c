/** Picks how long the pieces of long audio are, where the caller leaves it to the engine. Pure: plans decide, so a model on an adapter always gets the same. */
import { UniSpeechError } from '../base/errors.ts';

/** In seconds, the longest first. Models are trained on clips of up to about 30 s. */
const CHOICES = [30, 20, 15, 10] as const;
const SHORTEST = 5;
/**
 * The operations of a second of sound may be so many times those of the cheapest choice. Attention takes operations by the square of the length: a base model
 * has 1.13 times as many in pieces of 30 s as in those of 10 s, a narrow one of 144 channels 1.6 times. Longer pieces have fewer cuts and fill a GPU better.
 */
const MOST_OPERATIONS = 1.25;

/** What a piece takes, as its plan says. */
export interface PieceCost {
  readonly activationByteLength: number;
  readonly flops: number;
}

/** In seconds. */
export interface PickedLengths {
  /** Of a piece. */
  readonly piece: number;
  /** Of all pieces that run together, as the adapter has memory for. Attention is within pieces, so more of them cost no more. */
  readonly batch: number;
}

/**
 * A piece is the longest choice whose activations the adapter has room for, and whose operations stay below the bound; the shortest where it has room for none.
 * @param costOf a clip of so many seconds. @throws UniSpeechError `limit-exceeded` where the adapter cannot run it.
 * @param budget bytes for activations.
 */
export function pickLengths(costOf: (seconds: number) => PieceCost, budget: number): PickedLengths {
  const fitting = CHOICES.flatMap((seconds) => {
    const taken = costWithinLimits(costOf, seconds);
    return taken && taken.activationByteLength <= budget ? [{ seconds, cost: taken.flops / seconds }] : [];
  });
  const least = Math.min(...fitting.map(({ cost }) => cost));
  return {
    piece: fitting.find(({ cost }) => cost <= MOST_OPERATIONS * least)?.seconds ?? SHORTEST,
    batch: fitting[0]?.seconds ?? SHORTEST,
  };
}

function costWithinLimits(costOf: (seconds: number) => PieceCost, seconds: number): PieceCost | undefined {
  try {
    return costOf(seconds);
  } catch (error) {
    if (error instanceof UniSpeechError && error.code === 'limit-exceeded') return undefined;
    throw error;
  }
}
