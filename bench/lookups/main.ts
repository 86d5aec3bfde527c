/**
 * `npm run bench -- lookups`: how many words a second a language model scores, in memory and page by page, on a text like the one that it was made of, and on
 * words in no order, of which no page is likelier than another.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { makeArpa, makeText, makeWords } from '../decode/clips.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log, runSuite } from '../lib/run-suite.ts';
import { spread } from '../lib/statistics.ts';
import { HELP, type LookupBenchOptions, parseOptions } from './options.ts';

const VOCABULARY = 50_000;

const BINARIES: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['probing', ['probing']],
  ['trie', ['trie']],
  ['trie, quantised, pointers compressed', ['-q', '8', '-b', '8', '-a', '22', 'trie']],
];

/** Thousands of words a second, and a sum by which texts are seen to score alike. */
function rateOf({ ngrams, order }: LanguageModel, ids: Uint32Array): readonly [rate: number, sum: number] {
  let sum = 0;
  let context: readonly number[] = [];
  const start = performance.now();
  for (const id of ids) {
    sum += ngrams.score(id, context);
    context = [id, ...context].slice(0, order - 1);
  }
  return [ids.length / (performance.now() - start), sum];
}

async function bench(options: LookupBenchOptions): Promise<number> {
  const { pairCount, memoryMb, wordCount, rounds, buildBinary } = options;
  const folder = mkdtempSync(path.join(tmpdir(), 'unispeech-lookups-'));
  const words = makeWords(VOCABULARY);
  const text = makeText(words, wordCount, 17);
  const random = new SeededRandom(19);
  const shuffled = Array.from(text, () => text[random.integer(0, text.length - 1)] ?? '');
  const rows = [['model', 'MB', 'kept', 'thousand words/s, text', 'shuffled', 'sum']];
  try {
    const arpa = path.join(folder, 'lm.arpa');
    log(`an ARPA text of ${pairCount} pairs`);
    writeFileSync(arpa, makeArpa(words, pairCount));
    const files: (readonly [name: string, file: string, memories: readonly number[]])[] = [
      ['ARPA', arpa, [Infinity]],
    ];
    for (const [name, args] of buildBinary === undefined ? [] : BINARIES) {
      const file = path.join(folder, `${args.length}.binary`);
      execFileSync(buildBinary ?? '', ['-T', folder, ...args, arpa, file], { stdio: 'ignore' });
      files.push([name, file, [Infinity, memoryMb]]);
    }
    for (const [name, file, memories] of files)
      for (const memory_mb of memories) {
        log(`${name}, ${memory_mb} MB`);
        await using model = await LanguageModel.load(file, { memory_mb });
        const idsOf = (list: readonly string[]): Uint32Array =>
          Uint32Array.from(list, (word) => model.ngrams.idOf(word));
        const [textIds, shuffledIds] = [idsOf(text), idsOf(shuffled)];
        const [, sum] = rateOf(model, textIds);
        const measured = Array.from({ length: rounds }, () => [
          rateOf(model, textIds)[0],
          rateOf(model, shuffledIds)[0],
        ]);
        rows.push([
          name,
          (statSync(file).size / 2 ** 20).toFixed(1),
          memory_mb === Infinity ? 'all' : `${memory_mb} MB`,
          ...[0, 1].map((column) => spread(measured.map((pair) => pair[column] ?? 0)).median.toFixed(0)),
          sum.toFixed(3),
        ]);
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${JSON.stringify(readEnvironment())}\n\n${markdownTable(rows, [1, 3, 4, 5])}\n`);
  return 0;
}

await runSuite(HELP, parseOptions, bench);
