/** Numbers of 64 bits in two halves: the hashes of KenLM, which `BigInt` would compute at three quarters of the speed. */

/** A number that changes in place, as millions of them are computed. Halves are unsigned. */
export class Hash64 {
  low = 0;
  high = 0;

  set(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  /** Times another one, modulo 2^64. */
  multiply(high: number, low: number): void {
    const left = this.low;
    const left0 = left & 0xffff;
    const left1 = left >>> 16;
    const right0 = low & 0xffff;
    const right1 = low >>> 16;
    const start = left0 * right0;
    const middle = left0 * right1 + left1 * right0 + (start >>> 16);
    this.high =
      (left1 * right1 + Math.floor(middle / 0x10000) + Math.imul(left, high) + Math.imul(this.high, low)) >>>
      0;
    this.low = ((middle << 16) | (start & 0xffff)) >>> 0;
  }

  xor(high: number, low: number): void {
    this.high = (this.high ^ high) >>> 0;
    this.low = (this.low ^ low) >>> 0;
  }

  modulo(divisor: number): number {
    return modulo(this.high, this.low, divisor);
  }
}

/** The rest of a division by less than 2^37. */
export const modulo = (high: number, low: number, divisor: number): number =>
  ((((high % divisor) * 0x10000 + (low >>> 16)) % divisor) * 0x10000 + (low & 0xffff)) % divisor;

const MURMUR_HIGH = 0xc6a4a793;
const MURMUR_LOW = 0x5bd1e995;

/** Of the bytes `[start, end)`: MurmurHash64A with the seed 0, by which KenLM knows words. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, out: Hash64): void {
  const at = (index: number): number => bytes[index] ?? 0;
  const word = (index: number): number =>
    (at(index) | (at(index + 1) << 8) | (at(index + 2) << 16) | (at(index + 3) << 24)) >>> 0;
  const part = new Hash64();
  out.set(0, end - start);
  out.multiply(MURMUR_HIGH, MURMUR_LOW);
  let index = start;
  for (; index + 8 <= end; index += 8) {
    part.set(word(index + 4), word(index));
    part.multiply(MURMUR_HIGH, MURMUR_LOW);
    part.xor(0, part.high >>> 15);
    part.multiply(MURMUR_HIGH, MURMUR_LOW);
    out.xor(part.high, part.low);
    out.multiply(MURMUR_HIGH, MURMUR_LOW);
  }
  if (index < end) {
    let high = 0;
    let low = 0;
    for (let last = end - 1; last >= index; last -= 1) {
      high = ((high << 8) | (low >>> 24)) >>> 0;
      low = ((low << 8) | at(last)) >>> 0;
    }
    out.xor(high, low);
    out.multiply(MURMUR_HIGH, MURMUR_LOW);
  }
  // A shift by 47 bits leaves of the upper half what is above its bit 15.
  out.xor(0, out.high >>> 15);
  out.multiply(MURMUR_HIGH, MURMUR_LOW);
  out.xor(0, out.high >>> 15);
}

/** Hashes words one after another in the same memory. */
export class WordHasher {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(256);

  hash(word: string, out: Hash64): void {
    // A UTF-16 unit has at most three bytes in UTF-8.
    if (this.#bytes.length < 3 * word.length) this.#bytes = new Uint8Array(6 * word.length);
    hashBytes(this.#bytes, 0, this.#encoder.encodeInto(word, this.#bytes).written, out);
  }
}

/** Goes on from the n-gram without its oldest word: KenLM's `CombineWordHash`. An n-gram of one word has its id for a key. */
export function combineKey(key: Hash64, older: number, scratch: Hash64): void {
  scratch.set(older === 0xffffffff ? 1 : 0, (older + 1) >>> 0);
  scratch.multiply(0xf8574e12, 0x21634907);
  key.multiply(0x7c9ba273, 0x3b63f585);
  key.xor(scratch.high, scratch.low);
}
