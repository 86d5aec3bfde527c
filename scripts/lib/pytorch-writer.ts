/** Writes PyTorch files, correct ones and broken ones: pickles put together from their opcodes, and zip files. */
import { joinBytes, viewOf } from '../../src/base/bytes.ts';

/** One character a byte. */
export const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

const numberBytes = (value: number, byteLength: number): string =>
  String.fromCharCode(
    ...Array.from({ length: byteLength }, (_, index) => Math.floor(value / 256 ** index) & 0xff),
  );

/** Pieces of pickles, as strings of one character a byte. Each puts one value onto the stack. */
export const p = {
  none: 'N',
  int: (value: number): string => `J${numberBytes(value, 4)}`,
  /** Of up to 255 bytes, least significant byte first. */
  long: (...bytes: number[]): string => `\x8a${String.fromCharCode(bytes.length, ...bytes)}`,
  text: (text: string): string => {
    const bytes = new TextEncoder().encode(text);
    return `X${numberBytes(bytes.length, 4)}${String.fromCharCode(...bytes)}`;
  },
  tuple: (...items: string[]): string => `(${items.join('')}t`,
  ints: (...values: number[]): string => p.tuple(...values.map(p.int)),
  list: (...items: string[]): string => `](${items.join('')}e`,
  dict: (entries: Readonly<Record<string, string>>): string =>
    `}(${Object.entries(entries)
      .map(([key, value]) => p.text(key) + value)
      .join('')}u`,
  global: (module: string, name: string): string => `c${module}\n${name}\n`,
  call: (module: string, name: string, ...args: string[]): string =>
    `${p.global(module, name)}${p.tuple(...args)}R`,
  storage: (key: string, elementCount: number, kind = 'FloatStorage', ...more: string[]): string =>
    `${p.tuple(p.text('storage'), p.global('torch', kind), p.text(key), p.text('cpu'), p.int(elementCount), ...more)}Q`,
  tensor: (storage: string, shape: readonly number[], strides: readonly number[], offset = 0): string =>
    p.call(
      'torch._utils',
      '_rebuild_tensor_v2',
      storage,
      p.int(offset),
      p.ints(...shape),
      p.ints(...strides),
      '\x89',
      p.none,
    ),
} as const;

/** A whole pickle of protocol 2. */
export const pickleOf = (value: string): Uint8Array => latin1(`\x80\x02${value}.`);

export interface ZipOptions {
  /** Takes 64-bit fields for everything. */
  readonly zip64?: boolean;
  /** Instead of 0: stored. */
  readonly method?: number;
  readonly flags?: number;
}

export interface ZipParts {
  /** What stands in front of the content of each entry. */
  readonly heads: readonly Uint8Array[];
  /** What stands behind the last one. */
  readonly end: Uint8Array;
}

/** The parts of a zip file around the contents of its entries, without checksums. */
export function zipParts(
  entries: readonly { readonly name: string; readonly byteLength: number }[],
  { zip64 = false, method = 0, flags = 0 }: ZipOptions = {},
): ZipParts {
  const field = (value: number): string => (zip64 ? '\xff\xff\xff\xff' : numberBytes(value, 4));
  const heads: Uint8Array[] = [];
  let directory = '';
  let offset = 0;
  for (const { name, byteLength } of entries) {
    const nameBytes = String.fromCharCode(...new TextEncoder().encode(name));
    const about = `\x14\0${numberBytes(flags, 2)}${numberBytes(method, 2)}${'\0'.repeat(8)}`;
    // Padding and zero sizes in the local header, as PyTorch writes them.
    const local = `PK\x03\x04${about}${'\0'.repeat(8)}${numberBytes(nameBytes.length, 2)}\x07\0${nameBytes}FB\x03\0ZZZ`;
    const sizes = field(byteLength) + field(byteLength);
    const wide = [byteLength, byteLength, offset].map((value) => numberBytes(value, 8)).join('');
    const extra = zip64 ? `\x01\0\x18\0${wide}` : '';
    directory += `PK\x01\x02\0\0${about}${sizes}${numberBytes(nameBytes.length, 2)}${numberBytes(extra.length, 2)}${'\0'.repeat(10)}${field(offset)}${nameBytes}${extra}`;
    heads.push(latin1(local));
    offset += local.length + byteLength;
  }
  const count = entries.length;
  const end64 = `PK\x06\x06${numberBytes(44, 8)}${'\0'.repeat(12)}${numberBytes(count, 8)}${numberBytes(count, 8)}${numberBytes(directory.length, 8)}${numberBytes(offset, 8)}`;
  const locator = `PK\x06\x07\0\0\0\0${numberBytes(offset + directory.length, 8)}\x01\0\0\0`;
  const counts = zip64 ? '\xff\xff\xff\xff' : numberBytes(count, 2).repeat(2);
  const end = `PK\x05\x06\0\0\0\0${counts}${field(directory.length)}${field(offset)}\0\0`;
  return { heads, end: latin1(directory + (zip64 ? end64 + locator : '') + end) };
}

/** A zip file of these entries, without checksums. */
export function writeZip(
  entries: readonly (readonly [name: string, content: Uint8Array])[],
  options?: ZipOptions,
): Uint8Array {
  const sizes = entries.map(([name, { byteLength }]) => ({ name, byteLength }));
  const { heads, end } = zipParts(sizes, options);
  return joinBytes([...entries.flatMap(([, content], index) => [heads[index] ?? end, content]), end]);
}

/** The pickle of tensors without gaps, float32 and each in a storage of its own: storage 0, 1, … in this order. */
export const pickleOfTensors = (tensors: Readonly<Record<string, readonly number[]>>): Uint8Array =>
  pickleOf(
    p.dict(
      Object.fromEntries(
        Object.entries(tensors).map(([name, shape], index) => {
          const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
          return [name, p.tensor(p.storage(String(index), product(shape)), shape, strides)];
        }),
      ),
    ),
  );

const product = (factors: readonly number[]): number =>
  factors.reduce((result, factor) => result * factor, 1);

export interface PytorchOptions extends ZipOptions {
  readonly bigEndian?: boolean;
}

/** A zip file of float32 tensors of one dim, each in a storage of its own. */
export function writePytorch(
  tensors: Readonly<Record<string, Float32Array>>,
  { bigEndian = false, ...options }: PytorchOptions = {},
): Uint8Array {
  const named = Object.entries(tensors);
  const pickle = pickleOfTensors(Object.fromEntries(named.map(([name, { length }]) => [name, [length]])));
  const storages = named.map(([, values], index) => {
    const bytes = new Uint8Array(4 * values.length);
    const view = viewOf(bytes);
    values.forEach((value, at) => view.setFloat32(4 * at, value, !bigEndian));
    return [`m/data/${index}`, bytes] as const;
  });
  const order = latin1(bigEndian ? 'big' : 'little');
  return writeZip([['m/data.pkl', pickle], ['m/byteorder', order], ...storages], options);
}

/** The layout before PyTorch 1.6, with these bytes behind the pickles. */
export const writeLegacy = (
  object: string,
  keys: readonly string[],
  data: Uint8Array,
  protocol = 1001,
): Uint8Array =>
  joinBytes([
    pickleOf(p.long(0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)),
    pickleOf(p.int(protocol)),
    pickleOf(p.dict({ little_endian: '\x88' })),
    pickleOf(object),
    pickleOf(p.list(...keys.map(p.text))),
    data,
  ]);

/** A storage of the legacy layout: its element count, then its elements. */
export function legacyStorage(values: Float32Array, elementCount = values.length): Uint8Array {
  const count = new Uint8Array(8);
  viewOf(count).setBigInt64(0, BigInt(elementCount), true);
  return joinBytes([count, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
}
