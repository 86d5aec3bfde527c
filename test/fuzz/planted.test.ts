/** The harness finds what it is made to find: a target with one fault of every kind. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runHarness } from './run-harness.ts';
import { PLANTED } from './targets/planted.ts';

const FAULTS: Readonly<Record<string, RegExp>> = {
  'an error of JavaScript': /^not an error of the engine: TypeError: x is undefined/,
  'something thrown that is no error': /^not an error of the engine: text/,
  'a long message': /^a message of \d+ characters/,
  'control characters': /^control characters in a message/,
  'speech lost in silence': /^wrong result: planted: a wrong result/,
  'a rejection that nobody handles': /^unhandled rejection: Error: nobody looks/,
  'a slow answer': /^slow: 2\d\d\d ms/,
  'much memory': /^memory: \d{3} MB/,
  'a promise that never settles': /^crash: exit code 13/,
  'a loop without end': /^hang: nothing for 10 s/,
  'a crash': /^crash: SIGABRT/,
};

test(
  'every planted fault is reported by its mutant, and what is right is none',
  { timeout: 120_000 },
  async () => {
    const names = Object.keys(PLANTED);
    const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-planted-'));
    try {
      const [report] = await runHarness([
        '--parser',
        'planted',
        '--mutants',
        String(names.length),
        '--save',
        folder,
      ]);
      expect(report?.mutantCount).toBe(names.length);
      expect(
        Object.fromEntries(report?.faults.map(({ mutant, fault }) => [names[mutant], fault]) ?? []),
      ).toEqual(
        Object.fromEntries(
          Object.entries(FAULTS).map(([name, pattern]) => [name, expect.stringMatching(pattern)]),
        ),
      );
      expect(report?.counts).toMatchObject({ result: 3, 'bad-audio': 1 });
      // A reproducer each.
      expect(readdirSync(folder)).toHaveLength(Object.keys(FAULTS).length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
