/**
 * The layout of files before PyTorch 1.6: five pickles one after another, then the storages (`_legacy_load` of `torch/serialization.py`).
 *
 * ```
 * magic number | protocol 1001 | facts about the machine | the object | keys of the storages | for each: int64 element count, elements
 * ```
 */
import { viewOf } from '../../base/bytes.ts';
import { isListOf } from '../../base/checks.ts';
import { describeValue } from '../../base/errors.ts';
import type { ByteSource } from '../../base/files.ts';
import { MAX_PICKLE_BYTE_LENGTH, unpickle } from './pickle-machine.ts';
import { bytesPerElement, type PickledStorage } from './pickled.ts';
import type { PytorchContainer } from './container.ts';
import { badFile } from './refusal.ts';
import { StorageRegion } from './storage-region.ts';

const PROTOCOL = 1001;
const COUNT_BYTE_LENGTH = 8;
const FIRST_READ_BYTE_LENGTH = 64 * 1024;

export async function readLegacy(
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<PytorchContainer> {
  const { name: file, byteLength } = source;
  const { values, storages, end } = await readPickles(source, signal);
  const [, protocol, , object, keys] = values;
  if (protocol !== PROTOCOL || !isListOf(keys, isString)) {
    throw badFile(
      file,
      `it begins like an old PyTorch file, but has the protocol ${describeValue(protocol)} (expected ${PROTOCOL}) or no list of storages.`,
    );
  }
  const regions = new Map<string, StorageRegion>();
  let offset = end;
  for (const key of keys) {
    const storage = storages.get(key);
    if (!storage || regions.has(key)) {
      throw badFile(file, `it lists the storage ${describeValue(key)} twice, or no tensor has it.`);
    }
    const { elementCount, dtype } = storage;
    const headOffset = offset;
    const dataOffset = offset + COUNT_BYTE_LENGTH;
    const storageByteLength = elementCount * bytesPerElement(dtype);
    offset = dataOffset + storageByteLength;
    const checkCount = (head: Uint8Array): number => {
      const found = viewOf(head).getBigInt64(0, true);
      if (found === BigInt(elementCount)) return dataOffset;
      throw badFile(
        file,
        `storage ${describeValue(key)} at byte ${headOffset} has ${found.toString()} elements, expected ${elementCount}.`,
      );
    };
    regions.set(
      key,
      new StorageRegion(source, headOffset, COUNT_BYTE_LENGTH, storageByteLength, offset, checkCount),
    );
  }
  if (offset !== byteLength) {
    throw badFile(file, `its storages end at byte ${offset}, found a file of ${byteLength} bytes.`);
  }
  // PyTorch writes little-endian elements on every machine, whatever the facts say, and reads them so.
  return { object, storages, regionOf: (key) => regions.get(key), isBigEndian: false };
}

interface Pickles {
  readonly values: readonly unknown[];
  readonly storages: ReadonlyMap<string, PickledStorage>;
  /** Of the byte behind them. */
  readonly end: number;
}

/** Nothing tells their length: reads more until they are complete. */
async function readPickles(source: ByteSource, signal: AbortSignal | undefined): Promise<Pickles> {
  const { name: file, byteLength } = source;
  const most = Math.min(byteLength, MAX_PICKLE_BYTE_LENGTH);
  let bytes = new Uint8Array();
  while (bytes.length < most) {
    const more = new Uint8Array(Math.min(most, Math.max(FIRST_READ_BYTE_LENGTH, 4 * bytes.length)));
    more.set(bytes);
    more.set(await source.read(bytes.length, more.length - bytes.length, signal), bytes.length);
    bytes = more;
    const pickles = parsePickles(bytes, file);
    if (pickles) return pickles;
  }
  throw badFile(file, `its pickles do not end within its first ${most} bytes.`);
}

function parsePickles(bytes: Uint8Array, file: string): Pickles | undefined {
  const storages = new Map<string, PickledStorage>();
  const values: unknown[] = [];
  let end = 0;
  while (values.length < 5) {
    const pickle = unpickle(bytes, end, file, storages);
    if (!pickle) return undefined;
    values.push(pickle.value);
    ({ end } = pickle);
  }
  return { values, storages, end };
}

const isString = (value: unknown): value is string => typeof value === 'string';
