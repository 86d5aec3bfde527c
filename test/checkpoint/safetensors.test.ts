/** Every rule of the safetensors format is enforced, with a sentence that names file, tensor, expected and found. */
import { SafeTensor } from 'safetensors';
import { describe, expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { parseHeader } from '../../src/checkpoint/safetensors.ts';
import { type HeaderOverride, rampTensor, writeSafetensors } from '../helpers/safetensors-writer.ts';

const parse = (bytes: Uint8Array): ReturnType<typeof parseHeader> =>
  parseHeader(bytes, bytes.byteLength, 'm.safetensors');

/** A file of one 2-byte U8 tensor's worth of data under the given header. */
const withHeader = (header: HeaderOverride['header'], dataByteLength = 2): Uint8Array =>
  writeSafetensors(
    [{ name: 'x', dtype: 'U8', shape: [dataByteLength], data: new Uint8Array(dataByteLength) }],
    header === undefined ? {} : { header },
  );

const entry = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

describe('parseHeader reads', () => {
  test('names, dtypes, shapes and absolute offsets, in the order of the bytes', () => {
    const file = writeSafetensors([
      { name: 'b', dtype: 'F16', shape: [3], data: new Uint16Array(3) },
      rampTensor('a', [2, 2]),
    ]);
    const dataOffset = file.byteLength - 22;
    expect([...parse(file)]).toEqual([
      ['b', { dtype: 'F16', shape: [3], byteOffset: dataOffset, byteLength: 6 }],
      ['a', { dtype: 'F32', shape: [2, 2], byteOffset: dataOffset + 6, byteLength: 16 }],
    ]);
  });

  test('a file without tensors, scalars, empty tensors and metadata', () => {
    expect(parse(writeSafetensors([])).size).toBe(0);
    expect(parse(withHeader('{"__metadata__":{"format":"pt"}}', 0)).size).toBe(0);
    const file = writeSafetensors([rampTensor('scalar', []), rampTensor('empty', [3, 0])]);
    expect(parse(file).get('scalar')).toMatchObject({ shape: [], byteLength: 4 });
    expect(parse(file).get('empty')).toMatchObject({ shape: [3, 0], byteLength: 0 });
  });

  test('white space around the header and further fields of an entry', () => {
    const header = ` \n{"x":{"note":{"a":[1.5,null]},"dtype":"U8","shape":[2],"data_offsets":[0,2]}}  `;
    expect(parse(withHeader(header)).get('x')?.byteLength).toBe(2);
  });

  test('names that an object would treat specially', () => {
    const names = ['__proto__', 'constructor', '', '7'];
    const entries = names.map(
      (name, i) => `${JSON.stringify(name)}:${entry('U8', '[1]', `[${i},${i + 1}]`)}`,
    );
    const tensors = parse(withHeader(`{${entries.join()}}`, 4));
    expect([...tensors.keys()]).toEqual(names);
    expect(tensors.get('__proto__')?.byteLength).toBe(1);
  });

  test('dtypes of less than a byte where they fill whole bytes', () => {
    expect(parse(withHeader(`{"x":${entry('F4', '[4]', '[0,2]')}}`)).get('x')?.dtype).toBe('F4');
  });

  test('the same tensors as the npm package safetensors', () => {
    const file = writeSafetensors([rampTensor('a', [2, 3]), rampTensor('b', [4])]);
    const independent = new SafeTensor(file);
    for (const [name, { shape, byteOffset, byteLength }] of parse(file)) {
      expect(independent.metadata.get(name)?.shape).toEqual(shape);
      expect(file.subarray(byteOffset, byteOffset + byteLength)).toEqual(independent.getTensor(name));
    }
    expect(independent.metadata.size).toBe(2);
  });
});

describe('parseHeader rejects', () => {
  const x = (dtype: string, shape: string, offsets: string): Uint8Array =>
    withHeader(`{"x":${entry(dtype, shape, offsets)}}`);
  const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;

  test.each<[rule: string, file: Uint8Array, message: string]>([
    ['a file shorter than its length field', new Uint8Array(7), 'expected at least 8 bytes for the header'],
    [
      'a length field above the limit',
      writeSafetensors([], { headerByteLength: 100_000_001n }),
      'at most 100000000 bytes, found a length field of 100000001',
    ],
    [
      'a length field that only a 64-bit integer holds',
      writeSafetensors([], { headerByteLength: 0xffff_ffff_ffff_fff8n }),
      'found a length field of 18446744073709551608',
    ],
    [
      'a header longer than the file',
      writeSafetensors([], { header: '{}', headerByteLength: 3n }),
      'expected 8 + 3 bytes of header, found a file of 10 bytes',
    ],
    ['a header that is no UTF-8', withHeader(Uint8Array.of(0x7b, 0xff, 0x7d)), 'expected UTF-8 text'],
    ['a byte order mark', withHeader('\ufeff{}', 0), 'expected JSON as the header'],
    ['a header that is no JSON', withHeader('{"x":'), 'found text that does not parse: "{\\"x\\":"'],
    ['an empty header', withHeader(''), 'expected JSON as the header'],
    ['a NUL after the header', withHeader('{}\0', 0), 'expected JSON as the header'],
    ['an array at the top', withHeader('[]', 0), 'expected a JSON object as the header, found []'],
    ['null at the top', withHeader('null', 0), 'expected a JSON object as the header, found null'],
    ['metadata that is no object', withHeader('{"__metadata__":7}', 0), '__metadata__ must be an object'],
    [
      'metadata that is no string',
      withHeader('{"__metadata__":{"format":7}}', 0),
      '__metadata__ "format" must be a string, found 7',
    ],
    [
      'an entry that is no object',
      withHeader('{"x":[]}'),
      'tensor "x" must be described by an object, found []',
    ],
    ['an unknown dtype', x('F31', '[2]', '[0,2]'), 'tensor "x" must have a dtype such as "F32", found "F31"'],
    ['a dtype named as an object member', x('toString', '[2]', '[0,2]'), 'found "toString"'],
    [
      'a missing dtype',
      withHeader('{"x":{"shape":[2],"data_offsets":[0,2]}}'),
      'must have a dtype such as "F32", found undefined',
    ],
    ['a missing shape', withHeader('{"x":{"dtype":"U8","data_offsets":[0,2]}}'), 'must have a shape'],
    ['a negative dimension', x('U8', '[-2]', '[0,2]'), 'shape of non-negative integers, found [-2]'],
    ['a fractional dimension', x('U8', '[0.5]', '[0,2]'), 'shape of non-negative integers, found [0.5]'],
    ['a dimension that is a string', x('U8', '["2"]', '[0,2]'), 'found ["2"]'],
    ['a dimension above 2^53', x('U8', '[9007199254740993]', '[0,2]'), 'shape of non-negative integers'],
    ['missing offsets', withHeader('{"x":{"dtype":"U8","shape":[2]}}'), 'must have data_offsets of two'],
    [
      'three offsets',
      x('U8', '[2]', '[0,1,2]'),
      'data_offsets of two non-negative integers, found [0, 1, 2]',
    ],
    ['a negative offset', x('U8', '[2]', '[-2,0]'), 'data_offsets of two non-negative integers'],
    [
      'a hole in front',
      x('U8', '[1]', '[1,2]'),
      'tensor "x" has data_offsets [1, 2], expected them to begin at 0',
    ],
    [
      'a hole between tensors',
      withHeader(`{"x":${entry('U8', '[1]', '[0,1]')},"y":${entry('U8', '[1]', '[2,3]')}}`, 3),
      'tensor "y" has data_offsets [2, 3], expected them to begin at 1',
    ],
    [
      'an overlap',
      withHeader(`{"x":${entry('U8', '[2]', '[0,2]')},"y":${entry('U8', '[2]', '[1,3]')}}`, 3),
      'tensor "y" has data_offsets [1, 3], expected them to begin at 2',
    ],
    [
      'offsets that go back',
      withHeader(`{"x":${entry('U8', '[2]', '[0,2]')},"y":${entry('U8', '[0]', '[2,1]')}}`),
      'not to end before they begin',
    ],
    [
      'a shape whose product overflows',
      x('F32', '[9007199254740991,9007199254740991]', '[0,2]'),
      'F32 of shape [9007199254740991, 9007199254740991] has too many elements',
    ],
    ['part of a byte', x('F4', '[3]', '[0,2]'), 'F4 of shape [3] is 12 bits long, expected a whole number'],
    [
      'a shape that does not fill its bytes',
      x('F32', '[2]', '[0,2]'),
      'tensor "x": F32 of shape [2] needs 8 bytes, found data_offsets of 2 bytes',
    ],
    [
      'trailing bytes',
      withHeader(`{"x":${entry('U8', '[2]', '[0,2]')}}`, 5),
      'expected 63 bytes (header 61, tensors 2), found a file of 66 bytes',
    ],
    [
      'a tensor named twice',
      withHeader(`{"x":${entry('U8', '[2]', '[0,2]')},"x":${entry('U8', '[2]', '[0,2]')}}`),
      'the header has the key "x" twice',
    ],
    [
      'a tensor named twice with an escape',
      withHeader(`{"x":${entry('U8', '[2]', '[0,2]')},"\\u0078":${entry('U8', '[2]', '[0,2]')}}`),
      'the header has the key "x" twice',
    ],
    [
      'a field named twice',
      withHeader('{"x":{"dtype":"F32","dtype":"U8","shape":[2],"data_offsets":[0,2]}}'),
      'the header has the key "dtype" twice',
    ],
    [
      'an entry with a hostile constructor',
      withHeader('{"x":{"dtype":{"constructor":null}}}'),
      'found an object',
    ],
    ['very deep nesting', withHeader(nested), 'expected a JSON object as the header'],
    ['very deep nesting in an entry', withHeader(`{"x":{"dtype":${nested}}}`), 'found [an array of 1]'],
  ])('%s', (_rule, file, message) => {
    expect(() => parse(file)).toThrow(UniSpeechError);
    expect(() => parse(file)).toThrow(message);
    expect(() => parse(file)).toThrow(/^m\.safetensors: /);
  });

  test('a file cut at any byte', () => {
    const file = writeSafetensors([rampTensor('first', [5]), rampTensor('second', [2, 3])]);
    for (let byteLength = 0; byteLength < file.byteLength; byteLength++) {
      expect(() => parse(file.subarray(0, byteLength)), `${byteLength} bytes`).toThrow(UniSpeechError);
    }
    expect(parse(file).size).toBe(2);
  });

  test('or reads, but never fails otherwise on, a header with any byte changed', () => {
    const file = writeSafetensors([rampTensor('first', [5]), rampTensor('second', [2, 3])]);
    for (let i = 0; i < file.byteLength - 44; i++) {
      for (const value of [0, 0x22, 0x2c, 0x39, 0x5b, 0x7d, 0xff]) {
        const changed = file.slice();
        changed[i] = value;
        try {
          parse(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(UniSpeechError);
        }
      }
    }
  });
});
