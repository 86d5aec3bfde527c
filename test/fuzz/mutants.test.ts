/** The mutants of every parser that `npm test` runs; many more by hand: see docs/fuzzing.md. */
import { expect, test } from 'vitest';
import { runHarness } from './run-harness.ts';
import { TARGETS } from './targets/index.ts';

const MUTANTS = 400;

test('no mutant of any parser is a fault', { timeout: 300_000 }, async () => {
  const reports = await runHarness(['--mutants', String(MUTANTS), '--seed', '1']);
  expect(reports.flatMap(({ target, faults }) => faults.map((fault) => ({ target, ...fault })))).toEqual([]);
  expect(reports.map(({ target, mutantCount }) => [target, mutantCount])).toEqual(
    TARGETS.map(({ name }) => [name, MUTANTS]),
  );
});
