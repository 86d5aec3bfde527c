/** Bytes of files, read as numbers, characters and digits. */

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** `length` bytes as the characters with these codes; fewer at the end. */
export const textAt = (bytes: Uint8Array, offset: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(offset, offset + length));

/** Each number in hexadecimal. */
export const hexOf = (numbers: ArrayLike<number>, digits = 2): string[] =>
  Array.from(numbers, (number) => number.toString(16).padStart(digits, '0'));
