/** What a search takes for hours of made-up logits, which come in windows as those of a model do. */
import { type LogitAlignment, LogitAligner } from '../../src/align/align-logits.ts';
import type { SearchMode } from '../../src/align/find-path.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { collectGarbage, MemoryWatch } from '../lib/memory.ts';

const VOCAB_SIZE = 32;
const FRAMES_AN_HOUR = 180_000;
const LETTERS_A_WORD = 5.4;
/** Of 30 s. */
const WINDOW_FRAMES = 1500;
/** The share of letters that the model reads wrong. */
const ERROR_SHARE = 0.1;

export interface SearchFigures {
  readonly tokenCount: number;
  readonly frameCount: number;
  /** Of taking the logits, and of the search. */
  readonly pushSeconds: number;
  readonly searchSeconds: number;
  /** Of one core, without the time that others had it. */
  readonly searchCpuSeconds: number;
  /** States that can lie on a path, by which an exact search is measured. */
  readonly reachableStates: number;
  readonly residentByteLength: number;
  readonly heapByteLength: number;
  readonly alignment: Pick<LogitAlignment, 'log_prob' | 'spans'>;
}

/** Letters at random, three frames and more apart. */
export function searchFigures(search: SearchMode, hours: number, wordsAnHour: number): SearchFigures {
  const random = new SeededRandom(1);
  const frameCount = Math.round(hours * FRAMES_AN_HOUR);
  const tokenCount = Math.round(hours * wordsAnHour * LETTERS_A_WORD);
  const tokens = Int32Array.from({ length: tokenCount }, () => random.integer(5, VOCAB_SIZE - 1));
  collectGarbage();
  const watch = new MemoryWatch();
  const aligner = new LogitAligner(tokens, VOCAB_SIZE, { search });
  const data = new Float32Array(WINDOW_FRAMES * VOCAB_SIZE);
  let pushMilliseconds = 0;
  for (let first = 0; first < frameCount; first += WINDOW_FRAMES) {
    const count = Math.min(WINDOW_FRAMES, frameCount - first);
    for (let frame = 0; frame < count; frame++) {
      const at = ((first + frame) * tokenCount) / frameCount;
      const isLetter = Math.floor(at + tokenCount / frameCount) > Math.floor(at);
      const right = tokens[Math.floor(at)] ?? 0;
      const label = !isLetter
        ? 0
        : random.uniform() < ERROR_SHARE
          ? random.integer(5, VOCAB_SIZE - 1)
          : right;
      for (let column = 0; column < VOCAB_SIZE; column++)
        data[frame * VOCAB_SIZE + column] = column === label ? 8 : 3 * random.uniform();
    }
    const start = performance.now();
    aligner.push({ data: data.subarray(0, count * VOCAB_SIZE), frameCount: count, vocabSize: VOCAB_SIZE });
    pushMilliseconds += performance.now() - start;
    watch.look();
  }
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { log_prob, spans } = aligner.finish();
  const searchSeconds = (performance.now() - start) / 1000;
  const searchCpuSeconds = process.cpuUsage(cpu).user / 1e6;
  watch.look();
  return {
    tokenCount,
    frameCount,
    pushSeconds: pushMilliseconds / 1000,
    searchSeconds,
    searchCpuSeconds,
    reachableStates: 2 * tokenCount * (frameCount - tokenCount),
    ...watch.peaks(),
    alignment: { log_prob, spans },
  };
}
