import { describe, expect, test } from 'vitest';
import { adapterTime } from '../../src/profile/adapter-time.ts';
import {
  kernelFamily,
  kernelShares,
  showInDevTools,
  traceEvents,
  type DevToolsEntry,
  type RunProfile,
  type TimedStep,
} from '../../src/profile/index.ts';

const step = (kernel: string, startMilliseconds: number, nanoseconds: number): TimedStep => ({
  name: `step of ${kernel}`,
  kernel,
  workgroups: [3, 2, 1],
  flops: 8e6,
  byteCount: 1e6,
  startMilliseconds,
  nanoseconds,
});

/** The second step begins before the first has ended, the third was rounded to nothing. */
const profile: RunProfile = {
  adapter: 'Some adapter',
  encodeMilliseconds: 0.5,
  busy: [{ start: 1000.4, end: 1005 }],
  spans: [
    { name: 'encode', start: 1000, end: 1000.4 },
    { name: 'submit', start: 1000.4, end: 1000.5 },
    { name: 'wait for the GPU', start: 1000.5, end: 1005 },
  ],
  steps: [
    step('layer_norm_gelu', 1001, 1e6),
    step('gemm_16x32_subgroup8_gelu', 1001.9, 2e6),
    step('attention_32_register_head64', 1003.9, 0),
    step('gemm_16x24_subgroup8_gelu', 1004, 1e6),
  ],
};

test('the adapter is idle between spans, not where they overlap', () => {
  const spans = [
    { start: 20, end: 30 },
    { start: 0, end: 10 },
    { start: 5, end: 8 },
    { start: 25, end: 40 },
  ];
  expect(adapterTime(spans)).toEqual({ milliseconds: 40, idleMilliseconds: 10 });
  expect(adapterTime([])).toEqual({ milliseconds: 0, idleMilliseconds: 0 });
});

test('activities of runs that overlap are on tracks of their own', () => {
  const spans = [
    { name: 'submit', start: 0, end: 1 },
    { name: 'wait for the GPU', start: 1, end: 10 },
    { name: 'submit', start: 2, end: 3 },
    { name: 'wait for the GPU', start: 3, end: 15 },
    { name: 'submit', start: 11, end: 12 },
  ];
  const { traceEvents: events } = traceEvents({ ...profile, steps: [], spans });
  expect(events.flatMap((event) => (event.ph === 'X' ? [event.tid] : []))).toEqual([1, 1, 3, 3, 1]);
});

describe('kernel shares', () => {
  test('drops sizes from names', () => {
    expect(kernelFamily('gemm_16x32_subgroup8_gelu')).toBe('gemm_subgroup_gelu');
    expect(kernelFamily('conv0_group_norm_512k10s5_gelu')).toBe('conv0_group_norm_gelu');
    expect(kernelFamily('attention_32_register_head64')).toBe('attention_register');
  });

  test('adds up steps of one kernel, largest first', () => {
    const both = { stepCount: 1, flops: 8e6, byteCount: 1e6 };
    expect(kernelShares(profile.steps)).toEqual([
      {
        kernel: 'gemm_subgroup_gelu',
        stepCount: 2,
        nanoseconds: 3e6,
        share: 0.75,
        flops: 16e6,
        byteCount: 2e6,
      },
      { kernel: 'layer_norm_gelu', nanoseconds: 1e6, share: 0.25, ...both },
      { kernel: 'attention_register', nanoseconds: 0, share: 0, ...both },
    ]);
    expect(kernelShares([])).toEqual([]);
  });

  test('has the most work first where there are no times', () => {
    const steps = ['attention_4', 'gemm_1', 'gemm_2'].map((kernel) => step(kernel, 0, 0));
    expect(kernelShares(steps).map(({ kernel, share }) => [kernel, share])).toEqual([
      ['gemm', 0],
      ['attention', 0],
    ]);
  });
});

describe('a trace', () => {
  const trace = traceEvents(profile, { model: 'tiny' });
  const spans = trace.traceEvents.flatMap((event) => (event.ph === 'X' ? [event] : []));
  const track = (tid: number) => spans.filter((span) => span.tid === tid);

  test('is the object form, with names for process and threads', () => {
    expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
    expect(trace).toMatchObject({
      displayTimeUnit: 'ms',
      otherData: { adapter: 'Some adapter', model: 'tiny' },
    });
    const names = trace.traceEvents.filter(({ ph, name }) => ph === 'M' && name.endsWith('_name'));
    expect(names.map(({ tid, args }) => [tid, args.name])).toEqual([
      [1, 'unispeech-webgpu'],
      [1, 'Host'],
      [2, 'GPU: Some adapter'],
    ]);
  });

  test('has a span for everything the host did and for every step, in microseconds from the first', () => {
    expect(track(1).map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
      ['encode', 0, 400],
      ['submit', 400, 100],
      ['wait for the GPU', 500, 4500],
    ]);
    expect(track(2).map(({ ts, dur }) => [ts, dur])).toEqual([
      [1000, 1000],
      [2000, 1900],
      [3900, 0],
      [4000, 1000],
    ]);
  });

  test('says what each step was, and how fast', () => {
    const [norm, gemm, attention] = track(2);
    expect(gemm).toMatchObject({ name: 'gemm_16x32_subgroup8_gelu', cat: 'gpu' });
    expect(gemm?.args).toEqual({
      kernel: 'gemm_16x32_subgroup8_gelu',
      step: 'step of gemm_16x32_subgroup8_gelu',
      workgroups: '3 x 2 x 1',
      bytes: 1e6,
      flops: 8e6,
      // As measured, though the span was cut where the one before it ended.
      nanoseconds: 2e6,
      'GFLOP/s': 4,
      'GB/s': 0.5,
    });
    expect(norm?.args).toMatchObject({ 'GFLOP/s': 8, 'GB/s': 1 });
    expect(attention?.args).not.toHaveProperty('GFLOP/s');
  });

  test('is in order and without overlaps on a track, whatever the GPU says', () => {
    const hostile = [step('b', 7, 1e6), step('a', 3, 9e6), step('c', 7, -5e6), step('d', 7.0000004, 333)];
    const gpu = traceEvents({ ...profile, steps: hostile }).traceEvents.flatMap((event) =>
      event.ph === 'X' && event.tid === 2 ? [event] : [],
    );
    expect(gpu).toHaveLength(hostile.length);
    let end = 0;
    for (const { ts, dur } of gpu) {
      expect(ts).toBeGreaterThanOrEqual(end - 1e-6);
      expect(dur).toBeGreaterThanOrEqual(0);
      end = ts + dur;
    }
  });

  test('of a run without GPU times has the host alone', () => {
    const events = traceEvents({ ...profile, steps: [] }).traceEvents;
    expect(events.filter(({ ph }) => ph === 'X')).toHaveLength(profile.spans.length);
  });
});

test('measures for DevTools have a track, a colour and properties, and begin where the step did', () => {
  const measures = showInDevTools(profile, 'my model');
  const details = measures.map(({ detail }) => (detail as { devtools: DevToolsEntry }).devtools);
  expect(measures.map(({ name }) => name)).toEqual([
    ...profile.spans.map(({ name }) => name),
    ...profile.steps.map(({ kernel }) => kernel),
  ]);
  expect(details.map(({ track }) => track)).toEqual(['Host', 'Host', 'Host', 'GPU', 'GPU', 'GPU', 'GPU']);
  expect(details[4]).toMatchObject({ dataType: 'track-entry', trackGroup: 'my model', color: 'primary' });
  expect(details[4]?.properties).toEqual(
    expect.arrayContaining([
      ['bytes', '1000000'],
      ['GFLOP/s', '4.00'],
    ]),
  );
  expect(details[5]?.properties).toContainEqual(['GFLOP/s', '–']);
  expect(measures[3]).toMatchObject({ startTime: 1001, duration: 1 });
  const early = showInDevTools({ ...profile, spans: [], steps: [step('gemm', -5, 1e6)] });
  expect(early).toMatchObject([{ startTime: 0, duration: 0 }]);
});
