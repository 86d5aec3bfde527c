/** From tensors to values in [0, 1] that a colour map paints. Pure functions. */

/** Standard deviations at the ends of the colour map of hidden states. */
export const STATE_RANGE = 2.5;

/** Hidden states of one layer, each channel beside its own mean. */
export interface ChannelScores {
  /** [channels, frames]: standard deviations from the mean of the channel over the clip. */
  readonly scores: Float32Array;
  readonly channelCount: number;
  readonly frameCount: number;
}

/**
 * A few channels are many times larger than the rest and would drown them, so each is told relative to its own mean and spread.
 * @param states [frames, channels].
 */
export function standardise(states: Float32Array, frameCount: number, channelCount: number): ChannelScores {
  const scores = new Float32Array(states.length);
  for (let channel = 0; channel < channelCount; channel++) {
    let sum = 0;
    let squares = 0;
    for (let frame = 0; frame < frameCount; frame++) sum += states[frame * channelCount + channel] ?? 0;
    const mean = sum / frameCount;
    for (let frame = 0; frame < frameCount; frame++)
      squares += ((states[frame * channelCount + channel] ?? 0) - mean) ** 2;
    const deviation = Math.sqrt(squares / frameCount);
    if (deviation === 0) continue;
    for (let frame = 0; frame < frameCount; frame++) {
      scores[channel * frameCount + frame] =
        ((states[frame * channelCount + channel] ?? 0) - mean) / deviation;
    }
  }
  return { scores, channelCount, frameCount };
}

/** Channels in the order in which they peak, first ones first. */
export function peakOrder({ scores, channelCount, frameCount }: ChannelScores): readonly number[] {
  const peaks = Array.from({ length: channelCount }, (_, channel) => {
    const row = scores.subarray(channel * frameCount, (channel + 1) * frameCount);
    return row.indexOf(Math.max(...row));
  });
  return peaks.map((_, channel) => channel).sort((a, b) => (peaks[a] ?? 0) - (peaks[b] ?? 0));
}

/** Rows in this order, from −range…range to 0…1. */
export function paintableScores(
  { scores, frameCount }: ChannelScores,
  order: readonly number[],
): Float32Array {
  const values = new Float32Array(order.length * frameCount);
  order.forEach((channel, row) => {
    for (let frame = 0; frame < frameCount; frame++) {
      const score = scores[channel * frameCount + frame] ?? 0;
      values[row * frameCount + frame] = 0.5 + score / (2 * STATE_RANGE);
    }
  });
  return values;
}

/** The weight at the strong end of the colours: all but one in 500 are below it, so that one spot does not pale the rest. */
export function strongWeight(weights: Float32Array): number {
  const sorted = weights.slice().sort();
  return Math.max(1e-6, sorted[Math.floor(0.998 * (sorted.length - 1))] ?? 1);
}

/** Square roots, since most weights are small: a quarter of the strongest weight is half of the colours. */
export const paintableWeights = (weights: Float32Array, strong: number): Float32Array =>
  weights.map((weight) => Math.sqrt(weight / strong));

/**
 * How far a head looks on average, in frames.
 * @param weights [frames, frames], rows sum to 1.
 */
export function meanDistance(weights: Float32Array, frameCount: number): number {
  let sum = 0;
  for (let query = 0; query < frameCount; query++) {
    for (let key = 0; key < frameCount; key++)
      sum += Math.abs(query - key) * (weights[query * frameCount + key] ?? 0);
  }
  return sum / frameCount;
}

/** Index of the largest of a row. */
export const strongest = (row: Float32Array): number => row.indexOf(Math.max(...row));
