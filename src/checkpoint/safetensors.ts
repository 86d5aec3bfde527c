/**
 * The header of a safetensors file, checked in full before any tensor is used
 * (format and order of the checks: `safetensors/src/tensor.rs`).
 *
 * ```
 * 8 bytes   N, little-endian       header byte length
 * N bytes   UTF-8 JSON             name → { dtype, shape, data_offsets: [begin, end] }
 * rest      data                   little-endian, row-major, no holes
 * ```
 */
import { viewOf } from '../base/bytes.ts';
import { isCount, isListOf, isRecord } from '../base/checks.ts';
import { UniSpeechError, describeValue } from '../base/errors.ts';
import { type StoredDtype, elementBitLength, isDtype } from './dtype.ts';
import { findDuplicateKey } from './json-scan.ts';
import type { TensorEntry } from './reader.ts';

/** Bytes in front of the JSON. */
export const LENGTH_FIELD_BYTE_LENGTH = 8;
const MAX_HEADER_BYTE_LENGTH = 100_000_000;
const DAMAGED = 'The file is damaged, incomplete or no safetensors file: fetch it again.';
const MALFORMED = 'The file was not written by a correct safetensors writer: convert the model again.';

const bad = (fileName: string, message: string, fix = MALFORMED, cause?: unknown): UniSpeechError =>
  new UniSpeechError('bad-checkpoint', `${fileName}: ${message}`, fix, { cause });

/**
 * The byte length of the JSON header.
 * @param start at least the first 8 bytes of the file (or all of a shorter one).
 * @throws UniSpeechError `bad-checkpoint` when the file cannot hold such a header.
 */
export function headerByteLength(start: Uint8Array, fileByteLength: number, fileName: string): number {
  if (fileByteLength < LENGTH_FIELD_BYTE_LENGTH) {
    throw bad(
      fileName,
      `expected at least ${LENGTH_FIELD_BYTE_LENGTH} bytes for the header's length, found a file of ${fileByteLength} bytes.`,
      DAMAGED,
    );
  }
  const length = viewOf(start).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTE_LENGTH) {
    throw bad(
      fileName,
      `expected a header of at most ${MAX_HEADER_BYTE_LENGTH} bytes, found a length field of ${length.toString()}.`,
      DAMAGED,
    );
  }
  const byteLength = Number(length);
  if (LENGTH_FIELD_BYTE_LENGTH + byteLength > fileByteLength) {
    throw bad(
      fileName,
      `expected ${LENGTH_FIELD_BYTE_LENGTH} + ${byteLength} bytes of header, found a file of ${fileByteLength} bytes.`,
      DAMAGED,
    );
  }
  return byteLength;
}

/** A tensor with the place of its bytes, from the start of the file. */
export interface SafetensorsEntry extends TensorEntry {
  readonly byteOffset: number;
}

/**
 * The tensors of a file by name, in the order of their bytes.
 * @param bytes the file from its start, at least to the end of the header.
 * @param fileByteLength of the whole file.
 * @param fileName shown in errors.
 * @throws UniSpeechError `bad-checkpoint`: one sentence with file, tensor, expected and found.
 */
export function parseHeader(
  bytes: Uint8Array,
  fileByteLength: number,
  fileName: string,
): ReadonlyMap<string, SafetensorsEntry> {
  const jsonByteLength = headerByteLength(bytes, fileByteLength, fileName);
  const dataByteOffset = LENGTH_FIELD_BYTE_LENGTH + jsonByteLength;
  const header = parseObject(bytes.subarray(LENGTH_FIELD_BYTE_LENGTH, dataByteOffset), fileName);
  const parsed: ParsedEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') checkMetadata(value, fileName);
    else parsed.push(parseEntry(name, value, fileName));
  }
  parsed.sort((a, b) => a.begin - b.begin || a.end - b.end);

  const tensors = new Map<string, SafetensorsEntry>();
  let dataByteLength = 0;
  for (const tensor of parsed) {
    const { name, dtype, shape, begin, end } = tensor;
    if (begin !== dataByteLength || end < begin) {
      throw bad(
        fileName,
        `tensor ${quote(name)} has data_offsets [${begin}, ${end}], expected them to begin at ${dataByteLength}, ` +
          `where the tensor before ends, and not to end before they begin.`,
      );
    }
    checkByteLength(tensor, fileName);
    tensors.set(name, { dtype, shape, byteOffset: dataByteOffset + begin, byteLength: end - begin });
    dataByteLength = end;
  }
  if (dataByteOffset + dataByteLength !== fileByteLength) {
    throw bad(
      fileName,
      `expected ${dataByteOffset + dataByteLength} bytes (header ${dataByteOffset}, tensors ${dataByteLength}), ` +
        `found a file of ${fileByteLength} bytes.`,
      DAMAGED,
    );
  }
  return tensors;
}

interface ParsedEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Byte offsets in the data buffer. */
  readonly begin: number;
  readonly end: number;
}

function parseObject(jsonBytes: Uint8Array, fileName: string): object {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(jsonBytes);
  } catch (cause) {
    throw bad(fileName, 'expected UTF-8 text as the header, found other bytes.', DAMAGED, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad(
      fileName,
      `expected JSON as the header, found text that does not parse: ${describeValue(text)}.`,
      DAMAGED,
      cause,
    );
  }
  if (!isRecord(value)) {
    throw bad(fileName, `expected a JSON object as the header, found ${describeJson(value)}.`);
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) throw bad(fileName, `the header has the key ${quote(duplicate)} twice.`);
  return value;
}

function checkMetadata(metadata: unknown, fileName: string): void {
  if (!isRecord(metadata)) {
    throw bad(fileName, `__metadata__ must be an object of strings, found ${describeJson(metadata)}.`);
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') {
      throw bad(fileName, `__metadata__ ${quote(key)} must be a string, found ${describeJson(value)}.`);
    }
  }
}

function parseEntry(name: string, value: unknown, fileName: string): ParsedEntry {
  const where = `tensor ${quote(name)}`;
  if (!isRecord(value)) {
    throw bad(fileName, `${where} must be described by an object, found ${describeJson(value)}.`);
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) {
    throw bad(fileName, `${where} must have a dtype such as "F32", found ${describeJson(dtype)}.`);
  }
  if (!isListOf(shape, isCount)) {
    throw bad(fileName, `${where} must have a shape of non-negative integers, found ${describeJson(shape)}.`);
  }
  if (!isListOf(offsets, isCount) || offsets.length !== 2) {
    throw bad(
      fileName,
      `${where} must have data_offsets of two non-negative integers, found ${describeJson(offsets)}.`,
    );
  }
  const [begin = 0, end = 0] = offsets;
  return { name, dtype, shape, begin, end };
}

function checkByteLength({ name, dtype, shape, begin, end }: ParsedEntry, fileName: string): void {
  const where = `tensor ${quote(name)}: ${dtype} of shape ${describeJson(shape)}`;
  let bitLength = elementBitLength(dtype);
  for (const dim of shape) {
    bitLength *= dim;
    if (bitLength > Number.MAX_SAFE_INTEGER) throw bad(fileName, `${where} has too many elements to count.`);
  }
  if (bitLength % 8 !== 0) {
    throw bad(fileName, `${where} is ${bitLength} bits long, expected a whole number of bytes.`);
  }
  if (bitLength / 8 !== end - begin) {
    throw bad(fileName, `${where} needs ${bitLength / 8} bytes, found data_offsets of ${end - begin} bytes.`);
  }
}

/** Values come from the file: however deep they nest, one level is shown, and their own `constructor` is not touched. */
function describeJson(value: unknown): string {
  const describe = (item: unknown): string => (isRecord(item) ? 'an object' : describeValue(item));
  return Array.isArray(value) && value.length <= 16 ? `[${value.map(describe).join(', ')}]` : describe(value);
}

/** A tensor name for an error message; real names are longer than other values that messages show. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 200 ? `${name.slice(0, 197)}...` : name);
}
