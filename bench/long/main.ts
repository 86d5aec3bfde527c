/** `npm run bench -- long`: hours of audio in bounded memory, and many files together instead of one after another. */
import { readEnvironment } from '../lib/environment.ts';
import { hoursOfMp3, shortFiles } from '../lib/looped-audio.ts';
import { markdownTable } from '../lib/markdown.ts';
import { pairedRatio } from '../lib/statistics.ts';
import { log, runSuite } from '../lib/run-suite.ts';
import { HELP, type LongOptions, type LongRow, parseOptions } from './options.ts';
import { type LongRun, serveIfRecognizer, startRecognizer } from './recognizer-worker.ts';

/** Files differ in what they hold, not in length, and repeat after this many. */
const DIFFERENT_FILES = 100;
/** What a run must not exceed, in bytes above the loaded model. */
const MAX_RESIDENT_BYTES = 200e6;
/** How many times faster than one after another many files must be. */
const MIN_SPEEDUP = 1.6;

const megabytes = (byteLength: number): string => (byteLength / 1e6).toFixed(1);

/** Each run has a process of its own. The model is there before memory is watched; what its first run takes counts. */
async function measureHours(kind: 'decode' | 'stream', hours: number): Promise<LongRun> {
  log(`${kind}: ${hours} h of MP3`);
  const { file, seconds } = hoursOfMp3(hours);
  const worker = startRecognizer();
  try {
    if (kind === 'stream') await worker.request('load', undefined);
    const run = await worker.request(kind, file);
    // The encoder adds up to two frames to each minute.
    if (Math.abs(run.audioSeconds - seconds) > 1 + 0.001 * seconds)
      throw new Error(`${kind} gave ${run.audioSeconds} s of audio, not ${seconds}`);
    return run;
  } finally {
    await worker.stop();
  }
}

const ROW_NAMES = { decode: 'MP3 to mono at 16 kHz', stream: 'MP3 through recognize.stream' } as const;

function hoursRow(kind: 'decode' | 'stream', hours: number, run: LongRun): string[] {
  const { audioSeconds, milliseconds, residentByteLength, heapByteLength } = run;
  return [
    `${hours} h, ${ROW_NAMES[kind]}`,
    (audioSeconds / (milliseconds / 1000)).toFixed(0),
    megabytes(residentByteLength),
    megabytes(heapByteLength),
    residentByteLength <= MAX_RESIDENT_BYTES ? 'fits' : 'TOO MUCH',
  ];
}

interface FilesResult {
  readonly oneByOne: readonly number[];
  readonly each: readonly number[];
  readonly control: readonly number[];
  /** Files whose text differs between the two ways. */
  readonly differingCount: number;
}

/** Both ways, block by block, in one process; the first block runs once more before, and does not count. */
async function measureFiles({ fileCount, seconds, blockSize }: LongOptions): Promise<FilesResult> {
  log(`files: ${fileCount} of ${seconds} s, in blocks of ${blockSize}`);
  const different = shortFiles(Math.min(fileCount, DIFFERENT_FILES), seconds);
  const files = Array.from({ length: fileCount }, (_, index) => different[index % different.length] ?? '');
  const times = { oneByOne: [] as number[], each: [] as number[], control: [] as number[] };
  let differingCount = 0;
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
      }
      differingCount += block.filter((_, index) => texts.each?.[index] !== texts.oneByOne?.[index]).length;
    }
  } finally {
    await worker.stop();
  }
  return { ...times, differingCount };
}

function filesTable(options: LongOptions, { oneByOne, each, control, differingCount }: FilesResult): string {
  const { fileCount, seconds } = options;
  const rate = (times: readonly number[]): string =>
    ((fileCount * seconds * 1000) / times.reduce((sum, time) => sum + time, 0)).toFixed(1);
  const speedup = (times: readonly number[]): string => pairedRatio(oneByOne, times).median.toFixed(2);
  const isFast = pairedRatio(oneByOne, each).median >= MIN_SPEEDUP;
  return markdownTable(
    [
      [`${fileCount} files of ${seconds} s`, 'seconds of audio per second', 'speed beside the first', ''],
      ['one after another', rate(oneByOne), '1.00', ''],
      ['control: the same again', rate(control), speedup(control), ''],
      ['recognize.each', rate(each), speedup(each), isFast ? 'fast enough' : `below ${MIN_SPEEDUP}`],
      [`texts that differ: ${differingCount}`, '', '', differingCount === 0 ? '' : 'DIFFERENT'],
    ],
    [1, 2],
  );
}

/** Returns the exit code: 1 where memory or texts are wrong. Speed depends on the machine. */
async function bench(options: LongOptions): Promise<number> {
  const { rows, hours } = options;
  const isWanted = (row: LongRow): boolean => rows.includes(row);
  let isGood = true;
  process.stdout.write(`${JSON.stringify(readEnvironment())}\n`);
  const header = ['what', 'seconds of audio per second', 'peak resident + MB', 'peak heap + MB', ''];
  const table = [header];
  for (const kind of ['decode', 'stream'] as const) {
    if (!isWanted(kind)) continue;
    const run = await measureHours(kind, hours);
    isGood &&= run.residentByteLength <= MAX_RESIDENT_BYTES;
    table.push(hoursRow(kind, hours, run));
  }
  if (table.length > 1) process.stdout.write(`\n${markdownTable(table, [1, 2, 3])}\n`);
  if (isWanted('files')) {
    const result = await measureFiles(options);
    isGood &&= result.differingCount === 0;
    process.stdout.write(`\n${filesTable(options, result)}\n`);
  }
  return isGood ? 0 : 1;
}

if (!serveIfRecognizer(process.argv.slice(2))) await runSuite(HELP, parseOptions, bench);
