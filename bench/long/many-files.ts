/** Many files, one after another and by `recognize.each`. */
import { shortFiles } from '../lib/looped-audio.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log } from '../lib/run-suite.ts';
import { pairedRatio } from '../lib/statistics.ts';
import type { LongOptions } from './options.ts';
import { startRecognizer } from './recognizer-worker.ts';

/** Files differ in what they hold, not in length, and repeat after this many. */
const DIFFERENT_FILES = 100;
/** How many times faster than one after another many files must be. */
const MIN_SPEEDUP = 1.6;

const total = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0);

export interface FilesResult {
  readonly oneByOne: readonly number[];
  readonly each: readonly number[];
  readonly control: readonly number[];
  /** Of the time with `each`, the share in which the adapter had work. */
  readonly eachBusyShare: number;
  /** Files whose text differs between the two ways. */
  readonly differingCount: number;
}

/** Both ways, block by block, in one process; the first block runs once more before, and does not count. */
export async function measureFiles({ fileCount, seconds, blockSize }: LongOptions): Promise<FilesResult> {
  log(`files: ${fileCount} of ${seconds} s, in blocks of ${blockSize}`);
  const different = shortFiles(Math.min(fileCount, DIFFERENT_FILES), seconds);
  const files = Array.from({ length: fileCount }, (_, index) => different[index % different.length] ?? '');
  const times = { oneByOne: [] as number[], each: [] as number[], control: [] as number[] };
  let differingCount = 0;
  let eachBusyMilliseconds = 0;
  const worker = startRecognizer();
  try {
    await worker.request('load', undefined);
    for (const way of ['oneByOne', 'each'] as const) await worker.request(way, files.slice(0, blockSize));
    for (let start = 0; start < fileCount; start += blockSize) {
      const block = files.slice(start, start + blockSize);
      const order = ['control', 'oneByOne', 'each'] as const;
      const texts: Partial<Record<(typeof order)[number], readonly string[]>> = {};
      for (const way of (start / blockSize) % 2 === 0 ? order : [...order].reverse()) {
        const run = await worker.request(way === 'control' ? 'oneByOne' : way, block);
        times[way].push(run.milliseconds);
        texts[way] = run.texts;
        if (way === 'each') eachBusyMilliseconds += run.busyMilliseconds;
      }
      differingCount += block.filter((_, index) => texts.each?.[index] !== texts.oneByOne?.[index]).length;
    }
  } finally {
    await worker.stop();
  }
  return { ...times, eachBusyShare: eachBusyMilliseconds / total(times.each), differingCount };
}

export function filesTable(
  options: LongOptions,
  { oneByOne, each, control, eachBusyShare, differingCount }: FilesResult,
): string {
  const { fileCount, seconds } = options;
  const rate = (times: readonly number[]): string => ((fileCount * seconds * 1000) / total(times)).toFixed(1);
  const speedup = (times: readonly number[]): string => pairedRatio(oneByOne, times).median.toFixed(2);
  const isFast = pairedRatio(oneByOne, each).median >= MIN_SPEEDUP;
  return markdownTable(
    [
      [`${fileCount} files of ${seconds} s`, 'seconds of audio per second', 'speed beside the first', ''],
      ['one after another', rate(oneByOne), '1.00', ''],
      ['control: the same again', rate(control), speedup(control), ''],
      ['recognize.each', rate(each), speedup(each), isFast ? 'fast enough' : `below ${MIN_SPEEDUP}`],
      [`of its time with work on the adapter: ${(100 * eachBusyShare).toFixed(1)} %`, '', '', ''],
      [`texts that differ: ${differingCount}`, '', '', differingCount === 0 ? '' : 'DIFFERENT'],
    ],
    [1, 2],
  );
}
