/** Repeatable random numbers: the same seed gives the same numbers on every machine. */

const MODULUS = 2147483647;
const MULTIPLIER = 48271;

/** The "minimal standard" generator of Park and Miller: good enough for test data and for drawing, exact in doubles. */
export class SeededRandom {
  #state: number;

  /** @param seed whole numbers below 2³¹ − 2 give different numbers. */
  constructor(seed: number) {
    this.#state = (Math.abs(Math.trunc(seed)) % (MODULUS - 1)) + 1;
    // Neighbouring seeds give neighbouring first numbers, which are skipped.
    this.uniform();
    this.uniform();
  }

  /** In (0, 1). */
  uniform(): number {
    this.#state = (this.#state * MULTIPLIER) % MODULUS;
    return this.#state / MODULUS;
  }

  /** An integer in [low, high]. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** One number of the standard normal distribution, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  normals(length: number, mean = 0, deviation = 1): Float32Array {
    return Float32Array.from({ length }, () => mean + deviation * this.normal());
  }
}
