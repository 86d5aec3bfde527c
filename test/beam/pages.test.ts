/** Language models whose files are larger than the memory that they may take. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ByteSource } from '../../src/base/files.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { KenlmMemory } from '../../src/beam/kenlm/read-binary.ts';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { folderFiles } from '../../src/platform/node-files.ts';
import { numbered, probingFile } from './probing-file.ts';
import { vectors } from './vectors.ts';

const { binaries } = vectors.kenlm;
const MEGABYTE = 2 ** 20;
let folder: string;
let large: Uint8Array;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'unispeech-pages-'));
  large = probingFile(numbered(5000), 200_000);
  writeFileSync(path.join(folder, 'large.binary'), large);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(name: string): Promise<ByteSource> {
  const source = await folderFiles(folder).open(name);
  if (!source) throw new Error(`no ${name}`);
  return source;
}

/** Scores of random words behind random words, of which some are in the model. */
function randomScores({ ngrams }: LanguageModel, count: number): number[] {
  const random = new SeededRandom(3);
  const word = (): number => random.integer(0, ngrams.wordCount - 1);
  return Array.from({ length: count }, () => ngrams.score(word(), [word(), word()]));
}

test.each(Object.keys(binaries))(
  'pages and arrays of any length give the scores of KenLM: %s',
  async (name) => {
    const { base64 = '', sentences = [] } = binaries[name] ?? {};
    writeFileSync(path.join(folder, name), Buffer.from(base64, 'base64'));
    const kept: readonly KenlmMemory[] = [
      { memoryByteLength: Infinity },
      { memoryByteLength: Infinity, arrayByteLength: 64 },
      { memoryByteLength: 1, pageByteLength: 4 },
      { memoryByteLength: 3 * 64, pageByteLength: 64 },
      { memoryByteLength: 12_000, pageByteLength: 256 },
    ];
    for (const memory of kept) {
      await using model = await LanguageModel.read(await open(name), undefined, memory);
      for (const { text, log10 } of sentences) expect(model.score(text), text).toBe(log10);
    }
  },
);

describe('a file of 8 MB in memory of 1 MB', () => {
  test('gives the scores that it gives as a whole', async () => {
    const location = path.join(folder, 'large.binary');
    expect(large.byteLength).toBeGreaterThan(8 * MEGABYTE);
    await using paged = await LanguageModel.load(location, { memory_mb: 1 });
    const whole = await LanguageModel.load(location);
    expect(randomScores(paged, 10_000)).toEqual(randomScores(whole, 10_000));
    expect(paged.score('W1 W2 NEVER W3')).toBe(whole.score('W1 W2 NEVER W3'));
    expect(['W1', 'W5000', 'W5001'].map((word) => paged.has(word))).toEqual([true, true, false]);
  });

  test('takes no more than that, keeps what each look-up needs, and what is used again', async () => {
    const source = await open('large.binary');
    const buffers = new Set<ArrayBufferLike>();
    const reads: number[] = [];
    let atOnce = 0;
    const counted: ByteSource = {
      ...source,
      read(byteOffset, byteLength, signal) {
        atOnce = Math.max(atOnce, byteOffset + byteLength);
        return source.read(byteOffset, byteLength, signal);
      },
      readSync(byteOffset, into) {
        buffers.add(into.buffer);
        reads.push(byteOffset);
        source.readSync?.(byteOffset, into);
      },
    };
    await using model = await LanguageModel.read(counted, undefined, { memoryByteLength: MEGABYTE });
    // Words and unigrams: 5003 × 1.5 × 12 + 5004 × 8 bytes.
    expect(atOnce).toBeGreaterThan(130_000);
    expect(atOnce).toBeLessThan(150_000);
    randomScores(model, 20_000);
    expect(reads.length).toBeGreaterThan(10_000);
    expect(Math.min(...reads)).toBeGreaterThan(120_000);
    const kept = Array.from(buffers, ({ byteLength }) => byteLength).reduce((sum, one) => sum + one, atOnce);
    expect(kept).toBeLessThanOrEqual(MEGABYTE + 2 ** 14);
    // What is asked now and then stays, whatever comes between.
    const { ngrams } = model;
    const ask = (): number => ngrams.score(1, [2, 3]);
    reads.length = 0;
    ask();
    const itsPages = new Set(reads);
    ask();
    expect(reads.length).toBe(itsPages.size);
    const random = new SeededRandom(5);
    const word = (): number => random.integer(0, ngrams.wordCount - 1);
    reads.length = 0;
    for (let round = 0; round < 5000; round += 1) {
      ngrams.score(word(), [word(), word()]);
      if (round % 8 === 0) ask();
    }
    expect(itsPages.size).toBeGreaterThan(0);
    expect(reads.length).toBeGreaterThan(10_000);
    expect(reads.filter((page) => itsPages.has(page)).length).toBeLessThan(60);
  });

  test('is bounded too where the words alone would fill it', async () => {
    await using paged = await LanguageModel.load(path.join(folder, 'large.binary'), { memory_mb: 0.2 });
    const whole = await LanguageModel.load(large);
    expect(randomScores(paged, 2000)).toEqual(randomScores(whole, 2000));
    expect(paged.has('W77')).toBe(true);
  });
});

describe('a file that is read while it is used', () => {
  const copy = (name: string): string => {
    const location = path.join(folder, name);
    writeFileSync(location, large);
    return location;
  };
  const messageOf = (use: () => unknown): string => {
    try {
      use();
      return 'nothing';
    } catch (error) {
      return String(error);
    }
  };

  test.each<[string, (location: string) => void]>([
    ['that was written over', (location) => utimesSync(location, 1, 1)],
    ['that grows', (location) => appendFileSync(location, 'more')],
    ['that becomes shorter', (location) => truncateSync(location, large.byteLength - 1)],
  ])('and %s is an error', async (_, change) => {
    const location = copy('changing.binary');
    await using model = await LanguageModel.load(location, { memory_mb: 1 });
    change(location);
    expect(messageOf(() => randomScores(model, 2000))).toContain('changing.binary was changed while it was');
    // And stays one.
    expect(messageOf(() => randomScores(model, 2000))).toContain('was changed');
  });

  test('and that ends before a page is an error with both places', async () => {
    const location = copy('shorter.binary');
    await using model = await LanguageModel.load(location, { memory_mb: 1 });
    truncateSync(location, 200_000);
    expect(messageOf(() => randomScores(model, 2000))).toMatch(
      /shorter\.binary ends at byte 200000|ends at byte \d+, expected bytes up to \d+/,
    );
  });

  test('and that was changed while it was read whole is an error', async () => {
    const location = copy('whole.binary');
    const source = await open('whole.binary');
    const changing: ByteSource = {
      ...source,
      async read(byteOffset, byteLength, signal) {
        const bytes = await source.read(byteOffset, byteLength, signal);
        utimesSync(location, 1, 1);
        return bytes;
      },
    };
    await expect(LanguageModel.read(changing, undefined, { memoryByteLength: Infinity })).rejects.toThrow(
      'was changed while it was read',
    );
  });

  test('says so once it is closed, and needs no file where all is in memory', async () => {
    const location = copy('closed.binary');
    const model = await LanguageModel.load(location, { memory_mb: 1 });
    await model.close();
    expect(messageOf(() => randomScores(model, 2000))).toContain(
      'closed.binary is read no more: it was closed',
    );
    const whole = await LanguageModel.load(location, { memory_mb: 20 });
    await whole.close();
    rmSync(location);
    expect(messageOf(() => randomScores(whole, 2000))).toBe('nothing');
  });

  test('has an option for its memory, which is checked', async () => {
    for (const memory_mb of [0, -1, NaN, '1'])
      await expect(LanguageModel.load(large, { memory_mb: memory_mb as number })).rejects.toThrow(
        'memory_mb is',
      );
  });
});

test('a source that must be stored first is, where it is too large for memory', async () => {
  const stored = await open('large.binary');
  let calls = 0;
  const source: ByteSource = {
    name: stored.name,
    byteLength: stored.byteLength,
    read: (...args) => stored.read(...args),
    close: () => stored.close(),
    stored() {
      calls += 1;
      return Promise.resolve(stored);
    },
  };
  await using model = await LanguageModel.read(source, undefined, { memoryByteLength: MEGABYTE });
  expect(calls).toBe(1);
  expect(model.has('W1')).toBe(true);
  await LanguageModel.read(source, undefined, { memoryByteLength: 20 * MEGABYTE });
  expect(calls).toBe(1);
});

test('damaged files give the same in pages as in memory: scores, or an error', async () => {
  const outcome = async (name: string, memory: KenlmMemory): Promise<unknown> => {
    try {
      await using model = await LanguageModel.read(await open(name), undefined, memory);
      return randomScores(model, 50);
    } catch (error) {
      expect(error).toMatchObject({ name: 'UniSpeechError' });
      return String(error);
    }
  };
  let scored = 0;
  for (let seed = 1; seed <= 100; seed += 1) {
    const names = Object.keys(binaries);
    const bytes = Buffer.from(binaries[names[seed % names.length] ?? '']?.base64 ?? '', 'base64');
    const random = new SeededRandom(seed);
    for (let flips = random.integer(1, 20); flips > 0; flips -= 1)
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
    writeFileSync(
      path.join(folder, 'damaged'),
      bytes.subarray(0, seed % 5 === 0 ? random.integer(0, bytes.length) : undefined),
    );
    const whole = await outcome('damaged', { memoryByteLength: Infinity });
    expect(await outcome('damaged', { memoryByteLength: 1000, pageByteLength: 64 }), `seed ${seed}`).toEqual(
      whole,
    );
    if (Array.isArray(whole)) scored += 1;
  }
  expect(scored).toBeGreaterThan(50);
});
