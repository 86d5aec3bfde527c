/** Reads bytes of files as numbers, characters and digits. */

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** `length` bytes as characters with these codes; fewer at the end. */
export const textAt = (bytes: Uint8Array, offset: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(offset, offset + length));

/** Each number in hexadecimal. */
export const hexOf = (numbers: ArrayLike<number>, digits = 2): string[] =>
  Array.from(numbers, (number) => number.toString(16).padStart(digits, '0'));

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
