/**
 * `npm run bench -- host`: how many times faster than sound the host prepares audio. A control far from 1.00 says that the machine is busy,
 * and so does a slow copy, which nothing can beat.
 */
import { messageOf } from '../../src/base/checks.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { timeInRounds } from '../lib/rounds.ts';
import { pairedRatio, spread } from '../lib/statistics.ts';
import { BenchUsageError } from '../lib/usage-error.ts';
import { HELP, type HostOptions, parseOptions } from './options.ts';
import { type HostWay, waysOf } from './ways.ts';

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function rowsOf(ways: readonly HostWay[], { seconds, rounds }: HostOptions): Promise<string[][]> {
  const times = await timeInRounds(ways, rounds);
  return ways.map(({ name, bar }, index) => {
    const own = times[index] ?? [];
    const { median, min, max } = spread(own.map((milliseconds) => (seconds * 1000) / milliseconds));
    const speed = pairedRatio(times[0] ?? [], own).median;
    return [
      name,
      ...[median, min, max].map((value) => value.toFixed(0)),
      speed.toFixed(2),
      bar === undefined ? '–' : String(bar),
    ];
  });
}

async function bench(options: HostOptions): Promise<void> {
  const rows = [['what', 'times real time', 'least', 'most', 'speed beside the first', 'must reach']];
  for (const group of options.groups) {
    try {
      const ways = waysOf(group, options.seconds);
      log(`${group}: ${ways.length} rows, ${options.rounds} rounds of ${options.seconds} s`);
      rows.push(...(await rowsOf(ways, options)));
    } catch (error) {
      log(`${group} is left out: ${messageOf(error)}`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(`${JSON.stringify(readEnvironment())}\n\n${markdownTable(rows, [1, 2, 3, 4, 5])}\n`);
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await bench(options);
  else process.stdout.write(HELP);
} catch (error) {
  log(error instanceof BenchUsageError ? `${error.message}\n\n${HELP}` : String(error));
  process.exitCode = error instanceof BenchUsageError ? 2 : 1;
}
