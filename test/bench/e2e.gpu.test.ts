import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Trace } from '../../src/profile/index.ts';
import type { E2eResults } from '../../bench/e2e/results.ts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'unispeech-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const bench = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/bench.mjs', ...args], { encoding: 'utf8' });

test('measures the tiny model end to end', () => {
  const jsonFile = path.join(scratch, 'results.json');
  const options = ['--models', 'tiny', '--seconds', '1', '--runs', '2', '--no-peer', '--json', jsonFile];
  const traceFile = path.join(scratch, 'trace.json');
  const { status, stdout, stderr } = bench('e2e', ...options, '--dtype', 'q8', '--trace', traceFile);
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('unispeech-webgpu');

  const results = JSON.parse(readFileSync(jsonFile, 'utf8')) as E2eResults;
  expect(results.command).toBe(
    'npm run bench -- e2e --models tiny --seconds 1 --runs 2 --dtype q8 --no-peer',
  );
  expect(results.environment.adapter).not.toBe('');
  expect(results.cases).toHaveLength(1);
  const [result] = results.cases;
  if (result === undefined) throw new Error('no case');
  expect(result.dispatchCount).toBeGreaterThan(20);
  expect(result.flops).toBeGreaterThan(1e7);
  expect(result.peer).toBeUndefined();
  for (const times of [
    result.ours.steadyMilliseconds,
    result.ours.encodeMilliseconds,
    result.controlMilliseconds,
  ]) {
    expect(times).toHaveLength(2);
    expect(Math.min(...times)).toBeGreaterThan(0);
  }
  const [first] = result.ours.firstRuns;
  if (first === undefined) throw new Error('no first run');
  expect(first.loadMilliseconds).toBeGreaterThan(0);
  expect(first.runMilliseconds).toBeGreaterThan(0);
  expect(first.weightByteLength).toBeGreaterThan(100_000);
  expect(first.baselineByteLength).toBeGreaterThan(20e6);
  expect(first.loadPeakByteLength).toBeGreaterThanOrEqual(first.baselineByteLength);
  expect(first.peakByteLength).toBeGreaterThanOrEqual(first.loadPeakByteLength);
  // Every step was timed, or none, where the adapter has no timestamps.
  expect([0, result.dispatchCount]).toContain(result.steps.length);
  const { traceEvents } = JSON.parse(readFileSync(traceFile, 'utf8')) as Trace;
  expect(traceEvents.filter((event) => event.ph === 'X' && event.cat === 'gpu')).toHaveLength(
    result.steps.length,
  );
});

test('measures a head beside the same model without it', () => {
  const jsonFile = path.join(scratch, 'classification.json');
  const options = ['--models', 'tiny', '--seconds', '1', '--runs', '1', '--json', jsonFile];
  const { status, stdout, stderr } = bench('e2e', ...options, '--head', 'sequence-classification');
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('ours / without head');
  const { cases } = JSON.parse(readFileSync(jsonFile, 'utf8')) as E2eResults;
  expect(cases[0]?.beside.map(({ what, milliseconds }) => [what, milliseconds.length])).toEqual([
    ['without head', 1],
  ]);
});

test('measures another family beside UniSpeech of its size', () => {
  const jsonFile = path.join(scratch, 'family.json');
  const options = ['--models', 'hubert-tiny', '--seconds', '1', '--runs', '1', '--no-peer'];
  const { status, stdout, stderr } = bench('e2e', ...options, '--json', jsonFile);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/hubert-tiny +1 +ours \/ UniSpeech tiny/);
  const { cases } = JSON.parse(readFileSync(jsonFile, 'utf8')) as E2eResults;
  expect(cases[0]?.beside).toMatchObject([
    { model: 'tiny', head: 'ctc', milliseconds: [expect.any(Number)] },
  ]);
});

test('lists the suites when asked for one that does not exist', () => {
  const { status, stderr } = bench('nonsense');
  expect(status).toBe(2);
  expect(stderr).toContain('There is no suite "nonsense".');
  expect(stderr).toContain('e2e');
});

test('says what models take on the device, beside the estimate', () => {
  const { status, stdout, stderr } = bench('memory', '--models', 'mms-tiny', '--dtypes', 'q4');
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/\| mms-tiny \| q4 \|.*\| fits \|/);
});

test('loads the tiny model from both kinds of files', () => {
  const { status, stdout, stderr } = bench(
    'load',
    '--models',
    'tiny',
    '--rounds',
    '2',
    '--python',
    'no-such-python',
  );
  expect(status, stderr).toBe(0);
  expect(stderr).toContain('Without PyTorch: no-such-python gave nothing');
  for (const way of ['from_pretrained', 'reading alone'])
    for (const what of ['safetensors, ms', 'pytorch_model.bin, ms', 'ratio', 'ratio of the control'])
      expect(stdout).toContain(`| tiny | ${way}, ${what} | `);
});
