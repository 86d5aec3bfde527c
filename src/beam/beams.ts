/** Beams of a frame, field by field in typed arrays. */
import { hashOf } from './pair-table.ts';

/** What a beam was last extended by before its first frame. */
export const NO_LABEL = -1;
/** Where no word is under way. */
export const NO_PLACE = -1;

export class Beams {
  count = 0;
  /** Finished words, the word that is under way, the label of the last frame. */
  histories = new Int32Array(64);
  words = new Int32Array(64);
  lasts = new Int32Array(64);
  /** Times of the finished words; first and last frame of the one that is under way. */
  times = new Int32Array(64);
  starts = new Float64Array(64);
  ends = new Float64Array(64);
  /** log p of the sound. */
  scores = new Float64Array(64);

  /** Makes room for so many. */
  reserve(count: number): void {
    if (count <= this.scores.length) return;
    const size = Math.max(count, 2 * this.scores.length);
    this.histories = grown(this.histories, new Int32Array(size));
    this.words = grown(this.words, new Int32Array(size));
    this.lasts = grown(this.lasts, new Int32Array(size));
    this.times = grown(this.times, new Int32Array(size));
    this.starts = grown(this.starts, new Float64Array(size));
    this.ends = grown(this.ends, new Float64Array(size));
    this.scores = grown(this.scores, new Float64Array(size));
  }

  /** Appends a beam of another frame; there must be room. */
  copy(from: Beams, index: number): void {
    const place = this.count;
    this.count += 1;
    this.histories[place] = from.histories[index] ?? 0;
    this.words[place] = from.words[index] ?? 0;
    this.lasts[place] = from.lasts[index] ?? 0;
    this.times[place] = from.times[index] ?? 0;
    this.starts[place] = from.starts[index] ?? 0;
    this.ends[place] = from.ends[index] ?? 0;
    this.scores[place] = from.scores[index] ?? 0;
  }
}

function grown<A extends Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** Finds the beams of a frame by their texts and last labels: open addressing over their places. */
export class BeamTable {
  /** Places, counted from 1. */
  #slots = new Int32Array(256);

  /** Forgets all beams. @param count how many may come. */
  reset(count: number): void {
    let size = this.#slots.length;
    while (size < 2 * count) size *= 2;
    if (size > this.#slots.length) this.#slots = new Int32Array(size);
    else this.#slots.fill(0);
  }

  /** Where the beam with this text and last label lies; behind the last one if there is none, which then must be added. */
  placeOf(beams: Beams, history: number, word: number, label: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hashOf(hashOf(history, word), label) & mask;
    for (;;) {
      const place = (slots[slot] ?? 0) - 1;
      if (place < 0) {
        slots[slot] = beams.count + 1;
        return beams.count;
      }
      if (beams.histories[place] === history && beams.words[place] === word && beams.lasts[place] === label)
        return place;
      slot = (slot + 1) & mask;
    }
  }
}

/** The logarithm of the sum of two probabilities that are given by theirs. */
export const logSum = (a: number, b: number): number =>
  a >= b ? a + Math.log(1 + Math.exp(b - a)) : b + Math.log(1 + Math.exp(a - b));

/**
 * The best of some scores.
 * @param count how many scores there are.
 * @param margin at most 0: what is further below the best is left out.
 * @param most how many are taken.
 * @returns their places, the best first; of equal ones the first.
 */
export function bestOf(scores: Float64Array, count: number, margin: number, most: number): number[] {
  let best = -Infinity;
  for (let index = 0; index < count; index += 1) best = Math.max(best, scores[index] ?? -Infinity);
  let least = best + margin;
  let places: number[] = [];
  for (let index = 0; index < count; index += 1)
    if ((scores[index] ?? -Infinity) >= least) places.push(index);
  if (places.length > 2 * most) {
    // Sorting numbers alone is so much faster that it pays to find the last score that counts.
    const kept = Float64Array.from(places, (place) => scores[place] ?? -Infinity).sort();
    least = kept[kept.length - most] ?? least;
    places = places.filter((place) => (scores[place] ?? -Infinity) >= least);
  }
  places.sort((a, b) => {
    const difference = (scores[b] ?? 0) - (scores[a] ?? 0);
    // Of two infinite ones the difference is NaN.
    return difference || a - b;
  });
  return places.slice(0, most);
}
