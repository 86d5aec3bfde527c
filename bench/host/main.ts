/**
 * `npm run bench -- host`: how many times faster than sound the host prepares audio. A control far from 1.00 says that the machine is busy,
 * and so does a slow copy, which nothing can beat.
 */
import { messageOf } from '../../src/base/checks.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { timeInRounds } from '../lib/rounds.ts';
import { pairedRatio, spread } from '../lib/statistics.ts';
import { log, runSuite } from '../lib/run-suite.ts';
import { HELP, type HostOptions, parseOptions } from './options.ts';
import { type HostWay, waysOf } from './ways.ts';

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

/** Returns the exit code: 1 where a group is left out. */
async function bench(options: HostOptions): Promise<number> {
  let isWhole = true;
  const rows = [['what', 'times real time', 'least', 'most', 'speed beside the first', 'must reach']];
  for (const group of options.groups) {
    try {
      const ways = waysOf(group, options.seconds);
      log(`${group}: ${ways.length} rows, ${options.rounds} rounds of ${options.seconds} s`);
      rows.push(...(await rowsOf(ways, options)));
    } catch (error) {
      log(`${group} is left out: ${messageOf(error)}`);
      isWhole = false;
    }
  }
  process.stdout.write(`${JSON.stringify(readEnvironment())}\n\n${markdownTable(rows, [1, 2, 3, 4, 5])}\n`);
  return isWhole ? 0 : 1;
}

await runSuite(HELP, parseOptions, bench);
