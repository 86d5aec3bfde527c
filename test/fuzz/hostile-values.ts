/** Values that no parameter expects, or that just one does. */
import { Tensor } from '../../src/base/tensor.ts';
import type { Random } from './random.ts';

const samples = (length: number): Float32Array => new Float32Array(length).fill(0.1);

const never = new Promise<never>(() => undefined);

/** By the name that reports show. */
const VALUES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  false: () => false,
  0: () => 0,
  '-0': () => -0,
  1: () => 1,
  2: () => 2,
  '-1': () => -1,
  0.5: () => 0.5,
  NaN: () => NaN,
  Infinity: () => Infinity,
  '-Infinity': () => -Infinity,
  '2^31': () => 2 ** 31,
  '2^53': () => 2 ** 53,
  1e300: () => 1e300,
  16000: () => 16_000,
  '0n': () => 0n,
  '2n^200': () => 2n ** 200n,
  "''": () => '',
  "'a'": () => 'a',
  "'1'": () => '1',
  "'__proto__'": () => '__proto__',
  "'\\0\\e'": () => '\0\u001b[2J',
  'a long string': () => 'x'.repeat(100_000),
  'a lone surrogate': () => '\ud800',
  Symbol: () => Symbol('s'),
  'a function': () => () => undefined,
  'a function that throws': () => () => {
    throw new UserError();
  },
  '{}': () => ({}),
  '{ a: 1 }': () => ({ a: 1 }),
  'without a prototype': () => Object.create(null) as object,
  '{ length: 5 }': () => ({ length: 5 }),
  '{ length: -1 }': () => ({ length: -1 }),
  '{ then }': () => ({ then: 1 }),
  'a frozen object': () => Object.freeze({ x: 1 }),
  '[]': () => [],
  '[[]]': () => [[]],
  '[null]': () => [null],
  '[1, 2]': () => [1, 2],
  '[-1]': () => [-1],
  "['a']": () => ['a'],
  '[NaN]': () => [NaN],
  holes: () => new Array<number>(3),
  'a million holes': () => new Array<number>(1e6),
  '[[1, 2], [3]]': () => [[1, 2], [3]],
  'a Date': () => new Date(0),
  'an invalid Date': () => new Date(NaN),
  'a Map': () => new Map([['a', 1]]),
  'a Set': () => new Set([1]),
  'a RegExp': () => /a/,
  'an Error': () => new Error('e'),
  'a promise': () => never,
  'a URL': () => new URL('file:///nowhere'),
  'an AbortSignal': () => new AbortController().signal,
  'an aborted signal': () => AbortSignal.abort(new UserError()),
  'a Blob': () => new Blob(['x']),
  'an ArrayBuffer': () => new ArrayBuffer(8),
  'a DataView': () => new DataView(new ArrayBuffer(8)),
  'a Uint8Array': () => new Uint8Array(8),
  'a Uint8ClampedArray': () => new Uint8ClampedArray(8),
  'an Int8Array': () => new Int8Array(8),
  'an Int32Array': () => new Int32Array(8),
  'a BigInt64Array': () => new BigInt64Array(8),
  'a Float64Array': () => new Float64Array(500),
  'no samples': () => samples(0),
  'a sample': () => samples(1),
  samples: () => samples(500),
  'samples with NaN': () => samples(500).fill(NaN, 100, 101),
  'samples with Infinity': () => samples(500).fill(Infinity, 499),
  'two clips': () => [samples(500), samples(500)],
  'clips of two lengths': () => [samples(500), samples(400)],
  'a clip and null': () => [samples(500), null],
  'a tensor': () => new Tensor('float32', samples(6), [2, 3]),
  'a long tensor': () => new Tensor('float32', samples(1000), [2, 500]),
  'a tensor of 3 dims': () => new Tensor('float32', samples(8), [2, 2, 2]),
  'a scalar': () => new Tensor('float32', samples(1), []),
  'no rows': () => new Tensor('float32', samples(0), [0, 5]),
  'an int64 tensor': () => new Tensor('int64', new BigInt64Array(6), [2, 3]),
  'a long int64 mask': () => new Tensor('int64', new BigInt64Array(1000).fill(1n), [2, 500]),
  'like a tensor': () => ({ dims: [2, 3], type: 'float32', data: samples(6) }),
  'a getter that throws': () =>
    Object.defineProperty({}, 'length', {
      get: () => {
        throw new UserError();
      },
    }),
};

/** What code of the caller throws: it comes through as it is. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

export interface HostileValue {
  readonly text: string;
  readonly value: unknown;
}

const NAMES = Object.keys(VALUES);

/** One of the values above, or one of them in an array or an object. */
export function hostileValue(random: Random, keys: readonly string[] = []): HostileValue {
  if (keys.length > 0 && random.chance(0.6)) return hostileObject(random, keys);
  const text = random.pick(NAMES);
  const value = VALUES[text]?.();
  if (random.chance(0.9)) return { text, value };
  const count = random.between(1, 3);
  return { text: `[${count} of ${text}]`, value: Array.from({ length: count }, () => VALUES[text]?.()) };
}

/** An object with one or two of these keys, and sometimes one that nobody knows. */
export function hostileObject(random: Random, keys: readonly string[]): HostileValue {
  const object: Record<string, unknown> = {};
  const texts: string[] = [];
  for (let count = random.between(1, 2); count > 0; count -= 1) {
    const key = random.chance(0.1) ? random.pick(['typo', '__proto__', '', '\u001b[2J']) : random.pick(keys);
    const { text, value } = hostileValue(random);
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    texts.push(`${JSON.stringify(key)}: ${text}`);
  }
  return { text: `{ ${texts.join(', ')} }`, value: object };
}
