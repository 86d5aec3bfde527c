/** Opens `pytorch_model.bin` of any PyTorch: the pickle first, then ranges of bytes. */
import { hexOf, textAt } from '../../base/bytes.ts';
import { describeValue, UniSpeechError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/files.ts';
import { STAND_IN_BYTE_LENGTH, standInOfBinary } from '../../base/stand-in.ts';
import type { StoredTensor } from '../reader.ts';
import { quote } from '../safetensors.ts';
import type { PytorchContainer } from './container.ts';
import { readLegacy } from './legacy-layout.ts';
import { bytesPerElement, isPickled, type PickledTensor } from './pickled.ts';
import { badFile } from './refusal.ts';
import type { StorageRegion } from './storage-region.ts';
import { gather, isContiguous } from './strided.ts';
import { readZipLayout } from './zip-layout.ts';

/** Behind this many bytes a tar file says that it is one. */
const TAR_MAGIC_OFFSET = 257;
const LEGACY_START = '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e';
/** What training programs put a model under, beside optimizers and counts. */
const WRAPPERS = ['state_dict', 'model'];
const STATE_DICT = 'Load it in PyTorch, and save model.state_dict() with torch.save.';
const MAX_NAME_LENGTH = 1000;
/**
 * The most bytes of a strided tensor that are put in order at once: a whole matrix of any model, so that it is read once. A transposed
 * tensor takes up to so much memory more than others.
 */
const WINDOW_BYTE_LENGTH = 64 * 2 ** 20;

/** See `CheckpointReader.open`. */
export async function openPytorch(
  source: ByteSource,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const container = await openContainer(source, signal);
  const tensors: (readonly [name: string, order: readonly [number, number], tensor: StoredTensor])[] = [];
  for (const [name, tensor] of stateDictOf(container.object, source.name)) {
    const region = regionOf(tensor, container, source.name);
    const order = [region.headOffset, tensor.elementOffset * bytesPerElement(tensor.dtype)] as const;
    tensors.push([name, order, storedTensor(tensor, region, container.isBigEndian)]);
  }
  tensors.sort(
    ([, [storageA, offsetA]], [, [storageB, offsetB]]) => storageA - storageB || offsetA - offsetB,
  );
  return new Map(tensors.map(([name, , tensor]) => [name, tensor]));
}

async function openContainer(source: ByteSource, signal: AbortSignal | undefined): Promise<PytorchContainer> {
  const { name: file, byteLength } = source;
  const start = await source.read(0, Math.min(byteLength, TAR_MAGIC_OFFSET + 5), signal);
  if (textAt(start, 0, 4) === 'PK\x03\x04') return readZipLayout(source, signal);
  if (textAt(start, 0, LEGACY_START.length) === LEGACY_START) return readLegacy(source, signal);
  const standIn = standInOfBinary(start.subarray(0, STAND_IN_BYTE_LENGTH));
  if (standIn) throw new UniSpeechError('bad-checkpoint', `${file} is ${standIn.what}.`, standIn.fix);
  const isTar = textAt(start, TAR_MAGIC_OFFSET, 5) === 'ustar';
  const found = isTar ? 'a tar archive' : `one that begins with ${hexOf(start.subarray(0, 8)).join(' ')}`;
  throw badFile(file, `expected a file of PyTorch 0.1.10 or newer, found ${found}.`, STATE_DICT);
}

/** The tensors of a model by name, or those that a training program saved one level down. */
function stateDictOf(object: unknown, file: string): ReadonlyMap<string, PickledTensor> {
  const candidates = [
    object,
    ...WRAPPERS.map((key): unknown => (object instanceof Map ? object.get(key) : undefined)),
  ];
  const found = candidates.find(isStateDict);
  if (!found) {
    const keys = object instanceof Map ? [...object.keys()].slice(0, 5).map(describeValue).join(', ') : '';
    throw badFile(
      file,
      `expected tensors by name, found ${keys ? `a dict of ${keys}` : describeValue(object)}.`,
      STATE_DICT,
    );
  }
  for (const name of found.keys()) {
    if (name.length > MAX_NAME_LENGTH) throw badFile(file, `the tensor name ${quote(name)} is too long.`);
  }
  return found;
}

const isStateDict = (value: unknown): value is ReadonlyMap<string, PickledTensor> =>
  value instanceof Map &&
  [...value].every(([name, tensor]) => typeof name === 'string' && isPickled(tensor, 'tensor'));

/** @throws UniSpeechError `bad-checkpoint` where the file does not hold the storage, or one of another length. */
function regionOf(
  { storageKey }: PickledTensor,
  { storages, regionOf: find }: PytorchContainer,
  file: string,
) {
  const storage = storages.get(storageKey);
  const byteLength = storage ? storage.elementCount * bytesPerElement(storage.dtype) : 0;
  const region = find(storageKey);
  if (region?.byteLength === byteLength) return region;
  throw badFile(
    file,
    `expected ${byteLength} bytes as storage ${describeValue(storageKey)}, found ${region?.byteLength ?? 'no such storage'}.`,
  );
}

function storedTensor(tensor: PickledTensor, region: StorageRegion, isBigEndian: boolean): StoredTensor {
  const { dtype, shape, elementOffset } = tensor;
  const width = bytesPerElement(dtype);
  const elementCount = shape.reduce((product, dim) => product * dim, 1);
  const readStorage = async (
    start: number,
    byteLength: number,
    signal: AbortSignal | undefined,
    into?: ArrayBuffer,
  ): Promise<Uint8Array> => {
    const bytes = await region.read(elementOffset * width + start, byteLength, signal, into);
    return isBigEndian ? swapped(bytes, dtype === 'C64' ? width / 2 : width) : bytes;
  };
  const readBytes = isContiguous(tensor)
    ? readStorage
    : stridedReader(tensor, elementCount, width, readStorage);
  return { dtype, shape, byteLength: elementCount * width, readBytes };
}

/** Puts a part of the tensor in order that is large, and keeps it until all of it was read. */
function stridedReader(
  tensor: PickledTensor,
  elementCount: number,
  width: number,
  readStorage: StoredTensor['readBytes'],
): StoredTensor['readBytes'] {
  const windowLength = Math.min(elementCount, Math.floor(WINDOW_BYTE_LENGTH / width));
  let window = { start: 0, bytes: new Uint8Array() };
  return async (byteOffset, byteLength, signal, into) => {
    const target = new Uint8Array(into, 0, byteLength);
    for (let filled = 0; filled < byteLength;) {
      const offset = byteOffset + filled;
      const start = Math.floor(offset / width / windowLength) * windowLength;
      let { bytes } = window;
      if (window.start !== start || bytes.length === 0) {
        const count = Math.min(windowLength, elementCount - start);
        window = { start, bytes: new Uint8Array() };
        bytes = await gather(tensor, start, count, width, (from, length) =>
          readStorage((from - tensor.elementOffset) * width, length, signal, new ArrayBuffer(length)),
        );
        window = { start, bytes };
      }
      const piece = bytes.subarray(offset - start * width).subarray(0, byteLength - filled);
      target.set(piece, filled);
      filled += piece.length;
    }
    if (byteOffset + byteLength === elementCount * width) window = { start: 0, bytes: new Uint8Array() };
    return target;
  };
}

/** Turns the bytes of each number around, in place. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}
