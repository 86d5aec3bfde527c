/** How loud a clip is every five milliseconds, and where it pauses between words. */

/** Edges in seconds. */
export type SecondEdges = readonly [start: number, end: number];

/** Windows are 15 ms long and begin every 5 ms. */
const STEP_SECONDS = 0.005;
const STEPS_A_WINDOW = 3;
/** Digital silence has no decibels. */
const LEAST_POWER = 1e-12;

/** The mean square of every window, taken while samples stream by: one number a step, and no samples, are kept. */
export class LoudnessTrack {
  readonly #samplesPerStep: number;
  readonly #rate: number;
  /** Sums of squares of the steps. */
  #sums = new Float32Array(1024);
  #stepCount = 0;
  #open = 0;
  #openCount = 0;
  #sampleCount = 0;

  constructor(samplingRate: number) {
    this.#rate = samplingRate;
    this.#samplesPerStep = Math.max(1, Math.round(STEP_SECONDS * samplingRate));
  }

  get sampleCount(): number {
    return this.#sampleCount;
  }

  push(samples: Float32Array): void {
    this.#sampleCount += samples.length;
    for (const sample of samples) {
      this.#open += sample * sample;
      this.#openCount += 1;
      if (this.#openCount < this.#samplesPerStep) continue;
      if (this.#stepCount === this.#sums.length) {
        const larger = new Float32Array(2 * this.#stepCount);
        larger.set(this.#sums);
        this.#sums = larger;
      }
      this.#sums[this.#stepCount] = this.#open;
      this.#stepCount += 1;
      this.#open = 0;
      this.#openCount = 0;
    }
  }

  /** Decibels of each whole window. */
  levels(): Float32Array {
    const count = Math.max(0, this.#stepCount - STEPS_A_WINDOW + 1);
    const sampleCount = this.#samplesPerStep * STEPS_A_WINDOW;
    return Float32Array.from({ length: count }, (_, step) => {
      let sum = 0;
      for (let index = 0; index < STEPS_A_WINDOW; index++) sum += this.#sums[step + index] ?? 0;
      return 10 * Math.log10(Math.max(LEAST_POWER, sum / sampleCount));
    });
  }

  /** The centre of a window, in seconds. */
  centreOf(window: number): number {
    return ((window + STEPS_A_WINDOW / 2) * this.#samplesPerStep) / this.#rate;
  }

  /** The first window whose centre is not before a time. */
  windowFrom(seconds: number): number {
    const window = (seconds * this.#rate) / this.#samplesPerStep - STEPS_A_WINDOW / 2;
    // Times of windows are not exact binary numbers.
    return Math.max(0, Math.ceil(window - 1e-6));
  }
}

/** The share of values below which the given part lies, between two values where it falls there. @param sorted in rising order. */
function quantile(sorted: Float32Array, part: number): number {
  const place = part * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? 0;
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * What is quiet in a clip: a quarter of the way up from what only a tenth of it is below, to what all but a twentieth is below.
 * @param levels in decibels.
 */
export function quietLevel(levels: Float32Array): number {
  const sorted = levels.slice().sort();
  const low = quantile(sorted, 0.1);
  return low + (quantile(sorted, 0.95) - low) / 4;
}

/** How far from its tokens a word may end or begin: further off the pauses are those of other speech. */
const REACH_SECONDS = 1;

/** What lies between the words of a clip, besides its sound. */
export interface PauseLimits {
  /** Of the audio, in seconds. */
  readonly duration: number;
  /** Where each word has its edges if no pause is near it. */
  readonly extended: readonly SecondEdges[];
  /** Spans of stars between words, in order: speech of others, or none. No edge is looked for inside or behind them. */
  readonly stars: readonly SecondEdges[];
}

/**
 * Moves the edges of words to the pauses between them. In each gap between the tokens of two words the longest quiet stretch is the pause: the first
 * word ends at the centre of its first window, and the next one begins at that of the last. Where nothing is quiet, both edges are at the quietest window.
 * In gaps of more than a second and beside stars each word has a pause of its own, within a second and before the star, or else its extended edge.
 * @param words edges of their tokens in seconds, in order.
 */
export function edgesAtPauses(
  words: readonly SecondEdges[],
  track: LoudnessTrack,
  { duration, extended, stars }: PauseLimits,
): SecondEdges[] {
  const levels = track.levels();
  const sound: Sound = { levels, threshold: quietLevel(levels), track };
  const edges = words.map(([start, end]) => ({ start, end }));
  let starIndex = 0;
  for (let index = 0; index <= words.length; index++) {
    const gap: SecondEdges = [words[index - 1]?.[1] ?? 0, words[index]?.[0] ?? duration];
    const firstStar = starIndex;
    while ((stars[starIndex]?.[1] ?? Infinity) <= gap[1]) starIndex += 1;
    const starStart = starIndex > firstStar ? stars[firstStar]?.[0] : undefined;
    const starEnd = starIndex > firstStar ? stars[starIndex - 1]?.[1] : undefined;
    const isNarrow = starStart === undefined && gap[1] - gap[0] <= REACH_SECONDS;
    const [pauseStart, pauseEnd] = isNarrow
      ? sharedPause(gap, sound)
      : ownPauses(gap, [starStart ?? gap[1], starEnd ?? gap[0]], sound, [
          extended[index - 1]?.[1] ?? gap[0],
          extended[index]?.[0] ?? gap[1],
        ]);
    const before = edges[index - 1];
    const next = edges[index];
    if (before) before.end = pauseStart;
    if (next) next.start = pauseEnd;
  }
  return edges.map(({ start, end }) => [start, end]);
}

interface Sound {
  readonly levels: Float32Array;
  readonly threshold: number;
  readonly track: LoudnessTrack;
}

/** Where the words on both sides of a gap meet. */
function sharedPause([from, to]: SecondEdges, sound: Sound): SecondEdges {
  const { pause, quietest } = quietIn([from, to], sound);
  // Words that touch leave no window between them.
  return pause ?? [quietest ?? (from + to) / 2, quietest ?? (from + to) / 2];
}

/**
 * Where the word before a gap ends, and the next one begins.
 * @param bounds the end of what belongs to the first word, and the start of what belongs to the next.
 * @param fallback their edges without a pause.
 */
function ownPauses(
  [from, to]: SecondEdges,
  bounds: SecondEdges,
  sound: Sound,
  fallback: SecondEdges,
): SecondEdges {
  const behind = quietIn([from, Math.min(from + REACH_SECONDS, bounds[0])], sound).pause?.[0];
  const ahead = quietIn([Math.max(to - REACH_SECONDS, bounds[1]), to], sound).pause?.[1];
  // A pause that was found is surer than a fallback beyond it.
  return [
    behind ?? Math.min(fallback[0], ahead ?? Infinity),
    ahead ?? Math.max(fallback[1], behind ?? -Infinity),
  ];
}

/** The longest quiet stretch of a part of the audio, and its quietest window; undefined where there is none. */
function quietIn(
  [from, to]: SecondEdges,
  { levels, threshold, track }: Sound,
): { readonly pause: SecondEdges | undefined; readonly quietest: number | undefined } {
  let best = { first: 0, count: 0 };
  let count = 0;
  let quietest = -1;
  for (
    let window = track.windowFrom(from);
    window < levels.length && track.centreOf(window) <= to;
    window++
  ) {
    const level = levels[window] ?? 0;
    if (quietest < 0 || level < (levels[quietest] ?? 0)) quietest = window;
    count = level < threshold ? count + 1 : 0;
    if (count > best.count) best = { first: window - count + 1, count };
  }
  return {
    pause:
      best.count === 0
        ? undefined
        : [track.centreOf(best.first), track.centreOf(best.first + best.count - 1)],
    quietest: quietest < 0 ? undefined : track.centreOf(quietest),
  };
}
