/** How sure a model is of what it says: from the probabilities of frames to characters, words and segments. Pure. */
/** What of the frames of a character counts. */
export const CONFIDENCE_RULES = ['mean', 'min', 'max'] as const;
export type ConfidenceRule = (typeof CONFIDENCE_RULES)[number];

/**
 * What a frame is worth: `posterior`, the probability of its token; `entropy`, 1 - H / ln C over all C tokens, where H = -Σ p ln p, which is 0 if all are
 * equally likely, and asks how sure the model is at all, not how sure of this token.
 */
export const CONFIDENCE_MEASURES = ['posterior', 'entropy'] as const;
export type ConfidenceMeasure = (typeof CONFIDENCE_MEASURES)[number];

/** What the frames of one collapsed token, or of several, are worth. */
export interface FrameWorth {
  readonly frameCount: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** ln of the largest posterior, whatever the measure is. */
  readonly bestLogProb: number;
}

/** @param row natural logarithms of the probabilities of one frame. */
export function worthOfFrame(row: Float64Array, token: number, measure: ConfidenceMeasure): FrameWorth {
  const logProb = row[token] ?? -Infinity;
  const worth =
    measure === 'posterior' ? Math.exp(logProb) : 1 - entropyOf(row) / Math.log(Math.max(2, row.length));
  return { frameCount: 1, sum: worth, min: worth, max: worth, bestLogProb: logProb };
}

/** In nats. A probability of 0 adds nothing. */
function entropyOf(row: Float64Array): number {
  let entropy = 0;
  for (const logProb of row) if (logProb > -Infinity) entropy -= Math.exp(logProb) * logProb;
  return entropy;
}

/** What frames of one token are worth together. */
export const joinedWorth = (a: FrameWorth | undefined, b: FrameWorth): FrameWorth =>
  a === undefined
    ? b
    : {
        frameCount: a.frameCount + b.frameCount,
        sum: a.sum + b.sum,
        min: Math.min(a.min, b.min),
        max: Math.max(a.max, b.max),
        bestLogProb: Math.max(a.bestLogProb, b.bestLogProb),
      };

/** @returns 0 to 1. */
export const characterConfidence = (
  { sum, frameCount, min, max }: FrameWorth,
  rule: ConfidenceRule,
): number => (rule === 'mean' ? sum / frameCount : rule === 'min' ? min : max);

/**
 * What is known of the characters of a word or a segment, so that those of its parts can be put together: sums for the mean, which characters of more
 * frames weigh more in, and the means of the weakest and the strongest character.
 */
export interface ConfidenceSum {
  readonly frameCount: number;
  readonly sum: number;
  readonly weakest: number;
  readonly strongest: number;
}

export const NO_CONFIDENCE: ConfidenceSum = {
  frameCount: 0,
  sum: 0,
  weakest: Infinity,
  strongest: -Infinity,
};

/** Of the characters of a word, without delimiters and blanks. */
export const sumOfCharacters = (characters: readonly FrameWorth[]): ConfidenceSum =>
  characters.reduce(
    (total, { frameCount, sum }) =>
      joinedSum(total, { frameCount, sum, weakest: sum / frameCount, strongest: sum / frameCount }),
    NO_CONFIDENCE,
  );

export const joinedSum = (a: ConfidenceSum, b: ConfidenceSum): ConfidenceSum => ({
  frameCount: a.frameCount + b.frameCount,
  sum: a.sum + b.sum,
  weakest: Math.min(a.weakest, b.weakest),
  strongest: Math.max(a.strongest, b.strongest),
});

/**
 * `mean`: Σ mean · frames / Σ frames over the characters; `min`: the mean of the weakest character; `max`: that of the strongest.
 * @returns 0 to 1, or null where nothing was measured.
 */
export const confidenceOf = (
  { frameCount, sum, weakest, strongest }: ConfidenceSum,
  rule: ConfidenceRule,
): number | null =>
  frameCount === 0 ? null : rule === 'mean' ? sum / frameCount : rule === 'min' ? weakest : strongest;
