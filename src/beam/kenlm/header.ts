/** The header of a KenLM binary: what is in the file, in what form. Source: `lm/binary_format.cc` of KenLM. */
import { damagedModel, unsupportedModel } from './damaged-model.ts';

const MAGIC = 'mmap lm http://kheafield.com/code';
const VERSION = 5;
/** The part before the counts. */
const FIXED_BYTE_LENGTH = 108;
/** KenLM is built for so many words. */
export const MAX_ORDER = 6;
/** Enough for every header. */
export const MAX_HEADER_BYTE_LENGTH = FIXED_BYTE_LENGTH + 8 * MAX_ORDER;

/** How n-grams are stored, by the number in the header. */
export type KenlmType = 0 | 2 | 3 | 4 | 5;
const TYPE_NAMES = [
  'probing',
  'probing with rest costs',
  'trie',
  'quantised trie',
  'trie with compressed pointers',
  'quantised trie with compressed pointers',
] as const;

export interface KenlmHeader {
  readonly type: KenlmType;
  /** n-grams of one word, of two and so on. */
  readonly counts: readonly number[];
  /** Buckets of a hash table for each entry. */
  readonly probingMultiplier: number;
  /** Where what follows begins. */
  readonly byteLength: number;
}

/** Whether a file begins as a KenLM binary does, of any version. */
export const isKenlmBinary = (start: Uint8Array): boolean => asciiOf(start, MAGIC.length) === MAGIC;

const asciiOf = (bytes: Uint8Array, length: number): string =>
  String.fromCharCode(...bytes.subarray(0, length));

/**
 * @param bytes the start of the file: `MAX_HEADER_BYTE_LENGTH` bytes, or all where it is shorter.
 * @throws UniSpeechError `bad-checkpoint`; `unsupported` for a version, a type or an order that is not read.
 */
export function readHeader(name: string, bytes: Uint8Array): KenlmHeader {
  const line = asciiOf(bytes, 52).split('\n', 1)[0] ?? '';
  if (line.startsWith(`${MAGIC} incomplete`))
    throw damagedModel(
      `${name} is a KenLM file that its writer did not finish.`,
      'Build the language model again with build_binary.',
    );
  const version = /format version (\d+)/.exec(line)?.[1];
  if (Number(version) !== VERSION)
    throw unsupportedModel(
      `${name} is a KenLM file of version ${version ?? 'unknown'}, but version ${VERSION} is read.`,
      'Build it again from its ARPA file with a current build_binary.',
    );
  if (bytes.length < FIXED_BYTE_LENGTH + 8)
    throw damagedModel(`${name} ends after ${bytes.length} bytes, within its header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const signs = [view.getFloat32(56, true), view.getFloat32(60, true), view.getFloat32(64, true)];
  const words = [68, 72, 76, 80, 84].map((place) => view.getUint32(place, true));
  if (String(signs) !== '0,1,-0.5' || String(words) !== '1,4294967295,0,1,0')
    throw damagedModel(`${name} was not written by a little-endian machine of 64 bits, or is damaged.`);
  const order = view.getUint8(88);
  if (order < 2 || order > MAX_ORDER)
    throw unsupportedModel(
      `${name} has n-grams of up to ${order} words, but orders from 2 to ${MAX_ORDER} are read.`,
    );
  const type = view.getInt32(96, true);
  if (type === 1)
    throw unsupportedModel(
      `${name} is a KenLM file of type 1 (${TYPE_NAMES[1]}), which is not read.`,
      'Build it with build_binary probing or trie, without rest costs.',
    );
  if (!isKnownType(type))
    throw damagedModel(`${name} has the type ${type}, but the types of KenLM are 0 to 5.`);
  const searchVersion = view.getUint32(104, true);
  if (searchVersion !== (type === 0 ? 0 : 1))
    throw unsupportedModel(
      `${name} has version ${searchVersion} of a ${TYPE_NAMES[type]}, which is not read.`,
    );
  const end = FIXED_BYTE_LENGTH + 8 * order;
  if (bytes.length < end) throw damagedModel(`${name} ends after ${bytes.length} bytes, within its header.`);
  const counts = Array.from({ length: order }, (_, index) => {
    const place = FIXED_BYTE_LENGTH + 8 * index;
    return view.getUint32(place, true) + 2 ** 32 * view.getUint32(place + 4, true);
  });
  const probingMultiplier = view.getFloat32(92, true);
  if (type === 0 && !(probingMultiplier >= 1 && probingMultiplier < 1e6))
    throw damagedModel(
      `${name} has a probing multiplier of ${probingMultiplier}, but it must be at least 1.`,
    );
  return { type, counts, probingMultiplier, byteLength: Math.ceil(end / 8) * 8 };
}

const isKnownType = (type: number): type is KenlmType => type === 0 || (type >= 2 && type <= 5);
