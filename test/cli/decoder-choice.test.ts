/** The words of the language, which `transcribe --unigrams` reads from a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withUnigrams } from '../../src/cli/decoder-choice.ts';

test('words are read one a line, for a search alone, and a file that is not there has a sentence', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'unispeech-words-'));
  const file = path.join(folder, 'words.txt');
  writeFileSync(file, '\ufeffTHE\r\nCAT\n\nNEW YORK\n');
  const { signal } = new AbortController();
  const search = { type: 'beam', language_model: 'lm.binary' } as const;
  try {
    expect(await withUnigrams(search, file, signal)).toEqual({
      ...search,
      unigrams: ['THE', 'CAT', 'NEW YORK'],
    });
    expect(await withUnigrams(search, undefined, signal)).toBe(search);
    expect(await withUnigrams('greedy', file, signal)).toBe('greedy');
    await expect(withUnigrams(search, `${file}.not`, signal)).rejects.toThrow('words.txt.not cannot be read');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
