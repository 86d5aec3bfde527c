/** The doctor without a GPU: what models need of an adapter, the verdict, and the report in words. */
import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { VERSION } from '../../src/base/version.ts';
import { smallestPassing } from '../../src/base/smallest-passing.ts';
import { compareLimits, fitModel } from '../../src/doctor/fit.ts';
import { formatReport } from '../../src/doctor/format-report.ts';
import { markdownTable } from '../../src/doctor/markdown-table.ts';
import { NOMINAL_MODELS } from '../../src/doctor/model-sizes.ts';
import type { MachineReport, Part } from '../../src/doctor/report.ts';
import { speedFacts } from '../../src/doctor/speed.ts';
import { judge } from '../../src/doctor/verdict.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';

const MEBIBYTE = 2 ** 20;
const adapter = (bindingMebibytes = 128): GpuCapabilities => ({
  adapter: 'an adapter with the limits that WebGPU guarantees',
  subgroupSize: undefined,
  isSoftware: false,
  timestamps: false,
  limits: {
    maxBufferSize: 256 * MEBIBYTE,
    maxStorageBufferBindingSize: bindingMebibytes * MEBIBYTE,
    maxComputeWorkgroupStorageSize: 16_384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65_535,
  },
});
const done = <T>(value: T): Part<T> & { readonly status: 'done' } => ({ status: 'done', value });

/** Findings of a machine on which all is well. */
function findings(capabilities = adapter()): Omit<MachineReport, 'verdict'> {
  const models = NOMINAL_MODELS.map((model) => fitModel(model, capabilities));
  return {
    version: VERSION,
    runtime: done({
      kind: 'browser',
      program: 'Test/1.0',
      system: 'Linux',
      isSecureContext: true,
      logicalCoreCount: 4,
    }),
    adapter: done({
      vendor: 'acme',
      architecture: 'a1',
      device: '',
      description: '',
      isSoftware: false,
      features: [],
    }),
    device: done({
      features: [],
      subgroupSize: null,
      timestamps: false,
      tunedCount: 3,
      limits: capabilities.limits,
    }),
    limits: done(compareLimits(capabilities)),
    models: done(models),
    kernels: done({
      names: ['gemm_a', 'gemm_b', 'mask_frames'],
      results: ['gemm_a', 'gemm_b', 'mask_frames'].map((name) => ({
        name,
        nmse: 1e-14,
        passed: true,
        milliseconds: 3,
      })),
    }),
    speed: done(speedFacts(1e12, models)),
    storage: { status: 'skipped', reason: 'None here.' },
  };
}

/** The same with some kernels wrong. */
function withWrong(...wrong: readonly string[]): Omit<MachineReport, 'verdict'> {
  const all = findings();
  const { kernels } = all;
  if (kernels.status !== 'done') throw new Error('no kernels');
  const results = kernels.value.results.map((result) => ({
    ...result,
    passed: !wrong.includes(result.name),
  }));
  return { ...all, kernels: done({ ...kernels.value, results }) };
}

test('the version is that of package.json', () => {
  expect(VERSION).toBe(manifest.version);
});

describe('limits', () => {
  test('what WebGPU guarantees is enough for both sizes', () => {
    const rows = compareLimits(adapter());
    expect(rows.filter(({ suffices }) => !suffices.base || !suffices.large)).toEqual([]);
  });

  test('the binding needed is the least with which 15 seconds can be planned and weights fit', () => {
    const [row] = compareLimits(adapter());
    // The positional convolution of a large model: 1024 · 128 · 64 floats.
    expect(row?.needed.large).toBe(32 * MEBIBYTE);
    expect(row?.needed.base).toBe(18 * MEBIBYTE);
    const short = compareLimits(adapter(20))[0];
    expect(short?.suffices).toEqual({ base: true, large: false });
  });

  test('the longest clip is the last one that can be planned', () => {
    const [base, large] = NOMINAL_MODELS.map((model) => fitModel(model, adapter()));
    expect(base?.longestClipSeconds).toBe(218);
    expect(large?.longestClipSeconds).toBe(163);
    expect(base?.clips.map((clip) => clip.status)).toEqual(['done', 'done', 'done']);
    expect([base?.parameterCount, large?.parameterCount]).toEqual([94_396_320, 315_471_520]);
  });

  test('the smallest that passes, and the upper end where none does', () => {
    expect(smallestPassing(1, 100, (value) => value >= 37)).toBe(37);
    expect(smallestPassing(1, 100, () => true)).toBe(1);
    expect(smallestPassing(1, 100, () => false)).toBe(100);
  });
});

describe('verdict', () => {
  test('yes on a GPU; slow where it computes on the processor or lags behind speech', () => {
    const all = findings();
    expect(judge(all)).toMatchObject({ level: 'yes', advice: undefined });
    const isSoftware = { ...all.adapter, value: { isSoftware: true } } as MachineReport['adapter'];
    expect(judge({ ...all, adapter: isSoftware }).level).toBe('slow');
    const lagging = done({ gflopsPerSecond: 1, secondsPerSecond: { base: 14, large: 40 } });
    expect(judge({ ...all, speed: lagging })).toMatchObject({ level: 'slow' });
    expect(judge({ ...all, speed: lagging }).sentence).toContain('14.0 s of computing for each second');
  });

  test('a wrong kernel with a right twin is left out; without one nothing runs', () => {
    const spared = judge(withWrong('gemm_b'));
    expect(spared.level).toBe('yes');
    expect(spared.advice).toContain('gemm_b');
    expect(judge(withWrong('gemm_a', 'gemm_b'))).toMatchObject({ level: 'no' });
    expect(judge(withWrong('mask_frames')).sentence).toContain('mask_frames');
  });

  test('no where base models do not fit; unknown until everything is looked at', () => {
    expect(judge(findings(adapter(10))).level).toBe('no');
    expect(judge(findings(adapter(20))).sentence).toContain('large models do not fit');
    expect(judge({ ...findings(), speed: { status: 'pending' } }).level).toBe('unknown');
    const error = { code: 'shader-failed', message: 'It broke.', fix: 'Mend it.' };
    expect(judge({ ...findings(), speed: { status: 'failed', error } })).toEqual({
      level: 'unknown',
      sentence: 'Not clear: It broke.',
      advice: 'Mend it.',
    });
  });
});

test('the report tells every part, also those that failed', () => {
  const all = withWrong('gemm_b');
  const device: MachineReport['device'] = {
    status: 'failed',
    error: { code: 'no-adapter', message: 'Nothing there.', fix: 'Plug it in.' },
  };
  const report = { ...all, device };
  const text = formatReport({ ...report, verdict: judge(report) });
  expect(text).toContain('**No. Nothing there.** Plug it in.');
  expect(text).toContain('## Device\n\nFailed (no-adapter): Nothing there. Plug it in.');
  expect(text).toContain('## Storage\n\nSkipped: None here.');
  expect(text).toContain('| gemm_b      | WRONG  |');
  expect(text).toContain('1 of 3 kernels give wrong results');
  expect(text).toContain('3 min 38 s');
  expect(text).not.toMatch(/undefined|NaN|\[object/);
});

test('Markdown tables are aligned', () => {
  const rows = [
    ['name', 'n'],
    ['a', '1'],
    ['longer', '100'],
  ];
  expect(markdownTable(rows, [1])).toBe(
    '| name   |   n |\n| ------ | --: |\n| a      |   1 |\n| longer | 100 |',
  );
});
