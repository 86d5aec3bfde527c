/** Cyclic redundancy checks with the most significant bit first, from 0, in a register of 32 bits. */

const tables = new Map<number, Int32Array>();

/**
 * The remainders of the bytes 0 to 255. A shorter polynomial is in the upper bits. The table is made on first use, so that
 * bundlers can leave it out of an app that decodes nothing.
 */
export function crcTable(polynomial: number): Int32Array {
  let table = tables.get(polynomial);
  if (table === undefined) {
    table = Int32Array.from({ length: 256 }, (_, byte) => {
      let remainder = byte << 24;
      for (let bit = 0; bit < 8; bit += 1) remainder = (remainder << 1) ^ (remainder < 0 ? polynomial : 0);
      return remainder;
    });
    tables.set(polynomial, table);
  }
  return table;
}

/** The register after one more byte. */
export const crcStep = (table: Int32Array, crc: number, byte: number): number =>
  (crc << 8) ^ (table[(crc >>> 24) ^ byte] ?? 0);
