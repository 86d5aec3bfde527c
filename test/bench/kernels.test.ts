/** The kernel suite without a GPU: its cases, figures, comparisons and command line. */
import { describe, expect, test } from 'vitest';
import { benchCases } from '../../bench/kernels/cases.ts';
import { compareResults, controlRatio, isNoisy, rowFigures } from '../../bench/kernels/figures.ts';
import { formatCommand, parseOptions } from '../../bench/kernels/options.ts';
import { shareOfPeak } from '../../bench/kernels/peak.ts';
import { complaints, formatComparison, formatReport } from '../../bench/kernels/report.ts';
import type { CaseRows, KernelResults, KernelRow } from '../../bench/kernels/results.ts';
import { benchConfig } from '../../bench/lib/bench-config.ts';
import type { CheckpointName } from '../../scripts/lib/model-configs.mjs';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { loadPieces } from '../../src/speech/encoder/encoder.ts';

const capabilities: GpuCapabilities = {
  adapter: 'planned',
  subgroupSize: 32,
  isSoftware: false,
  timestamps: true,
  limits: {
    maxBufferSize: 2 ** 31,
    maxStorageBufferBindingSize: 2 ** 31 - 4,
    maxComputeWorkgroupStorageSize: 32_768,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65_535,
  },
};
const model = async (size: CheckpointName) => {
  const config = benchConfig(size);
  return { size, config, pieces: await loadPieces(config) };
};
const base = await model('base');
const large = await model('large');

describe('cases', () => {
  const cases = benchCases([base, large], [1, 5, 15, 30], 'fp32', capabilities);

  test('hold every kernel of both sizes, each call once, with all its variants', () => {
    const kinds = new Set(cases.map(({ chosen }) => chosen.recipe.kind));
    expect([...kinds].sort()).toEqual([
      'attention',
      'attention_weights',
      'choose_codes',
      'conv0_group_norm',
      'conv0_layer_norm',
      'conv0_merge',
      'conv0_statistics',
      'count_codes',
      'frame_mean',
      'frame_statistics',
      'gather_codes',
      'gemm',
      'gemm_norm',
      'layer_norm',
      'mask_frames',
      'pos_conv_pack',
      'unfold_frames',
    ]);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const seconds of [1, 5, 15, 30]) {
      for (const size of ['base', 'large'])
        expect(cases.some(({ name }) => name.startsWith(`${size} ${seconds} s: layer qkv`))).toBe(true);
    }
    for (const { chosen, variants, name } of cases) {
      expect(variants[0], name).toBe(chosen);
      const sources = new Set(variants.map(({ kernel }) => kernel.source));
      expect(sources.size, name).toBe(variants.length);
      if (chosen.recipe.kind === 'gemm') expect(variants.length, name).toBeGreaterThan(4);
      if (chosen.recipe.kind === 'gemm_norm') expect(variants.length, name).toBeGreaterThan(1);
      if (chosen.recipe.kind === 'attention') expect(variants.length, name).toBeGreaterThan(2);
      for (const variant of variants) expect(variant.flops, name).toBe(chosen.flops);
    }
  });

  test('of another family hold what only its encoder has, and count its own frames', async () => {
    const ofSew = benchCases([await model('sew-base')], [1], 'fp32', capabilities);
    const kinds = new Set(ofSew.map(({ chosen }) => chosen.recipe.kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['pool_frames', 'unpool_frames']));
    const [, keyCounts] = ofSew.find(({ chosen }) => chosen.recipe.kind === 'attention')?.bindings ?? [];
    expect(keyCounts).toMatchObject({ kind: 'integers', value: 24 });
  });

  test('weights in fewer bits take smaller bindings', () => {
    const bytes = (dtype: 'fp32' | 'q8') =>
      benchCases([base], [1], dtype, capabilities)
        .find(({ name }) => name.endsWith('layer qkv'))
        ?.bindings.find(({ kind }) => kind === 'weights')?.byteLength;
    expect(bytes('fp32')).toBe(3 * 768 * 768 * 4);
    expect(bytes('q8')).toBe(3 * 768 * 768 * (1 + 4 / 32));
  });
});

const row = (kernel: string, milliseconds: readonly number[], isChosen = false): KernelRow => ({
  kernel,
  isChosen,
  milliseconds,
  repeats: 1,
});
const caseOf = (rows: readonly KernelRow[], controlMilliseconds: readonly number[] = []): CaseRows => ({
  name: 'base 1 s: layer up',
  flops: 2e9,
  byteCount: 1e6,
  rows,
  controlMilliseconds,
});
const resultsOf = (...cases: readonly CaseRows[]): KernelResults => ({
  suite: 'kernels',
  command: 'npm run bench -- kernels',
  version: '1',
  environment: {
    adapter: 'a',
    vendor: '',
    architecture: '',
    description: '',
    isSoftwareAdapter: true,
    subgroupSize: 8,
    features: [],
    limits: {},
  },
  clock: 'host',
  peak: { flopsPerSecond: 1e12, bytesPerSecond: 1e10 },
  cases,
});

describe('figures', () => {
  const peak = { flopsPerSecond: 1e12, bytesPerSecond: 1e10 };

  test('the share of the peak is of whichever roof is lower', () => {
    expect(shareOfPeak({ flops: 1e9, byteCount: 1 }, 2, peak)).toBeCloseTo(0.5);
    expect(shareOfPeak({ flops: 1, byteCount: 1e7 }, 4, peak)).toBeCloseTo(0.25);
  });

  test('medians, rates, and nothing for what was not timed', () => {
    const rows = caseOf([row('gemm', [4, 2, 8], true)]);
    expect(rowFigures(rows, row('gemm', [4, 2, 8]), peak)).toEqual({
      time: { median: 4, min: 2, max: 8 },
      gflopsPerSecond: 500,
      gigabytesPerSecond: 0.25,
      shareOfPeak: 0.5,
    });
    expect(rowFigures(rows, row('slow', []), peak)).toBeUndefined();
  });

  test('a control off by more than 3 % is named', () => {
    const quiet = caseOf([row('gemm', [10, 20, 10], true)], [10.2, 20, 10.1]);
    const noisy = caseOf([row('gemm', [10, 20, 10], true)], [11, 22, 10]);
    expect(controlRatio(quiet)).toBeCloseTo(1.01);
    expect([quiet, noisy].map(isNoisy)).toEqual([false, true]);
    expect(complaints(resultsOf(quiet))).toEqual([]);
    expect(complaints(resultsOf(quiet, noisy))).toEqual([
      expect.stringMatching(/^Too noisy: .* in 1 of 2 cases \(base 1 s: layer up\)/),
    ]);
  });

  test('a comparison flags what differs by more than the noise', () => {
    const then = resultsOf(caseOf([row('a', [10, 10, 10]), row('b', [10, 12, 8]), row('gone', [1])]));
    const now = resultsOf(caseOf([row('a', [9, 9, 9]), row('b', [11, 11, 11]), row('new', [1])]));
    expect(compareResults(now, then).map(({ kernel, isChange }) => [kernel, isChange])).toEqual([
      ['a', true],
      ['b', false],
    ]);
    expect(formatComparison(now, then)).toMatch(/a +10\.0 +9\.00 +0\.90 +faster/);
    expect(formatComparison(now, resultsOf())).toMatch(/No row/);
  });
});

test('the table names what is wrong and what is too slow', () => {
  const rows = caseOf(
    [
      row('gemm_a', [4], true),
      { ...row('gemm_b', []), skipped: 'too slow here: 3000 ms a dispatch' },
      { ...row('gemm_c', []), fault: 'The kernel gemm_c computes wrongly.' },
    ],
    [4],
  );
  const results = resultsOf(rows);
  const table = formatReport(results, false);
  expect(table).toMatch(/gemm_a +chosen +4\.00 +4\.00 – 4\.00 +500 +0\.250 +50 +1\.00/);
  expect(table).toMatch(/gemm_b +– +too slow here: 3000 ms a dispatch/);
  expect(table).toMatch(/gemm_c +– +WRONG/);
  expect(complaints(results)).toContain('base 1 s: layer up: The kernel gemm_c computes wrongly.');
  expect(formatReport(results, true)).toContain('| base 1 s: layer up | gemm_a | chosen |');
});

test('the command line is read, and told back', () => {
  const options = parseOptions([
    '--models',
    'base',
    '--seconds',
    '1,5',
    '--dtype',
    'q8',
    '--chosen',
    '--rounds=3',
  ]);
  if (!options) throw new Error('no options');
  expect(options).toMatchObject({
    models: ['base'],
    seconds: [1, 5],
    dtype: 'q8',
    chosenOnly: true,
    rounds: 3,
  });
  expect(formatCommand(options)).toBe(
    'npm run bench -- kernels --models base --seconds 1,5 --dtype q8 --chosen --rounds 3',
  );
  expect(formatCommand({ ...options, limitMilliseconds: 500, clock: 'host' })).toMatch(
    / --rounds 3 --limit-ms 500 --clock host$/,
  );
  expect(parseOptions(['--help'])).toBeUndefined();
  expect(() => parseOptions(['--models', 'huge'])).toThrow('"huge" is none of');
  expect(() => parseOptions(['--clock', 'sun'])).toThrow('"sun" is none of');
  expect(() => parseOptions(['--dtype', 'q3'])).toThrow('"q3" is none of');
});
