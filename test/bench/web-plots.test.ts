/** The plots of the kernel suite's page without a browser: scales, roofs, labels, and what the entries say. */
import { describe as group, expect, test } from 'vitest';
import {
  byTime,
  describe,
  groupsOf,
  measuredKernels,
  onlyGroup,
  shareOfAll,
} from '../../bench/web/measured.ts';
import { kindOf, KINDS, markPath } from '../../bench/web/kinds.ts';
import { layOutRoofline, overlaps, type Box } from '../../bench/web/roofline-layout.ts';
import { logScale, logTicks } from '../../bench/web/scale.ts';
import { percent, rate, timing } from '../../bench/web/units.ts';
import type { CaseRows, KernelResults, KernelRow } from '../../bench/kernels/results.ts';

const PEAK = { flopsPerSecond: 1e12, bytesPerSecond: 1e11 };

const row = (kernel: string, milliseconds: readonly number[], isChosen = true): KernelRow => ({
  kernel,
  isChosen,
  milliseconds,
  repeats: 1,
});
const caseOf = (name: string, flops: number, byteCount: number, ...rows: readonly KernelRow[]): CaseRows => ({
  name,
  flops,
  byteCount,
  rows,
  controlMilliseconds: rows[0]?.milliseconds ?? [],
});
const resultsOf = (...cases: readonly CaseRows[]): KernelResults => ({
  suite: 'kernels',
  command: '',
  version: '1',
  environment: {
    adapter: 'a',
    vendor: '',
    architecture: '',
    description: '',
    isSoftwareAdapter: false,
    subgroupSize: 32,
    features: [],
    limits: {},
  },
  clock: 'timestamps',
  peak: PEAK,
  cases,
});

/** At 100, 1 and 0 operations a byte. */
const RESULTS = resultsOf(
  caseOf('base 1 s: layer up', 2e9, 2e7, row('gemm_a', [4]), row('gemm_b', [8], false), row('gemm_c', [])),
  caseOf('base 1 s: norm', 1e6, 1e6, row('layer_norm_gelu', [0.02, 0.02, 0.04])),
  caseOf('base 1 s: pack', 0, 1e7, row('pos_conv_pack', [0.2])),
);

group('scales', () => {
  test('equal ratios are equal distances, also downwards', () => {
    const scale = logScale(1, 100, 400, 0);
    expect(scale.at(1)).toBe(400);
    expect(scale.at(10)).toBeCloseTo(200);
    expect(scale.at(100)).toBeCloseTo(0);
  });

  test('ticks are round numbers, as many as there is room for', () => {
    const labels = (min: number, max: number, room: number) =>
      logTicks({ min, max }, room).map(({ label }) => label);
    expect(labels(0.4, 30, 20)).toEqual(['0.5', '1', '2', '5', '10', '20']);
    expect(labels(0.4, 30, 4)).toEqual(['1', '10']);
    expect(labels(1, 1e6, 3)).toEqual(['1', '1000', '1 M']);
    expect(logTicks({ min: 1e3, max: 1e4 }, 9, 1000).map(({ label }) => label)).toEqual([
      '1',
      '2',
      '5',
      '10',
    ]);
  });
});

group('units', () => {
  test('rates, times and shares are short', () => {
    expect([rate(512.3, 'FLOP/s'), rate(48_000, 'FLOP/s')]).toEqual([
      { value: '512', unit: 'GFLOP/s' },
      { value: '48.0', unit: 'TFLOP/s' },
    ]);
    expect(timing({ median: 0.0026, min: 0.0025, max: 0.003 })).toEqual({
      median: '2.60 µs',
      range: '2.50 – 3.00',
    });
    expect(timing({ median: 12.34, min: 12, max: 13 }).median).toBe('12.3 ms');
    expect([0.625, 0.0451, 0.0999, 1.2].map(percent)).toEqual(['63 %', '4.5 %', '10 %', '120 %']);
  });
});

group('entries', () => {
  const all = measuredKernels(RESULTS);

  test('are the timed kernels, with their place under the roofs', () => {
    expect(all.map(({ label, kernel, kind, bound }) => [label, kernel, kind, bound])).toEqual([
      ['layer up', 'gemm_a', 'gemm', 'arithmetic'],
      ['layer up', 'gemm_b', 'gemm', 'arithmetic'],
      ['norm', 'layer_norm_gelu', 'norm', 'memory'],
      ['pack', 'pos_conv_pack', 'move', 'memory'],
    ]);
    expect(byTime(all).map(({ label }) => label)).toEqual(['layer up', 'pack', 'norm']);
    expect(all.map(({ shareOfPeak }) => shareOfPeak)).toEqual([0.5, 0.25, 0.5, 0.5]);
    expect(shareOfAll(all)).toBeCloseTo(0.5);
    expect(shareOfAll([])).toBeUndefined();
    expect(all.map(describe)).toEqual([
      expect.stringMatching(
        /^layer up, gemm_a: 4\.00 ms .* 500 GFLOP\/s at 100 operations a byte, 50 % of the peak, bound by arithmetic$/,
      ),
      expect.stringMatching(/\(not chosen\)/),
      expect.stringMatching(/20\.0 µs \(20\.0 – 40\.0\)/),
      expect.stringMatching(/50\.0 GB\/s, 50 % of the peak, bound by memory$/),
    ]);
  });

  test('of several models and lengths keep their whole names, and one group can be taken out', () => {
    const both = resultsOf(...RESULTS.cases, caseOf('base 5 s: norm', 1e6, 1e6, row('layer_norm_gelu', [1])));
    expect(groupsOf(both)).toEqual(['base 1 s', 'base 5 s']);
    expect(measuredKernels(both)[0]?.label).toBe('base 1 s: layer up');
    expect(measuredKernels(onlyGroup(both, 'base 5 s')).map(({ label }) => label)).toEqual(['norm']);
    expect(onlyGroup(both, '').cases).toHaveLength(4);
  });

  test('a control off by more than 3 % is told of', () => {
    const noisy = {
      ...caseOf('base 1 s: norm', 1, 1, row('layer_norm_gelu', [10])),
      controlMilliseconds: [12],
    };
    expect(measuredKernels(resultsOf(noisy))[0]?.noise).toBeCloseTo(1.2);
    expect(all.every(({ noise }) => noise === undefined)).toBe(true);
  });
});

test('every kind has a mark of its own', () => {
  expect(new Set(KINDS.map(({ id }) => markPath(id, 5))).size).toBe(KINDS.length);
  expect(['gemm_16', 'attention_weights', 'layer_norm', 'conv0_merge', 'mask_frames'].map(kindOf)).toEqual([
    'gemm',
    'attention',
    'norm',
    'conv',
    'move',
  ]);
});

group('roofline', () => {
  const size = { width: 800, height: 400 };
  const widthOf = (text: string): number => 7 * text.length;
  const layout = layOutRoofline(measuredKernels(RESULTS), PEAK, size, widthOf);

  test('the roofs meet at the balance of the two peaks', () => {
    const [start, ridge, end] = layout.roof;
    expect(ridge.x).toBeCloseTo(layout.x.at(10));
    expect(ridge.y).toBeCloseTo(layout.y.at(1000));
    expect(end.y).toBeCloseTo(ridge.y);
    expect(start.x).toBeCloseTo(layout.frame.x);
    // At an operation a byte memory allows as many operations as bytes.
    const slope = (ridge.y - start.y) / (ridge.x - start.x);
    expect(start.y + slope * (layout.x.at(1) - start.x)).toBeCloseTo(layout.y.at(100));
    expect(layout.guides.map(({ share }) => share)).toEqual([0.5, 0.1]);
  });

  test('marks lie at intensity and rate, half way to the roof where half of it is reached; what moves only has none', () => {
    expect(layout.marks.map(({ entry }) => entry.kernel)).toEqual(['gemm_b', 'layer_norm_gelu', 'gemm_a']);
    for (const { entry, x, y, roofY } of layout.marks) {
      expect(x).toBeCloseTo(layout.x.at(entry.intensity));
      expect(y).toBeCloseTo(layout.y.at(entry.gflopsPerSecond));
      expect(roofY).toBeCloseTo(layout.y.at(entry.gflopsPerSecond / entry.shareOfPeak));
      expect(y).toBeGreaterThan(layout.frame.y);
      expect(y).toBeLessThan(layout.frame.y + layout.frame.height);
    }
  });

  test('labels cover neither each other nor marks, and stay inside', () => {
    const crowded = resultsOf(
      ...Array.from({ length: 40 }, (_, i) =>
        caseOf(`base 1 s: step ${i}`, 1e9 * (1 + (i % 7)), 1e7 * (1 + (i % 5)), row('gemm_a', [4 + i])),
      ),
    );
    for (const width of [300, 1000]) {
      const { labels, marks, frame } = layOutRoofline(
        measuredKernels(crowded),
        PEAK,
        { width, height: 400 },
        widthOf,
      );
      expect(labels.length).toBeGreaterThan(3);
      expect(labels.length).toBeLessThan(marks.length);
      labels.forEach(({ box }, index) => {
        expect(labels.slice(index + 1).some((other) => overlaps(other.box, box))).toBe(false);
        for (const { x, y } of marks) expect(overlaps(point(x, y), box)).toBe(false);
        expect(box.x).toBeGreaterThanOrEqual(frame.x);
        expect(box.x + box.width).toBeLessThanOrEqual(frame.x + frame.width);
      });
    }
  });

  test('a label that would be taken for that of another mark has to go elsewhere', () => {
    // Both on one line, the second just right of where the label of the first one would end.
    const near = resultsOf(
      caseOf('base 1 s: first', 1e9, 1e7, row('gemm_a', [10])),
      caseOf('base 1 s: second', 1.22e9, 1e7, row('gemm_a', [12.2])),
    );
    const { labels, marks } = layOutRoofline(measuredKernels(near), PEAK, size, widthOf);
    expect(labels.map(({ text }) => text).sort()).toEqual(['first', 'second']);
    for (const { text, box } of labels) {
      const nearest = [...marks].sort((a, b) => gap(a, box) - gap(b, box))[0];
      expect(nearest?.entry.label).toBe(text);
    }
  });

  test('a fast adapter has its axis in larger units', () => {
    const fast = layOutRoofline(
      measuredKernels(RESULTS),
      { flopsPerSecond: 6e13, bytesPerSecond: 3e12 },
      size,
      widthOf,
    );
    expect([layout.yUnit, fast.yUnit]).toEqual(['GFLOP/s', 'TFLOP/s']);
    expect(fast.yTicks.at(-1)?.label).toBe('50');
  });
});

const point = (x: number, y: number): Box => ({ x: x - 1, y: y - 1, width: 2, height: 2 });

/** From a mark to the nearest point of a box. */
const gap = (mark: Pick<Box, 'x' | 'y'>, { x, y, width, height }: Box): number =>
  Math.hypot(Math.max(x - mark.x, 0, mark.x - x - width), Math.max(y - mark.y, 0, mark.y - y - height));
