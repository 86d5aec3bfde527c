/** The suite of audio before the GPU: its command line, its rounds, and the sound that it loops. */
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { parseOptions, ROW_GROUPS } from '../../bench/host/options.ts';
import { shortFiles } from '../../bench/lib/looped-audio.ts';
import { timeInRounds } from '../../bench/lib/rounds.ts';
import { parseWav } from '../../src/audio/parse-wav.ts';

describe('the command line', () => {
  test('has defaults', () => {
    expect(parseOptions([])).toEqual({ groups: ROW_GROUPS, seconds: 300, rounds: 11 });
  });

  test('chooses groups, each once and in their order', () => {
    const options = parseOptions(['--only', 'mp3,wav,mp3', '--seconds', '1.5', '--rounds', '2']);
    expect(options).toEqual({ groups: ['wav', 'mp3'], seconds: 1.5, rounds: 2 });
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  test.each([
    [['--only', 'aac'], /--only: "aac" is none of samples, wav/],
    [['--seconds', '0'], /--seconds: "0" is not a positive number/],
    [['--rounds', '1.5'], /--rounds: "1.5" is not a whole number/],
    [['--frames', '1'], /--frames/],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

test('rounds run each way once, and every second one in the other order, after runs that do not count', async () => {
  const calls: string[] = [];
  const way = (name: string) => ({ name, run: () => void calls.push(name) });
  const times = await timeInRounds([way('a'), way('b')], 3);
  expect(calls.join('')).toBe('ab' + 'ab' + 'ba' + 'ab');
  expect(times.map(({ length }) => length)).toEqual([3, 3]);
});

describe('short files', () => {
  const files = shortFiles(2, 0.517);
  afterAll(() => files.forEach((file) => rmSync(file)));

  test('have the asked length and rate, and differ', () => {
    const [first, second] = files.map((file) => parseWav(readFileSync(file)));
    expect(first?.sampleRate).toBe(16_000);
    expect(first?.channels.map(({ length }) => length)).toEqual([8272]);
    expect(Math.max(...(first?.channels[0] ?? []))).toBeGreaterThan(0.01);
    expect(second?.channels[0]).not.toEqual(first?.channels[0]);
  });
});
