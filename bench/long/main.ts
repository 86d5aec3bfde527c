/** `npm run bench -- long`: hours of audio in bounded memory, many files together instead of one after another, and the same text as transformers. */
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { runSuite } from '../lib/run-suite.ts';
import { countCuts, cutsTable } from './cuts.ts';
import { type HoursRun, measureHours } from './hours.ts';
import { measureInChromium } from './in-chromium.ts';
import { filesTable, measureFiles } from './many-files.ts';
import { HELP, type LongOptions, type LongRow, parseOptions } from './options.ts';
import { serveIfRecognizer } from './recognizer-worker.ts';
import { measureTexts, textTable } from './same-text.ts';

const HOURS: readonly (readonly [LongRow, (hours: number) => Promise<HoursRun>])[] = [
  ['decode', (hours) => measureHours('decode', hours)],
  ['stream', (hours) => measureHours('stream', hours)],
  ['chromium-decode', (hours) => measureInChromium('decode', hours)],
  ['chromium-stream', (hours) => measureInChromium('stream', hours)],
];

function hoursTable(runs: readonly HoursRun[]): string {
  const megabytes = (byteLength: number | undefined): string =>
    byteLength === undefined ? '–' : (byteLength / 1e6).toFixed(1);
  return markdownTable(
    [
      ['what', 'seconds of audio per second', 'peak resident + MB', 'peak heap + MB', ''],
      ...runs.map(({ name, audioSeconds, milliseconds, residentByteLength, heapByteLength, fits }) => [
        name,
        (audioSeconds / (milliseconds / 1000)).toFixed(0),
        megabytes(residentByteLength),
        megabytes(heapByteLength),
        fits ? 'fits' : 'TOO MUCH',
      ]),
    ],
    [1, 2, 3],
  );
}

/** Returns the exit code: 1 where memory or texts are wrong. Speed depends on the machine. */
async function bench(options: LongOptions): Promise<number> {
  const { rows, hours } = options;
  const isWanted = (row: LongRow): boolean => rows.includes(row);
  let isGood = true;
  const show = (text: string): boolean => process.stdout.write(`${text}\n`);
  show(JSON.stringify(readEnvironment()));
  const runs: HoursRun[] = [];
  for (const [row, measure] of HOURS) if (isWanted(row)) runs.push(await measure(hours));
  if (runs.length > 0) show(`\n${hoursTable(runs)}`);
  isGood &&= runs.every(({ fits }) => fits);
  if (isWanted('files')) {
    const result = await measureFiles(options);
    isGood &&= result.differingCount === 0;
    show(`\n${filesTable(options, result)}`);
  }
  const texts = isWanted('text') ? await measureTexts(options) : undefined;
  if (texts) {
    isGood &&= texts.own.text === texts.peer.text;
    show(`\n${textTable(options, texts)}`);
  }
  if (isWanted('cuts')) show(`\n${cutsTable(await countCuts())}`);
  return isGood ? 0 : 1;
}

if (!serveIfRecognizer(process.argv.slice(2))) await runSuite(HELP, parseOptions, bench);
