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

/**
 * Moves the edges of words to the pauses between them. In each gap between the tokens of two words the longest quiet stretch is the pause: the first
 * word ends at the centre of its first window, and the next one begins at that of the last. Where nothing is quiet, both edges are at the quietest window.
 * @param words edges of their tokens in seconds, in order.
 * @param duration of the audio, in seconds.
 */
export function edgesAtPauses(
  words: readonly SecondEdges[],
  track: LoudnessTrack,
  duration: number,
): SecondEdges[] {
  const levels = track.levels();
  const threshold = quietLevel(levels);
  const edges = words.map(([start, end]) => ({ start, end }));
  for (let index = 0; index <= words.length; index++) {
    const from = words[index - 1]?.[1] ?? 0;
    const to = words[index]?.[0] ?? duration;
    const [pauseStart, pauseEnd] = pauseBetween(from, to, levels, threshold, track);
    const before = edges[index - 1];
    const next = edges[index];
    if (before) before.end = pauseStart;
    if (next) next.start = pauseEnd;
  }
  return edges.map(({ start, end }) => [start, end]);
}

function pauseBetween(
  from: number,
  to: number,
  levels: Float32Array,
  threshold: number,
  track: LoudnessTrack,
): SecondEdges {
  let best = { first: 0, count: 0 };
  let count = 0;
  let quietest = -1;
  const first = track.windowFrom(from);
  for (let window = first; window < levels.length && track.centreOf(window) <= to; window++) {
    const level = levels[window] ?? 0;
    if (quietest < 0 || level < (levels[quietest] ?? 0)) quietest = window;
    count = level < threshold ? count + 1 : 0;
    if (count > best.count) best = { first: window - count + 1, count };
  }
  if (best.count > 0) return [track.centreOf(best.first), track.centreOf(best.first + best.count - 1)];
  // Words that touch leave no window between them.
  const middle = quietest < 0 ? (from + to) / 2 : track.centreOf(quietest);
  return [middle, middle];
}
