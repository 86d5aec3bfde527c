/** Hostile and broken zip files and legacy files: each is refused in one sentence, and nothing that it asks for is done. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { joinBytes, viewOf } from '../../src/base/bytes.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { refusalOf } from '../helpers/pytorch-refusal.ts';
import {
  latin1,
  legacyStorage,
  p,
  pickleOf,
  writeLegacy,
  writePytorch,
  writeZip,
} from '../../scripts/lib/pytorch-writer.ts';

const STORAGE = ['x/data/0', new Uint8Array(16)] as const;
const SCALAR = p.tensor(p.storage('0', 4), [], []);
const GOOD = writePytorch({ a: Float32Array.of(1, 2, 3) });

/** A good file with some bytes replaced behind the last place where `text` stands. */
function patched(text: string, offset: number, ...bytes: number[]): Uint8Array {
  const file = GOOD.slice();
  const at = Buffer.from(file).lastIndexOf(Buffer.from(text, 'latin1'));
  expect(at).toBeGreaterThanOrEqual(0);
  file.set(bytes, at + offset);
  return file;
}
const ENTRY = 'PK\x01\x02';
const END = 'PK\x05\x06';

describe('a zip file is refused', () => {
  const pickle = pickleOf(p.dict({ a: SCALAR }));
  test.each<[what: string, file: Uint8Array, message: string]>([
    ['whose end is missing', GOOD.subarray(0, -1), 'has no end record: its end is missing'],
    ['that only begins like one', latin1('PK\x03\x04'), 'has no end record'],
    [
      'that is compressed',
      writeZip([['x/data.pkl', pickle], STORAGE], { method: 8 }),
      'the entry "x/data.pkl" of this zip file is compressed or encrypted, expected plain bytes. Some program has packed it anew',
    ],
    [
      'that is encrypted',
      writeZip([['x/data.pkl', pickle], STORAGE], { flags: 1 }),
      'is compressed or encrypted',
    ],
    [
      'with two entries of a name',
      writeZip([['x/data.pkl', pickle], STORAGE, STORAGE]),
      'it holds "x/data/0" twice',
    ],
    [
      'without a pickle',
      writeZip([['x/readme.txt', pickle]]),
      'expected a data.pkl of at most 16777216 bytes in the zip file, found 0 bytes',
    ],
    ['without entries', joinBytes([latin1('PK\x03\x04'), writeZip([])]), 'expected a data.pkl'],
    ['that is a byte longer than its entries say', patched(ENTRY, 24, 13), 'is compressed or encrypted'],
    [
      'whose entry is not where it is said to be',
      patched('PK\x03\x04', 0, 0),
      'the entry "m/data/0" is not at byte',
    ],
    ['whose entries overlap', patched(ENTRY, 42, 0), 'is said to lie between byte 0 and byte'],
    [
      'whose entry lies behind the end',
      patched(ENTRY, 42, 0xff, 0xff, 0xff, 0x7f),
      'is said to lie between byte 2147483647',
    ],
    ['whose directory is damaged', patched(ENTRY, 0, 0), 'its zip directory is damaged at entry 2 of 3'],
    [
      'whose entry has a long name',
      patched(ENTRY, 28, 0xff, 0xff),
      'its zip directory is damaged at entry 2 of 3',
    ],
    ['with fewer entries than it says', patched(END, 10, 4), 'its zip directory holds 3 entries, expected 4'],
    [
      'whose directory lies behind it',
      patched(END, 16, 0xfe, 0xff, 0xff, 0xff),
      'its zip directory is said to be',
    ],
    [
      'whose directory is huge',
      patched(END, 12, 0, 0, 0, 0x7f),
      'its zip directory is said to be 2130706432 bytes',
    ],
    [
      'without the 64-bit record that it needs',
      patched(END, 16, 0xff, 0xff, 0xff, 0xff),
      'its 64-bit end record is missing',
    ],
    [
      'of an unknown byte order',
      writeZip([['x/data.pkl', pickle], ['x/byteorder', latin1('middle')], STORAGE]),
      'its byteorder is neither "little" nor "big"',
    ],
  ])('%s', async (_, file, message) => {
    const error = await refusalOf(file);
    expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
    expect(error.message).toContain(message);
  });

  test('that is a program', async () => {
    const file = writeZip([['x/data.pkl', pickle], ['x/constants.pkl', pickle], STORAGE]);
    const error = await refusalOf(file);
    expect(error).toMatchObject({ code: 'unsupported' });
    expect(error.message).toContain('is a TorchScript archive, which holds a program');
  });

  test('with 64-bit fields that are missing or lead out of the file', async () => {
    const file = writePytorch({ a: Float32Array.of(1) }, { zip64: true });
    const bytes = Buffer.from(file);
    const extra = bytes.lastIndexOf(latin1('\x01\0\x18\0'));
    const noExtra = Uint8Array.from(bytes).fill(9, extra, extra + 1);
    expect((await refusalOf(noExtra)).message).toContain('of 9007199254740991 bytes is said to lie between');
    const far = file.slice();
    viewOf(far).setBigUint64(extra + 20, 2n ** 63n, true);
    expect((await refusalOf(far)).message).toContain('is said to lie between byte 9223372036854776000');
    const record = file.slice();
    viewOf(record).setBigUint64(bytes.lastIndexOf(latin1('PK\x06\x07')) + 8, 2n ** 60n, true);
    expect((await refusalOf(record)).message).toContain('its 64-bit end record is missing');
  });
});

describe('the legacy layout is refused', () => {
  const object = p.dict({ a: SCALAR });
  const data = legacyStorage(new Float32Array(4));
  test.each<[what: string, file: Uint8Array, message: string]>([
    [
      'of another protocol',
      writeLegacy(object, ['0'], data, 1002),
      'but has the protocol 1002 (expected 1001)',
    ],
    [
      'that lists a storage twice',
      writeLegacy(object, ['0', '0'], data),
      'it lists the storage "0" twice, or no tensor has it',
    ],
    [
      'that lists a storage of no tensor',
      writeLegacy(object, ['1'], data),
      'it lists the storage "1" twice, or no tensor has it',
    ],
    [
      'that does not list a storage',
      writeLegacy(object, [], new Uint8Array()),
      'expected 16 bytes as storage "0", found no such storage',
    ],
    ['that is cut', writeLegacy(object, ['0'], data.subarray(1)), 'its storages end at byte'],
    [
      'with something behind it',
      writeLegacy(object, ['0'], joinBytes([data, data])),
      'its storages end at byte',
    ],
    [
      'with another count in front of the elements',
      writeLegacy(object, ['0'], legacyStorage(new Float32Array(4), 3)),
      'has 3 elements, expected 4',
    ],
    [
      'that ends within its pickles',
      writeLegacy(object, ['0'], data).subarray(0, 40),
      'its pickles do not end within its first 40 bytes',
    ],
    [
      'that runs something',
      writeLegacy(p.call('os', 'system', p.text('no')), [], data),
      'names the global "os.system"',
    ],
  ])('%s', async (_, file, message) => {
    const error = await refusalOf(file);
    expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
    expect(error.message).toContain(message);
  });
});

test.each<[what: string, content: Uint8Array, message: string]>([
  ['nothing', new Uint8Array(), 'is empty'],
  ['a Git LFS pointer', latin1('version https://git-lfs.github.com/spec/v1\n'), 'is a Git LFS pointer'],
  ['a page', latin1('<!DOCTYPE html><title>Sign in</title>'), 'is a page of HTML or XML'],
  [
    'an old tar archive',
    joinBytes([latin1('storages'.padEnd(257, '\0')), latin1('ustar\0')]),
    'expected a file of PyTorch 0.1.10 or newer, found a tar archive',
  ],
  [
    'a preview of PyTorch 1.0',
    latin1('PYTORCH1'.padEnd(100, '\x01')),
    'found one that begins with 50 59 54 4f 52 43 48 31',
  ],
  ['safetensors', readFileSync(`${goldensFolder}pytorch/zip.safetensors`), 'expected a file of PyTorch'],
])('what is no PyTorch file is refused: %s', async (_, content, message) => {
  const error = await refusalOf(content);
  expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
  expect(error.message).toContain(message);
});

test.each(['zip', 'zip64', 'legacy'])(
  'a good file is refused at every length that it may be cut to: %s',
  async (name) => {
    const whole = readFileSync(`${goldensFolder}pytorch/${name}.bin`);
    for (let byteLength = 0; byteLength < whole.byteLength; byteLength += 7) {
      const error = await refusalOf(whole.subarray(0, byteLength));
      expect(error, `${byteLength} bytes`).toMatchObject({ name: 'UniSpeechError', code: 'bad-checkpoint' });
    }
  },
);
