/** `npm run bench -- align`: the accuracy of word edges, and the time and memory of searches. */
import { pipeline } from '../../src/pipelines/pipeline.ts';
import { joinedClips, readSpokenWords } from '../../test/helpers/joined-words.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log, runSuite } from '../lib/run-suite.ts';
import {
  type ClipErrors,
  clipErrors,
  EDGE_LIMITS,
  EDGE_RULES,
  edgeErrors,
  greedyErrors,
} from './accuracy.ts';
import { type AlignBenchOptions, HELP, parseOptions } from './options.ts';
import { searchFigures } from './speed.ts';

const MODEL = 'examples/models/unispeech-tiny-en';

async function accuracy({ clipCount, noises }: AlignBenchOptions): Promise<string[][]> {
  const header = ['noise', 'clips read right', 'word edges', 'edges', 'mean ms', 'median ms'];
  const rows = [[...header, ...EDGE_LIMITS.map((limit) => `≤ ${limit} ms`)]];
  const voices = await readSpokenWords();
  await using recognizer = await pipeline('automatic-speech-recognition', MODEL);
  for (const noise of noises) {
    const clips: ClipErrors[] = [];
    const greedy: (readonly number[])[] = [];
    for (const clip of joinedClips(voices, clipCount, noise)) {
      clips.push(await clipErrors(recognizer, clip));
      const errors = await greedyErrors(recognizer, clip);
      if (errors) greedy.push(errors);
    }
    log(`Noise ${noise ?? 0}: ${clips.length} clips.`);
    const add = (rule: string, errors: readonly number[]): void => {
      if (errors.length === 0) return;
      const { mean, median, within, edgeCount } = edgeErrors(errors);
      const shares = within.map((share) => `${(100 * share).toFixed(0)} %`);
      const figures = [String(edgeCount), mean.toFixed(1), median.toFixed(1), ...shares];
      rows.push([String(noise ?? 0), String(greedy.length), rule, ...figures]);
    };
    add('greedy', greedy.flat());
    for (const rule of EDGE_RULES)
      add(
        rule,
        clips.flatMap((clip) => clip[rule]),
      );
  }
  return rows;
}

function speed({ hours, words }: AlignBenchOptions): string[][] {
  const header = ['search', 'frames', 'letters', 'logits taken, s', 'search, s', 'search, CPU s'];
  const rows = [[...header, 'million reachable states a CPU second', 'heap + MB', 'resident + MB', 'log p']];
  for (const search of ['banded', 'exact'] as const) {
    log(`${search}: ${hours} h`);
    const figures = searchFigures(search, hours, words);
    rows.push([
      search,
      String(figures.frameCount),
      String(figures.tokenCount),
      figures.pushSeconds.toFixed(1),
      figures.searchSeconds.toFixed(1),
      figures.searchCpuSeconds.toFixed(1),
      (figures.reachableStates / figures.searchCpuSeconds / 1e6).toFixed(0),
      (figures.heapByteLength / 1e6).toFixed(1),
      (figures.residentByteLength / 1e6).toFixed(1),
      figures.alignment.log_prob.toFixed(3),
    ]);
  }
  return rows;
}

async function bench(options: AlignBenchOptions): Promise<number> {
  process.stdout.write(`${JSON.stringify(readEnvironment())}\n`);
  if (options.parts.includes('accuracy'))
    process.stdout.write(`\n${markdownTable(await accuracy(options), [1, 3, 4, 5, 6, 7, 8])}\n`);
  if (options.parts.includes('speed'))
    process.stdout.write(`\n${markdownTable(speed(options), [1, 2, 3, 4, 5, 6, 7, 8, 9])}\n`);
  return 0;
}

await runSuite(HELP, parseOptions, bench);
