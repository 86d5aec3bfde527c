/** SHA-256 of data that comes in pieces (FIPS 180-4), because the browser's own digest needs all data at once. */

const BLOCK_BYTE_LENGTH = 64;

/** The first 32 bits of the fractions of a root of the first primes. */
function rootFractions(count: number, root: number): Int32Array {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return Int32Array.from(primes, (prime) => (prime ** (1 / root) % 1) * 2 ** 32);
}

export class Sha256 {
  readonly #constants = rootFractions(64, 3);
  readonly #state = rootFractions(8, 2);
  readonly #schedule = new Int32Array(64);
  /** The start of a block that is not full yet. */
  readonly #rest = new Uint8Array(BLOCK_BYTE_LENGTH);
  #byteLength = 0;

  update(bytes: Uint8Array): this {
    const restLength = this.#byteLength % BLOCK_BYTE_LENGTH;
    this.#byteLength += bytes.byteLength;
    let offset = 0;
    if (restLength > 0) {
      offset = Math.min(BLOCK_BYTE_LENGTH - restLength, bytes.byteLength);
      this.#rest.set(bytes.subarray(0, offset), restLength);
      if (restLength + offset < BLOCK_BYTE_LENGTH) return this;
      this.#compress(this.#rest, 0);
    }
    for (; offset + BLOCK_BYTE_LENGTH <= bytes.byteLength; offset += BLOCK_BYTE_LENGTH) {
      this.#compress(bytes, offset);
    }
    this.#rest.set(bytes.subarray(offset));
    return this;
  }

  /** The digest in 64 hexadecimal digits. Nothing can be added afterwards. */
  hex(): string {
    const bitLength = BigInt(this.#byteLength) * 8n;
    const padding = new Uint8Array(BLOCK_BYTE_LENGTH - ((this.#byteLength + 8) % BLOCK_BYTE_LENGTH) + 8);
    padding[0] = 0x80;
    new DataView(padding.buffer).setBigUint64(padding.byteLength - 8, bitLength);
    this.update(padding);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  #compress(bytes: Uint8Array, byteOffset: number): void {
    const w = this.#schedule;
    const k = this.#constants;
    const state = this.#state;
    const input = new DataView(bytes.buffer, bytes.byteOffset + byteOffset, BLOCK_BYTE_LENGTH);
    for (let i = 0; i < 16; i++) w[i] = input.getInt32(4 * i);
    for (let i = 16; i < 64; i++) {
      const early = w[i - 15] ?? 0;
      const late = w[i - 2] ?? 0;
      const small0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
      const small1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
      w[i] = (w[i - 16] ?? 0) + small0 + (w[i - 7] ?? 0) + small1;
    }
    // Plain variables and indices: arrays of eight and their iterators would make this several times slower.
    let a = state[0] ?? 0;
    let b = state[1] ?? 0;
    let c = state[2] ?? 0;
    let d = state[3] ?? 0;
    let e = state[4] ?? 0;
    let f = state[5] ?? 0;
    let g = state[6] ?? 0;
    let h = state[7] ?? 0;
    for (let i = 0; i < 64; i++) {
      const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (h + big1 + ((e & f) ^ (~e & g)) + (k[i] ?? 0) + (w[i] ?? 0)) | 0;
      const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] = (state[0] ?? 0) + a;
    state[1] = (state[1] ?? 0) + b;
    state[2] = (state[2] ?? 0) + c;
    state[3] = (state[3] ?? 0) + d;
    state[4] = (state[4] ?? 0) + e;
    state[5] = (state[5] ?? 0) + f;
    state[6] = (state[6] ?? 0) + g;
    state[7] = (state[7] ?? 0) + h;
  }
}

const rotate = (word: number, count: number): number => (word >>> count) | (word << (32 - count));
