/** This engine as the peers suite runs it, on an adapter: every operation against float64, and the command. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Workload } from '../../bench/peers/engine.ts';
import {
  differenceFromSamples,
  REFERENCE_TOLERANCE,
  referenceSamples,
} from '../../bench/peers/references.ts';
import type { PeersResults } from '../../bench/peers/results.ts';
import { UniSpeechEngine } from '../../bench/peers/unispeech-engine.ts';
import { workloadData } from '../../bench/peers/workloads.ts';

const MODEL = 'examples/models/unispeech-tiny-en';

const engine = await UniSpeechEngine.open(MODEL);
afterAll(() => engine.dispose());

describe('this engine', () => {
  test.each<Workload>([
    { kind: 'gemm', name: 'gemm', rows: 33, columns: 20, inner: 36 },
    { kind: 'grouped_conv', name: 'even kernel', frames: 19, channels: 24, groups: 3, kernel: 6 },
    { kind: 'grouped_conv', name: 'odd kernel', frames: 19, channels: 16, groups: 2, kernel: 5 },
    { kind: 'first_conv', name: 'first conv', sampleCount: 1003, channels: 12, kernel: 10, stride: 5 },
    { kind: 'attention', name: 'attention', frames: 21, heads: 3, headSize: 8 },
  ])('computes $name, twice the same', async (workload) => {
    const data = workloadData(workload);
    const samples = referenceSamples(workload, data);
    if (samples === undefined) throw new Error('no samples');
    const work = await engine.prepare(workload, data);
    try {
      const output = work.toCanonical(await work.run());
      expect(differenceFromSamples(output, samples)).toBeLessThanOrEqual(REFERENCE_TOLERANCE);
      expect(work.toCanonical(await work.run())).toEqual(output);
      expect(work.remark).not.toBe('');
    } finally {
      await work.dispose();
    }
  });

  test('runs a whole model and counts its operations', async () => {
    const workload: Workload = { kind: 'model', name: 'model', sampleCount: 16_000 };
    const work = await engine.prepare(workload, workloadData(workload));
    try {
      const logits = work.toCanonical(await work.run());
      expect(logits.length % 49).toBe(0);
      expect(logits.every(Number.isFinite)).toBe(true);
      expect(work.flops).toBeGreaterThan(1e6);
    } finally {
      await work.dispose();
    }
  });

  test('names its adapter', async () => {
    expect(await engine.adapter()).not.toBe('');
  });
});

test('the command measures this engine beside itself in Node and in Chromium, and writes what it found', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-test-'));
  try {
    const file = path.join(folder, 'results.json');
    const bench = (...args: string[]) =>
      spawnSync(process.execPath, ['scripts/bench.mjs', 'peers', ...args], { encoding: 'utf8' });
    const args = ['--engines', 'none', '--only', 'attention', '--rounds', '2'];
    const run = bench(...args, '--json', file);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/attention 249 frames, 12x64 +unispeech-webgpu/);
    expect(run.stdout).toMatch(/control: ours \/ ours/);
    const results = JSON.parse(readFileSync(file, 'utf8')) as PeersResults;
    expect(results.command).toBe(
      'npm run bench -- peers --venue node,chromium --engines none --only "attention" --rounds 2 --seconds 1',
    );
    expect(results.workloads.map(({ venue }) => venue)).toEqual(['node', 'chromium']);
    for (const { rows, controlMilliseconds } of results.workloads) {
      expect(rows[0]?.milliseconds).toHaveLength(2);
      expect(controlMilliseconds).toHaveLength(2);
    }
    expect(bench('--only', 'nothing of the kind').status).toBe(2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
