/** Damage to JSON: other types, other numbers, other keys, and text that is no JSON. */
import { describeEdits, mutateBytes } from './mutate-bytes.ts';
import type { Random } from './random.ts';

export interface MutatedJson {
  readonly text: string;
  readonly description: string;
}

type Container = Record<string, unknown> | unknown[];

/** Text that stands in the file as it is: what `JSON.stringify` cannot write. */
class RawText {
  constructor(readonly text: string) {}
}

const NUMBERS = [
  0,
  -0,
  -1,
  1,
  2,
  0.5,
  -1.5,
  255,
  65_536,
  1e5,
  1e6,
  1e8,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e21,
  1e300,
];
const STRINGS = ['', ' ', '\0', '\u001b[2J', 'null', '../x', '\ud800', 'é', '__proto__', 'constructor', '\n'];
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '\u001b[31m',
  '0',
  'length',
];
const RAW_TOKENS = [
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '-1e999',
  '1e-999',
  '00',
  '0x10',
  '.5',
  '1.',
  'undefined',
];

/** Long or deep values, made when asked for: most mutants have none. */
const LARGE: readonly ((random: Random) => unknown)[] = [
  () => new RawText('['.repeat(100_000) + ']'.repeat(100_000)),
  () => new RawText('{"a":'.repeat(50_000) + '0' + '}'.repeat(50_000)),
  (random) => 'x'.repeat(random.pick([500, 5000, 2_000_000])),
  (random) => '\u001b[2J'.repeat(random.pick([100, 10_000])),
  (random) => new Array<number>(random.pick([1000, 200_000])).fill(1),
  (random) => Object.fromEntries(Array.from({ length: random.pick([100, 20_000]) }, (_, i) => [`k${i}`, i])),
];

function hostileValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => random.pick(NUMBERS),
    () => random.pick(NUMBERS),
    () => random.pick(STRINGS),
    () => random.pick([null, true, false]),
    () => random.pick([[], {}, [[]], [null], [0], [-1, 0.5, '1'], { a: 1 }, { content: 1 }]),
    () => new RawText(random.pick(RAW_TOKENS)),
  ])();
}

/** One change in most files, up to four in others; one file in five is damaged as text instead. */
export function mutateJson(seed: unknown, random: Random): MutatedJson {
  if (random.chance(0.2)) return mutateText(JSON.stringify(seed), random);
  const root = { value: structuredClone(seed) };
  const steps: string[] = [];
  const count = random.chance(0.6) ? 1 : random.between(2, 4);
  for (let index = 0; index < count; index += 1) steps.push(mutateOnce(root, random));
  return { text: write(root.value), description: steps.join('; ') };
}

/** Damage that ignores the structure. */
function mutateText(text: string, random: Random): MutatedJson {
  const duplicateKey = (): MutatedJson => {
    // The first member once more in front of itself.
    const [member = ''] = /"(?:[^"\\]|\\.)*":(?:"(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/.exec(text) ?? [];
    return { text: text.replace(member, `${member},${member}`), description: `${member} twice` };
  };
  const bytes = (): MutatedJson => {
    const utf8 = new TextEncoder().encode(text);
    const tokens = [
      ...RAW_TOKENS,
      '\\u0000',
      '\\ud800',
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\ufeff',
      '//',
      "'",
    ];
    const { bytes: mutated, edits } = mutateBytes(utf8, random, { tokens });
    return { text: new TextDecoder().decode(mutated), description: `text: ${describeEdits(edits)}` };
  };
  return random.pick<() => MutatedJson>([bytes, bytes, bytes, duplicateKey])();
}

/** A random place of a tree: the container and the key in it. */
function pickPlace(root: { value: unknown }, random: Random): { container: Container; key: string | number } {
  let container: Container = root;
  let key: string | number = 'value';
  for (;;) {
    const value: unknown = Reflect.get(container, key);
    if (!isContainer(value) || random.chance(0.25)) return { container, key };
    const keys = Object.keys(value);
    if (keys.length === 0) return { container, key };
    container = value;
    key = random.pick(keys);
  }
}

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null && !(value instanceof RawText);

function mutateOnce(root: { value: unknown }, random: Random): string {
  const { container, key } = pickPlace(root, random);
  const value: unknown = Reflect.get(container, key);
  const set = (to: unknown, what: string): string => {
    Object.defineProperty(container, key, {
      value: to,
      enumerable: true,
      writable: true,
      configurable: true,
    });
    return `${String(key)} ${what}`;
  };
  const replace = (): string => {
    const hostile = hostileValue(random);
    return set(hostile, `is ${describe(hostile)}`);
  };
  const changes: (() => string)[] = [
    replace,
    replace,
    replace,
    () => set([value], 'in a list'),
    () => set({ [random.pick(KEYS)]: value }, 'in an object'),
    () => {
      if (container === root) return replace();
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else Reflect.deleteProperty(container, key);
      return `no ${String(key)}`;
    },
    () => {
      if (!isContainer(value) || Array.isArray(value)) return replace();
      const name = random.pick(KEYS);
      const hostile = hostileValue(random);
      Object.defineProperty(value, name, {
        value: hostile,
        enumerable: true,
        writable: true,
        configurable: true,
      });
      return `${JSON.stringify(name)} added: ${describe(hostile)}`;
    },
    () => {
      if (typeof value !== 'number') return replace();
      const scaled = random.pick([value + 1, value - 1, -value, value * 1000, value / 3, String(value)]);
      return set(scaled, `is ${describe(scaled)}`);
    },
    () => {
      if (typeof value !== 'string') return replace();
      const text = random.pick([
        value.toUpperCase(),
        value + value,
        value.slice(1),
        `${value}\u001b]0;x\u0007`,
      ]);
      return set(text, `is ${describe(text)}`);
    },
    () => {
      // One in a hundred mutants: each costs as much as many small ones.
      if (!random.chance(0.1)) return replace();
      return set(random.pick(LARGE)(random), 'is large');
    },
  ];
  return random.pick(changes)();
}

const describe = (value: unknown): string =>
  value instanceof RawText ? value.text.slice(0, 20) : JSON.stringify(value).slice(0, 40);

/** `JSON.stringify` with raw text in place. */
function write(value: unknown): string {
  const raw: string[] = [];
  const text = JSON.stringify(value, (_key, item: unknown) =>
    item instanceof RawText ? `@raw${raw.push(item.text) - 1}@` : item,
  );
  return text.replace(/"@raw(\d+)@"/g, (_match, index: string) => raw[Number(index)] ?? '');
}

/** JSON text as bytes, for reproducers and files in memory. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
