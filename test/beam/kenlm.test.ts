import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { Hash64, WordHasher } from '../../src/beam/kenlm/hash64.ts';
import { arpaOf, vectors } from './vectors.ts';

const { kenlm } = vectors;
const load = (bytes: Uint8Array): Promise<LanguageModel> => LanguageModel.load(bytes);
const binaryOf = (name: string): Uint8Array => Buffer.from(kenlm.binaries[name]?.base64 ?? '', 'base64');

/** Each word's log10, in the order of the text. */
function wordScores({ ngrams, order }: LanguageModel, text: string, bos: boolean, eos: boolean): number[] {
  let context: readonly number[] = bos ? [ngrams.idOf('<s>')] : [];
  return [...text.split(' ').filter((word) => word !== ''), ...(eos ? ['</s>'] : [])].map((word) => {
    const id = ngrams.idOf(word);
    const score = ngrams.score(id, context);
    context = [id, ...context].slice(0, order - 1);
    return score;
  });
}

test('hashes words as KenLM does', () => {
  const hasher = new WordHasher();
  const hash = new Hash64();
  for (const [word, expected] of kenlm.hashes) {
    hasher.hash(word, hash);
    const hex = (half: number): string => half.toString(16).padStart(8, '0');
    expect(hex(hash.high) + hex(hash.low), word).toBe(expected);
  }
});

test('multiplies modulo 2^64', () => {
  const hash = new Hash64();
  const values = [
    0n,
    1n,
    0xffff_ffffn,
    0xffff_ffff_ffff_ffffn,
    0x1234_5678_9abc_def0n,
    0x8000_0000_8000_0000n,
  ];
  for (const a of values)
    for (const b of values) {
      hash.set(Number(a >> 32n), Number(a & 0xffff_ffffn));
      hash.multiply(Number(b >> 32n), Number(b & 0xffff_ffffn));
      expect((BigInt(hash.high) << 32n) | BigInt(hash.low)).toBe(BigInt.asUintN(64, a * b));
      for (const divisor of [1, 7, 2 ** 36 + 1])
        expect(hash.modulo(divisor)).toBe(
          Number(((BigInt(hash.high) << 32n) | BigInt(hash.low)) % BigInt(divisor)),
        );
    }
});

describe('scores of KenLM, to the last bit', () => {
  test.each(Object.keys(kenlm.arpa))('of the ARPA text %s, plain and with gzip', async (name) => {
    const cases = kenlm.cases.filter(({ lm }) => lm === name);
    expect(cases.length).toBeGreaterThan(5);
    for (const bytes of [arpaOf(name), gzipSync(arpaOf(name))]) {
      const model = await load(bytes);
      for (const { text, bos, eos, words, log10 } of cases) {
        expect(wordScores(model, text, bos, eos), text).toEqual(words.map(([score]) => score));
        expect(model.score(text, { bos, eos }), text).toBe(log10);
      }
    }
  });

  test.each(Object.keys(kenlm.binaries))('of the binary %s', async (name) => {
    const model = await load(binaryOf(name));
    const { sentences = [], indices = [] } = kenlm.binaries[name] ?? {};
    expect(sentences.length).toBeGreaterThan(5);
    for (const [word, id] of indices) expect(model.ngrams.idOf(word), word).toBe(id);
    for (const { text, words, log10 } of sentences) {
      expect(wordScores(model, text, true, true), text).toEqual(words.map(([score]) => score));
      expect(model.score(text), text).toBe(log10);
    }
  });

  test('has every type of binary that is read', () => {
    const types = Object.values(kenlm.binaries).map(({ model_type }) => model_type);
    expect([...new Set(types)].sort()).toEqual([0, 2, 3, 4, 5]);
  });
});

test('knows words as they are written, and none that it lacks', async () => {
  for (const bytes of [arpaOf('lm3'), binaryOf('lm3.probing'), binaryOf('lm3.trie')]) {
    const model = await load(bytes);
    expect(model.order).toBe(3);
    expect(['CAT', "DON'T", '</s>'].map((word) => model.has(word))).toEqual([true, true, true]);
    expect(['cat', '', '<unk>', '<UNK>', '\ud800'].map((word) => model.has(word))).toEqual(
      new Array(5).fill(false),
    );
  }
});

/** What each edit does to the bytes of a binary, and what the error says. */
const DAMAGED: readonly (readonly [string, string, (bytes: Buffer) => Uint8Array, RegExp])[] = [
  [
    'of type 1',
    'lm3.probing',
    (bytes) => set(bytes, 96, 1),
    /type 1 \(probing with rest costs\), which is not read/,
  ],
  ['of an unknown type', 'lm3.trie', (bytes) => set(bytes, 96, 6), /has the type 6/],
  ['of another version', 'lm3.probing', (bytes) => set(bytes, 49, 0x34), /version 4, but version 5/],
  ['of a format too long', 'lm3.trie', (bytes) => set(bytes, 88, 7), /up to 7 words/],
  ['without order', 'lm3.trie', (bytes) => set(bytes, 88, 0), /up to 0 words/],
  ['of another machine', 'lm3.trie', (bytes) => set(bytes, 59, 1), /little-endian/],
  ['of another search', 'lm3.trie', (bytes) => set(bytes, 104, 9), /version 9 of a trie/],
  ['with a multiplier below 1', 'lm3.probing', (bytes) => set(bytes, 94, 0, 0), /multiplier/],
  [
    'with too many n-grams',
    'lm3.probing',
    (bytes) => set(bytes, 119, 1),
    /claims 16777608 2-grams, more than its 21309 bytes/,
  ],
  ['with more words than unigrams', 'lm3.trie', (bytes) => set(bytes, 137, 1), /vocabulary of \d+ words/],
  ['that ends in its header', 'lm3.trie', (bytes) => bytes.subarray(0, 120), /within its header/],
  ['that ends before its type', 'lm3.trie', (bytes) => bytes.subarray(0, 60), /within its header/],
  ['that ends early', 'lm3.trie', (bytes) => bytes.subarray(0, 7000), /has 7000 bytes, but its header needs/],
  [
    'that ends early, quantised',
    'lm3.trie-q8',
    (bytes) => bytes.subarray(0, 640),
    /has 640 bytes, but its header needs/,
  ],
  [
    'that is not finished',
    'lm3.trie',
    (bytes) => Buffer.concat([Buffer.from('mmap lm http://kheafield.com/code incomplete\n'), bytes]),
    /did not finish/,
  ],
];

function set(bytes: Buffer, place: number, ...values: readonly number[]): Buffer {
  bytes.set(values, place);
  return bytes;
}

test.each(DAMAGED)('refuses a binary %s', async (_, name, damage, message) => {
  const error: unknown = await load(damage(Buffer.from(binaryOf(name)))).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'UniSpeechError', message: expect.stringMatching(message) as string });
});

test('refuses what is no language model at all', async () => {
  const message = async (bytes: Uint8Array): Promise<string> =>
    load(bytes).then(
      () => 'accepted',
      (error: unknown) => String(error),
    );
  expect(await message(new Uint8Array(0))).toContain('is empty');
  expect(await message(Buffer.from('{"a": 1}'))).toContain('line 1 is "{\\"a\\": 1}"');
  expect(await message(new Uint8Array(3 * 2 ** 20).fill(65))).toContain('a line of more than 1048576 bytes');
  expect(await message(gzipSync(arpaOf('lm2')).subarray(0, 800))).toContain('its gzip cannot be read');
  expect(await message(Buffer.from('\n\n# only remarks\n'))).toContain('it has no line "\\data\\"');
});
