/** The kernel suite on an adapter: both clocks, wrong kernels, and the command. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { benchCases, type BenchCase } from '../../bench/kernels/cases.ts';
import { Clock } from '../../bench/kernels/clock.ts';
import { measureCase } from '../../bench/kernels/measure.ts';
import { measurePeak } from '../../bench/kernels/peak.ts';
import type { KernelResults } from '../../bench/kernels/results.ts';
import { CONFIGS } from '../../scripts/lib/model-configs.mjs';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { openTestContext } from '../helpers/gpu.ts';
import { COMMON_PIECES } from '../../src/speech/encoder/encoder.ts';

const context = await openTestContext();
afterAll(() => context.release());
const { capabilities } = context;
const cases = benchCases(
  [{ size: 'tiny', config: UniSpeechConfig.fromJson(CONFIGS.tiny, 'tiny'), pieces: COMMON_PIECES }],
  [1],
  'fp32',
  capabilities,
);
const caseOf = (name: string): BenchCase => {
  const found = cases.find((benchCase) => benchCase.name === `tiny 1 s: ${name}`);
  if (!found) throw new Error(`no case ${name}`);
  return found;
};
const options = { rounds: 2, limitMilliseconds: 5000 };

describe.each(['timestamps', 'host'] as const)('clock: %s', (kind) => {
  test('the peak is a rate, and every kernel is checked and timed', async () => {
    const clock = new Clock(context, kind);
    try {
      const peak = await measurePeak(context, clock);
      expect(peak.flopsPerSecond).toBeGreaterThan(1e8);
      expect(peak.bytesPerSecond).toBeGreaterThan(1e7);
      for (const name of ['layer qkv', 'layer attention', 'conv 0', 'mask frames']) {
        const { rows, controlMilliseconds } = await measureCase(context, clock, caseOf(name), options);
        expect(controlMilliseconds).toHaveLength(2);
        expect(rows.filter(({ isChosen }) => isChosen)).toHaveLength(1);
        for (const { kernel, fault, skipped, milliseconds } of rows) {
          expect({ fault, skipped }, kernel).toEqual({});
          expect(milliseconds, kernel).toHaveLength(2);
          expect(Math.min(...milliseconds), kernel).toBeGreaterThan(0);
        }
      }
    } finally {
      clock.destroy();
    }
  });
});

test('a wrong kernel, one that does not compile and a slow one are named and not timed', async () => {
  const benchCase = caseOf('layer qkv');
  const [chosen, second, third] = benchCase.variants;
  if (!chosen || !second || !third) throw new Error('too few variants');
  const spoiled = (call: typeof chosen, change: (source: string) => string) => ({
    ...call,
    kernel: { ...call.kernel, source: change(call.kernel.source) },
  });
  // Right on small inputs: only the samples of the very case can tell.
  const wrong = spoiled(second, (source) =>
    source.replace('var value = sum;', 'var value = select(sum, sum + 1.0, row > 2u);'),
  );
  const broken = spoiled(third, (source) => `${source}\nfn`);
  const clock = new Clock(context, 'host');
  try {
    const variants = [chosen, wrong, broken];
    const { rows } = await measureCase(context, clock, { ...benchCase, variants }, options);
    expect(rows[0]).toMatchObject({ isChosen: true });
    expect(rows[0]?.milliseconds).toHaveLength(2);
    expect(rows[1]).toMatchObject({ milliseconds: [], fault: expect.stringMatching(/wrongly/) as string });
    expect(rows[2]).toMatchObject({
      milliseconds: [],
      fault: expect.stringMatching(/not compile/) as string,
    });
    const slow = await measureCase(
      context,
      clock,
      { ...benchCase, variants: [chosen] },
      { ...options, limitMilliseconds: 1e-9 },
    );
    expect(slow.rows[0]).toMatchObject({
      milliseconds: [],
      skipped: expect.stringMatching(/^too slow here/) as string,
    });
    expect(slow.controlMilliseconds).toEqual([]);
  } finally {
    clock.destroy();
  }
});

test('the command writes its results and compares with them', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-test-'));
  try {
    const file = path.join(folder, 'results.json');
    const args = ['--models', 'tiny', '--seconds', '1', '--kernel', 'lm head', '--rounds', '2'];
    const bench = (...more: string[]) =>
      spawnSync(process.execPath, ['scripts/bench.mjs', 'kernels', ...args, ...more], { encoding: 'utf8' });
    const first = bench('--json', file);
    expect(first.status, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/Peak, measured in this run: [\d.]+ GFLOP\/s/);
    const results = JSON.parse(readFileSync(file, 'utf8')) as KernelResults;
    expect(results).toMatchObject({
      suite: 'kernels',
      command: 'npm run bench -- kernels --models tiny --seconds 1 --kernel lm head --rounds 2',
    });
    expect(results.environment.features.length).toBeGreaterThan(0);
    expect(results.cases).toHaveLength(1);
    const second = bench('--compare', file);
    expect(second.status, second.stderr).toBe(0);
    expect(second.stdout).toMatch(/ms then +ms now +ratio/);
    expect(bench('--clock', 'sun').status).toBe(2);
    const none = bench('--kernel', 'no such kernel');
    expect(none.status).toBe(1);
    expect(none.stderr).toContain('No case and no kernel here has "no such kernel" in its name.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
