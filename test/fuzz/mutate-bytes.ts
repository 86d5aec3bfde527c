/** Damage to files: bits, bytes, numbers, blocks, cuts. */
import type { Random } from './random.ts';

/** `overwrite` and `insert` keep every byte around them; the others lose some. */
export type EditKind = 'overwrite' | 'insert' | 'delete' | 'swap' | 'truncate' | 'splice';

export interface Edit {
  readonly kind: EditKind;
  /** First byte that differs from the file before the edit. */
  readonly offset: number;
  readonly text: string;
}

export interface MutatedBytes {
  readonly bytes: Uint8Array;
  readonly edits: readonly Edit[];
}

export interface ByteMutationOptions {
  /** Other files of the format, to be spliced in. */
  readonly others?: readonly Uint8Array[];
  /** Byte strings that mean something in the format. */
  readonly tokens?: readonly string[];
  /** Edits fall on `[start, end)` of the file; all of it when left out. */
  readonly region?: readonly [start: number, end: number];
}

const BYTES = [0, 1, 0x7f, 0x80, 0xfe, 0xff, 0x0a, 0x0d, 0x20, 0x22];
const WORDS = [0, 1, 2, 0x7f, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

export const asciiBytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

export const joinBytes = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));

/** One edit in most files, up to four in others. */
export function mutateBytes(
  seed: Uint8Array,
  random: Random,
  options: ByteMutationOptions = {},
): MutatedBytes {
  let bytes: Uint8Array = seed.slice();
  const edits: Edit[] = [];
  const count = random.chance(0.6) ? 1 : random.between(2, 4);
  for (let index = 0; index < count && bytes.length > 0; index += 1) {
    const edited = editOnce(bytes, random, options);
    bytes = edited.bytes;
    edits.push(edited.edit);
  }
  return { bytes, edits };
}

export const describeEdits = (edits: readonly Edit[]): string =>
  edits.map(({ kind, offset, text }) => `${kind} at ${offset} ${text}`).join('; ');

interface Edited {
  readonly bytes: Uint8Array;
  readonly edit: Edit;
}
type Editor = (bytes: Uint8Array, at: number, random: Random, options: ByteMutationOptions) => Edited;

function editOnce(bytes: Uint8Array, random: Random, options: ByteMutationOptions): Edited {
  const [start, end] = options.region ?? [0, bytes.length];
  const last = Math.max(start, Math.min(end, bytes.length) - 1);
  return random.pick(EDITORS)(bytes, Math.min(random.between(start, last), bytes.length), random, options);
}

const overwrite = (bytes: Uint8Array, offset: number, values: ArrayLike<number>, text: string): Edited => {
  const edited = bytes.slice();
  for (let index = 0; index < values.length && offset + index < edited.length; index += 1)
    edited[offset + index] = values[index] ?? 0;
  return { bytes: edited, edit: { kind: 'overwrite', offset, text } };
};

const insert = (bytes: Uint8Array, offset: number, values: Uint8Array, text: string): Edited => ({
  bytes: joinBytes(bytes.subarray(0, offset), values, bytes.subarray(offset)),
  edit: { kind: 'insert', offset, text },
});

const flipBit: Editor = (bytes, at, random) => {
  const bit = random.below(8);
  return overwrite(bytes, at, [(bytes[at] ?? 0) ^ (1 << bit)], `bit ${bit}`);
};

const setByte: Editor = (bytes, at, random) => {
  const value = random.chance(0.5) ? random.pick(BYTES) : random.below(256);
  return overwrite(bytes, at, [value], `to ${value}`);
};

const setWord: Editor = (bytes, at, random) => {
  const value = random.chance(0.8) ? random.pick(WORDS) : random.below(2 ** 32);
  const littleEndian = random.chance(0.5);
  const word = new Uint8Array(4);
  new DataView(word.buffer).setUint32(0, value, littleEndian);
  return overwrite(bytes, at, word, `32 bits ${value} ${littleEndian ? 'little' : 'big'}-endian`);
};

const insertBytes: Editor = (bytes, at, random, { tokens = [] }) => {
  if (tokens.length > 0 && random.chance(0.4)) {
    const token = random.pick(tokens);
    return insert(bytes, at, asciiBytes(token), JSON.stringify(token));
  }
  const length = random.chance(0.9) ? random.between(1, 16) : random.between(17, 600);
  const fill = random.pick(BYTES);
  const isNoise = random.chance(0.5);
  const values = Uint8Array.from({ length }, () => (isNoise ? random.below(256) : fill));
  return insert(bytes, at, values, `${length} bytes of ${isNoise ? 'noise' : fill}`);
};

const truncate: Editor = (bytes, at) => ({
  bytes: bytes.slice(0, at),
  edit: { kind: 'truncate', offset: at, text: `of ${bytes.length}` },
});

const blockLength = (bytes: Uint8Array, at: number, random: Random): number =>
  Math.min(bytes.length - at, random.chance(0.5) ? random.between(1, 8) : random.between(1, 400));

const deleteBlock: Editor = (bytes, at, random) => {
  const length = blockLength(bytes, at, random);
  return {
    bytes: joinBytes(bytes.subarray(0, at), bytes.subarray(at + length)),
    edit: { kind: 'delete', offset: at, text: `${length} bytes` },
  };
};

const duplicateBlock: Editor = (bytes, at, random) => {
  const block = bytes.slice(at, at + blockLength(bytes, at, random));
  return insert(bytes, at + block.length, block, `the ${block.length} bytes before again`);
};

const swapBlocks: Editor = (bytes, at, random) => {
  const other = random.below(bytes.length);
  const [first, second] = at < other ? [at, other] : [other, at];
  const length = Math.min(blockLength(bytes, second, random), second - first);
  const swapped = bytes.slice();
  swapped.set(bytes.subarray(second, second + length), first);
  swapped.set(bytes.subarray(first, first + length), second);
  return { bytes: swapped, edit: { kind: 'swap', offset: first, text: `${length} bytes with ${second}` } };
};

/** The start of one file and the end of another. */
const splice: Editor = (bytes, at, random, { others = [] }) => {
  const other = others.length > 0 ? random.pick(others) : bytes;
  const from = random.below(other.length + 1);
  return {
    bytes: joinBytes(bytes.subarray(0, at), other.subarray(from)),
    edit: { kind: 'splice', offset: at, text: `from ${from} of another` },
  };
};

const EDITORS: readonly Editor[] = [
  flipBit,
  flipBit,
  setByte,
  setWord,
  setWord,
  insertBytes,
  truncate,
  deleteBlock,
  duplicateBlock,
  swapBlocks,
  splice,
];
