/**
 * The directory of a zip file, with the 64-bit fields of large ones. Entries are stored, not compressed, so that ranges of them can be read.
 *
 * ```
 * local header, name, extra | data | sizes      for each entry; PyTorch writes zeros for the sizes in the local header
 * central directory                             sizes, and where each local header lies
 * end records                                   where the central directory lies
 * ```
 *
 * (APPNOTE.TXT of PKWARE; `caffe2/serialize/inline_container.cc`.) Checksums are not compared: `torch.serialization.set_crc32_options`
 * writes files with other ones, and a sum over every byte would cost as much time as reading them.
 */
import { textAt, viewOf } from '../../base/bytes.ts';
import { describeValue } from '../../base/errors.ts';
import type { ByteSource } from '../../base/files.ts';
import { badFile } from './refusal.ts';
import { StorageRegion } from './storage-region.ts';

const LOCAL_BYTE_LENGTH = 30;
const ENTRY_BYTE_LENGTH = 46;
const END_BYTE_LENGTH = 22;
const LOCATOR_BYTE_LENGTH = 20;
const END_64_BYTE_LENGTH = 56;
const MAX_COMMENT_BYTE_LENGTH = 0xffff;
const MAX_DIRECTORY_BYTE_LENGTH = 16 * 2 ** 20;
/** Several times what the largest models need. */
const MAX_ENTRY_COUNT = 65_536;
const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;

interface ZipEntry {
  readonly name: string;
  readonly byteLength: number;
  /** Of its local header. */
  readonly headOffset: number;
}

/** The entries by name. @throws UniSpeechError `bad-checkpoint`. */
export async function readZip(
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, StorageRegion>> {
  const { name: file, byteLength } = source;
  const tailOffset = Math.max(
    0,
    byteLength - MAX_COMMENT_BYTE_LENGTH - END_BYTE_LENGTH - LOCATOR_BYTE_LENGTH - END_64_BYTE_LENGTH,
  );
  const tail = await source.read(tailOffset, byteLength - tailOffset, signal);
  const read = async (start: number, length: number): Promise<Uint8Array> =>
    start >= tailOffset
      ? tail.subarray(start - tailOffset, start - tailOffset + length)
      : source.read(start, length, signal);

  const end = await findEnd(tail, tailOffset, file, read);
  if (end.offset + end.byteLength > end.limit || end.byteLength > MAX_DIRECTORY_BYTE_LENGTH) {
    throw badFile(
      file,
      `its zip directory is said to be ${end.byteLength} bytes from byte ${end.offset} on, in front of byte ${end.limit}.`,
    );
  }
  const entries = parseDirectory(await read(end.offset, end.byteLength), end.entryCount, file);
  entries.sort((a, b) => a.headOffset - b.headOffset);
  const regions = new Map<string, StorageRegion>();
  entries.forEach((entry, index) => {
    const limit = entries[index + 1]?.headOffset ?? end.offset;
    if (regions.has(entry.name)) throw badFile(file, `it holds ${describeValue(entry.name)} twice.`);
    regions.set(entry.name, regionOf(source, entry, limit));
  });
  return regions;
}

interface DirectoryEnd {
  readonly entryCount: number;
  readonly byteLength: number;
  readonly offset: number;
  /** Where the end records begin. */
  readonly limit: number;
}

async function findEnd(
  tail: Uint8Array,
  tailOffset: number,
  file: string,
  read: (start: number, length: number) => Promise<Uint8Array>,
): Promise<DirectoryEnd> {
  const view = viewOf(tail);
  let at = tail.length - END_BYTE_LENGTH;
  const isEnd = (): boolean =>
    textAt(tail, at, 4) === 'PK\x05\x06' &&
    at + END_BYTE_LENGTH + view.getUint16(at + 20, true) === tail.length;
  while (at >= 0 && !isEnd()) at--;
  if (at < 0) throw badFile(file, 'it begins like a zip file, but has no end record: its end is missing.');
  const end = {
    entryCount: view.getUint16(at + 10, true),
    byteLength: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
    limit: tailOffset + at,
  };
  if (end.entryCount !== FULL_16 && end.byteLength !== FULL_32 && end.offset !== FULL_32) return end;

  const locator = at - LOCATOR_BYTE_LENGTH;
  const endOffset =
    textAt(tail, Math.max(locator, 0), 4) === 'PK\x06\x07' ? u64(view, locator + 8) : Infinity;
  const isInside = endOffset + END_64_BYTE_LENGTH <= tailOffset + locator;
  const record = isInside ? await read(endOffset, END_64_BYTE_LENGTH) : new Uint8Array();
  if (textAt(record, 0, 4) !== 'PK\x06\x06') throw badFile(file, 'its 64-bit end record is missing.');
  const fields = viewOf(record);
  return {
    entryCount: u64(fields, 32),
    byteLength: u64(fields, 40),
    offset: u64(fields, 48),
    limit: endOffset,
  };
}

function parseDirectory(bytes: Uint8Array, entryCount: number, file: string): ZipEntry[] {
  const view = viewOf(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const isEntry = textAt(bytes, at, 4) === 'PK\x01\x02' && at + ENTRY_BYTE_LENGTH <= bytes.length;
    const nameOffset = at + ENTRY_BYTE_LENGTH;
    const extraOffset = nameOffset + (isEntry ? view.getUint16(at + 28, true) : 0);
    const commentOffset = extraOffset + (isEntry ? view.getUint16(at + 30, true) : 0);
    const end = commentOffset + (isEntry ? view.getUint16(at + 32, true) : 0);
    if (!isEntry || end > bytes.length || entries.length === MAX_ENTRY_COUNT) {
      throw badFile(file, `its zip directory is damaged at entry ${entries.length} of ${entryCount}.`);
    }
    const name = new TextDecoder().decode(bytes.subarray(nameOffset, extraOffset));
    const isEncrypted = view.getUint16(at + 8, true) % 2 === 1;
    const sizes = [24, 20, 42].map((field) => view.getUint32(at + field, true));
    const [byteLength = 0, storedByteLength = 0, headOffset = 0] = widen(
      sizes,
      bytes.subarray(extraOffset, commentOffset),
    );
    if (view.getUint16(at + 10, true) !== 0 || isEncrypted || byteLength !== storedByteLength) {
      throw badFile(
        file,
        `the entry ${describeValue(name)} of this zip file is compressed or encrypted, expected plain bytes.`,
        'Some program has packed it anew: use the file as torch.save wrote it.',
      );
    }
    entries.push({ name, byteLength, headOffset });
    at = end;
  }
  if (entries.length === entryCount) return entries;
  throw badFile(file, `its zip directory holds ${entries.length} entries, expected ${entryCount}.`);
}

/** Takes those sizes that do not fit 32 bits from the extra fields. */
function widen(sizes: readonly number[], extra: Uint8Array): readonly number[] {
  const view = viewOf(extra);
  let at = 0;
  while (at + 4 <= extra.length && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  at += 4;
  return sizes.map((size) => {
    if (size !== FULL_32) return size;
    at += 8;
    // A field that is missing counts as a place behind the end of any file, which is refused.
    return at <= extra.length ? u64(view, at - 8) : Number.MAX_SAFE_INTEGER;
  });
}

function regionOf(
  source: ByteSource,
  { name, byteLength, headOffset }: ZipEntry,
  limit: number,
): StorageRegion {
  const nameBytes = new TextEncoder().encode(name);
  const headByteLength = LOCAL_BYTE_LENGTH + nameBytes.length;
  const outside = () =>
    badFile(
      source.name,
      `the entry ${describeValue(name)} of ${byteLength} bytes is said to lie between byte ${headOffset} and byte ${limit}.`,
    );
  if (headOffset + headByteLength + byteLength > limit) throw outside();
  return new StorageRegion(source, headOffset, headByteLength, byteLength, limit, (head) => {
    const nameLength = viewOf(head).getUint16(26, true);
    const isSame = nameLength === nameBytes.length && nameBytes.every((byte, at) => byte === head[30 + at]);
    if (textAt(head, 0, 4) !== 'PK\x03\x04' || !isSame) {
      throw badFile(source.name, `the entry ${describeValue(name)} is not at byte ${headOffset}.`);
    }
    const dataOffset = headOffset + headByteLength + viewOf(head).getUint16(28, true);
    if (dataOffset + byteLength > limit) throw outside();
    return dataOffset;
  });
}

/** Beyond 2^53 the number is not exact, but it lies behind the end of any file. */
const u64 = (view: DataView, offset: number): number => Number(view.getBigUint64(offset, true));
