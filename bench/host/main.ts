/**
 * `npm run bench -- host`: how many times faster than sound the host prepares a clip. The control is a copy of the same samples, which
 * nothing can beat: where it is slow, the machine is busy.
 */
import { parseArgs } from 'node:util';
import { toMono } from '../../src/audio/downmix.ts';
import { resample } from '../../src/audio/resample.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { spread } from '../lib/statistics.ts';

const HELP = `Mixing down and resampling.

Usage: npm run bench -- host [options]
  --seconds N        of sound in a run (default 600)
  --runs N           timed runs of each row, after one that is not (default 21)
`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '600' },
    runs: { type: 'string', default: '21' },
  },
});
if (values.help) {
  process.stdout.write(HELP);
} else {
  const seconds = Number(values.seconds);
  const runs = Number(values.runs);
  const left = noise(seconds * 44_100);
  const right = left.map((sample) => -sample / 2);
  const wide = noise(seconds * 48_000);
  const cases: readonly (readonly [name: string, run: () => Float32Array])[] = [
    ['copy, one channel at 44.1 kHz (control)', () => left.slice()],
    ['toMono, two channels at 44.1 kHz', () => toMono({ channels: [left, right], sampleRate: 44_100 })],
    ['resample, 44.1 to 16 kHz', () => resample(left, 44_100, 16_000)],
    ['resample, 48 to 16 kHz', () => resample(wide, 48_000, 16_000)],
  ];
  const rows = cases.map(([name, run]) => {
    run();
    const timesRealTime = Array.from({ length: runs }, () => {
      const start = performance.now();
      run();
      return (seconds * 1000) / (performance.now() - start);
    });
    const { median, min, max } = spread(timesRealTime);
    return [name, ...[median, min, max].map((value) => value.toFixed(0))];
  });
  const header = ['what', 'times real time', 'least', 'most'];
  process.stdout.write(
    `${JSON.stringify(readEnvironment())}\n\n${markdownTable([header, ...rows], [1, 2, 3])}\n`,
  );
}

function noise(length: number): Float32Array {
  const samples = new Float32Array(length);
  for (let index = 0; index < length; index += 1) samples[index] = Math.sin(index * index * 1e-5);
  return samples;
}
