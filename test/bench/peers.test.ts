/** The pure parts of the peers suite: command line, workloads, float64 samples, report. */
import { describe, expect, test } from 'vitest';
import { spreadIndices } from '../../bench/lib/spread-indices.ts';
import { adapterName, mayBeSameAdapter } from '../../bench/peers/adapter.ts';
import { readTensors } from '../../bench/peers/checkpoint-data.ts';
import type { Workload, WorkloadData } from '../../bench/peers/engine.ts';
import { problemOf } from '../../bench/peers/measure.ts';
import { formatCommand, parseOptions } from '../../bench/peers/options.ts';
import { differenceFromSamples, referenceSamples } from '../../bench/peers/references.ts';
import { faultsOf, formatReport, isQuiet } from '../../bench/peers/report.ts';
import type { EngineRow, PeersResults, WorkloadResult } from '../../bench/peers/results.ts';
import { flopsOf, workloadData, workloadsOf } from '../../bench/peers/workloads.ts';
import { layOutSafetensors } from '../../src/checkpoint/safetensors-writer.ts';

describe('command line', () => {
  test('defaults to everything', () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({
      venues: ['node', 'chromium'],
      peers: ['onnxruntime', 'tfjs', 'jax-js'],
      rounds: 7,
      seconds: 1,
      limitSeconds: 60,
      markdown: false,
    });
    expect(options && formatCommand(options)).toBe(
      'npm run bench -- peers --venue node,chromium --rounds 7 --seconds 1',
    );
  });

  test('repeats what was asked for, without what belongs to a machine', () => {
    const options = parseOptions(
      '--engines tfjs --venue chromium --only gemm --limit-s 5 --python /some/python --json out.json'.split(
        ' ',
      ),
    );
    expect(options && formatCommand(options)).toBe(
      'npm run bench -- peers --venue chromium --engines tfjs --only "gemm" --rounds 7 --seconds 1 --limit-s 5',
    );
    const alone = parseOptions(['--engines', 'none']);
    expect(alone?.peers).toEqual([]);
    expect(alone && formatCommand(alone)).toContain('--engines none');
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  test.each([
    [['--venue', 'firefox'], /--venue: "firefox" is none of node, chromium/],
    [['--engines', 'onnx'], /--engines: "onnx" is none of/],
    [['--rounds', '1.5'], /--rounds: "1.5" is not a whole number/],
    [['--seconds', '0'], /--seconds: "0" is not a positive number/],
    [['--sceonds', '1'], /sceonds/],
  ])('%j is refused', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe('workloads', () => {
  test('have different names and real numbers, the same every time', () => {
    const workloads = workloadsOf(1);
    expect(new Set(workloads.map(({ name }) => name)).size).toBe(workloads.length);
    for (const workload of workloads.filter(({ kind }) => kind === 'attention' || kind === 'model')) {
      const { inputs } = workloadData(workload);
      const again = workloadData(workload).inputs;
      for (const [name, { dims, data }] of Object.entries(inputs)) {
        expect(dims.reduce((product, dim) => product * dim, 1)).toBe(data.length);
        expect(new Set(data.subarray(0, 1000)).size).toBeGreaterThan(990);
        expect(again[name]?.data).toEqual(data);
      }
    }
  });

  test('count their operations', () => {
    const counts = workloadsOf(1).map(flopsOf);
    expect(counts.slice(0, 2)).toEqual([2 * 240 * 1024 * 1024, 2 * 249 * 3072 * 768]);
    expect(counts[2]).toBe(2 * 249 * 768 * 48 * 128);
    expect(counts[3]).toBe(2 * 15_999 * 512 * 10);
    expect(counts[4]).toBe(4 * 249 * 249 * 768);
    expect(counts[5]).toBeUndefined();
  });
});

/** All elements of an output, by another road than the samples: through dense matrices. */
function dense(workload: Workload, { inputs, weights }: WorkloadData): Float64Array {
  const at = (name: string, index: number): number => (inputs[name] ?? weights[name])?.data[index] ?? NaN;
  if (workload.kind === 'grouped_conv') {
    const { frames, channels, groups, kernel } = workload;
    const out = new Float64Array(frames * channels);
    const groupChannels = channels / groups;
    // Scatters every input element to the outputs that it reaches.
    for (let source = 0; source < frames; source++)
      for (let c = 0; c < channels; c++)
        for (let k = 0; k < kernel; k++) {
          const frame = source - k + kernel / 2;
          if (frame < 0 || frame >= frames) continue;
          const group = Math.floor(c / groupChannels);
          for (let o = group * groupChannels; o < (group + 1) * groupChannels; o++) {
            const w = at('w', (o * groupChannels + (c % groupChannels)) * kernel + k);
            out[frame * channels + o] =
              (out[frame * channels + o] ?? NaN) + at('x', source * channels + c) * w;
          }
        }
    return out;
  }
  if (workload.kind === 'gemm') {
    const { rows, columns, inner } = workload;
    const out = new Float64Array(rows * columns);
    for (let k = 0; k < inner; k++)
      for (let i = 0; i < out.length; i++) {
        const [row, column] = [Math.floor(i / columns), i % columns];
        out[i] = (out[i] ?? NaN) + at('a', row * inner + k) * at('w', column * inner + k);
      }
    return out;
  }
  throw new Error('no dense form');
}

describe('float64 samples', () => {
  test('are spread from the first element to the last', () => {
    expect(spreadIndices(10, 4)).toEqual([0, 3, 6, 9]);
    expect(spreadIndices(2, 48)).toEqual([0, 1]);
    expect(spreadIndices(1, 3)).toEqual([0]);
  });

  test.each<Workload>([
    { kind: 'gemm', name: 'small gemm', rows: 5, columns: 7, inner: 9 },
    { kind: 'grouped_conv', name: 'small conv', frames: 9, channels: 8, groups: 2, kernel: 6 },
  ])('of $name agree with its dense form', (workload) => {
    const data = workloadData(workload);
    const samples = referenceSamples(workload, data);
    if (samples === undefined) throw new Error('no samples');
    const expected = dense(workload, data);
    expect(Math.max(...samples.keys())).toBe(expected.length - 1);
    for (const [index, value] of samples) expect(value).toBeCloseTo(expected[index] ?? NaN, 10);
    const output = Float32Array.from(expected);
    expect(differenceFromSamples(output, samples)).toBeLessThan(1e-6);
    output[output.length - 1] = NaN;
    expect(differenceFromSamples(output, samples)).toBeNaN();
  });

  test('of attention with equal keys are the mean of the values', () => {
    const workload: Workload = { kind: 'attention', name: 'mean', frames: 4, heads: 2, headSize: 3 };
    const { inputs } = workloadData(workload);
    const k = { dims: [4, 6], data: new Float32Array(24) };
    const samples = referenceSamples(workload, { inputs: { ...inputs, k }, weights: {} });
    const v = inputs.v?.data ?? new Float32Array();
    for (const [index, value] of samples ?? []) {
      const column = index % 6;
      const mean = [0, 1, 2, 3].reduce((sum, row) => sum + (v[row * 6 + column] ?? NaN), 0) / 4;
      expect(value).toBeCloseTo(mean, 10);
    }
  });

  test('of a first convolution that beta alone decides are GELU of beta', () => {
    const workload: Workload = {
      kind: 'first_conv',
      name: 'beta',
      sampleCount: 60,
      channels: 4,
      kernel: 10,
      stride: 5,
    };
    const data = workloadData(workload);
    const gamma = { dims: [4], data: new Float32Array(4) };
    const beta = { dims: [4], data: Float32Array.of(0, 1, -1, 2) };
    const samples = referenceSamples(workload, { ...data, weights: { ...data.weights, gamma, beta } });
    const expected = [0, 0.8413447460685429, -0.15865525393145707, 1.9544997361036416];
    expect(samples?.size).toBeGreaterThan(8);
    for (const [index, value] of samples ?? []) expect(value).toBeCloseTo(expected[index % 4] ?? NaN, 12);
  });

  test('a model has none', () => {
    const workload: Workload = { kind: 'model', name: 'model', sampleCount: 400 };
    expect(referenceSamples(workload, workloadData(workload))).toBeUndefined();
  });
});

describe('adapters', () => {
  test('are named by all that they tell', () => {
    const info = { vendor: 'mesa', architecture: '', device: '', description: 'llvmpipe: Mesa 25' };
    expect(adapterName(info)).toBe('mesa llvmpipe: Mesa 25');
  });

  test('may be the same where one tells less, and not where they contradict', () => {
    expect(mayBeSameAdapter('google swiftshader', 'google swiftshader')).toBe(true);
    expect(mayBeSameAdapter('mesa', 'mesa software llvmpipe')).toBe(true);
    expect(mayBeSameAdapter('', 'mesa software llvmpipe')).toBe(true);
    expect(mayBeSameAdapter('google swiftshader', 'mesa software llvmpipe')).toBe(false);
  });
});

test('tensors of a checkpoint are views of its file', () => {
  const { header, byteLength } = layOutSafetensors(
    [
      { name: 'a', dtype: 'F32', shape: [2] },
      { name: 'b', dtype: 'F32', shape: [1, 1] },
    ],
    { format: 'pt' },
  );
  const file = new ArrayBuffer(byteLength);
  new Uint8Array(file).set(header);
  new Float32Array(file, header.byteLength).set([1, 2, 3]);
  const tensors = readTensors(file);
  expect(Object.keys(tensors)).toEqual(['a', 'b']);
  expect([...(tensors.a?.data ?? [])]).toEqual([1, 2]);
  expect(tensors.b?.dims).toEqual([1, 1]);
  expect(tensors.b?.data.buffer).toBe(file);
  const halves = new TextDecoder().decode(header.subarray(8)).replace('F32', 'F16');
  new Uint8Array(file, 8).set(new TextEncoder().encode(halves));
  expect(() => readTensors(file)).toThrow(/the tensor a is F16/);
});

test('a failure keeps its sentence and loses where it happened', () => {
  const error = new Error('tfjs: TypeError: it has no erf\n    at somewhere (file.js:1:2)');
  expect(problemOf(error)).toEqual({ kind: 'cannot', message: 'It has no erf' });
});

const ours: EngineRow = {
  engine: 'unispeech-webgpu',
  packageName: 'unispeech-webgpu',
  version: '0.1.0',
  adapter: 'some adapter',
  remark: 'gemm_16x32',
  relativeDifference: 1e-6,
  milliseconds: [10, 12, 11],
};
const peer: EngineRow = {
  engine: 'onnxruntime',
  packageName: 'onnxruntime-node',
  version: '1.30.0',
  adapter: '',
  relativeDifference: 2e-6,
  milliseconds: [30, 36, 44],
};
const workload: WorkloadResult = {
  venue: 'node',
  workload: 'some gemm',
  flops: 22e6,
  rows: [
    ours,
    peer,
    { engine: 'tfjs', problem: { kind: 'cannot', message: 'It has no erf.' }, milliseconds: [] },
  ],
  controlMilliseconds: [10, 12.1, 11],
};
const results: PeersResults = {
  suite: 'peers',
  command: 'npm run bench -- peers --venue node --rounds 3 --seconds 1',
  environment: {
    date: '2026-01-02',
    commit: 'abc1234',
    cpu: 'Some CPU',
    coreCount: 2,
    memoryGiB: 16,
    system: 'linux x64',
    node: 'v20.0.0',
    dawn: '0.6.2',
  },
  venues: [{ venue: 'node', runtime: 'Node v20.0.0' }],
  workloads: [workload],
};

describe('report', () => {
  test('shows medians, rates, and ratios within rounds', () => {
    const report = formatReport(results, false);
    expect(report).toMatch(/some gemm +unispeech-webgpu +11\.0 +10\.0 – 12\.0 +2\.00 +1\.0e-6/);
    expect(report).toMatch(/onnxruntime +36\.0 +30\.0 – 44\.0 +0\.61 +3\.00 +3\.00 – 4\.00 +2\.0e-6/);
    expect(report).toMatch(/control: ours \/ ours +1\.00 +1\.00 – 1\.01 +quiet/);
    expect(report).toMatch(/onnxruntime-node 1\.30\.0, which does not tell its adapter/);
    expect(report).toMatch(/tfjs +–.*cannot/);
    expect(report).toContain('some gemm, tfjs: It has no erf.');
    expect(isQuiet(results)).toBe(true);
    expect(faultsOf(results)).toEqual([]);
  });

  test('a control that is off says so', () => {
    const noisy = { ...results, workloads: [{ ...workload, controlMilliseconds: [11, 13.2, 12] }] };
    expect(formatReport(noisy, false)).toMatch(/control: ours \/ ours +1\.10 .*TOO NOISY/);
    expect(isQuiet(noisy)).toBe(false);
  });

  test('a failure in a round leaves the rest of the report', () => {
    const problem = { kind: 'cannot', message: 'It went away.' } as const;
    const rows = [{ ...ours, problem, milliseconds: [] }, peer];
    const gone = { ...results, workloads: [{ ...workload, rows }] };
    expect(formatReport(gone, false)).toMatch(/onnxruntime +36\.0 +30\.0 – 44\.0 +0\.61 +– +–/);
    const alone = { ...results, workloads: [{ ...workload, controlMilliseconds: [] }] };
    expect(formatReport(alone, false)).toMatch(/control: ours \/ ours +– +– +NO CONTROL/);
    expect(isQuiet(alone)).toBe(false);
  });

  test('an engine that is wrong is named and fails the run', () => {
    const problem = { kind: 'wrong', message: 'Its result differs.' } as const;
    const wrong = { ...workload, rows: [ours, { ...peer, problem, milliseconds: [] }] };
    const report = { ...results, workloads: [wrong] };
    expect(formatReport(report, false)).toMatch(/onnxruntime +–.*WRONG/);
    expect(faultsOf(report)).toEqual(['node, some gemm, onnxruntime: Its result differs.']);
  });

  test('this engine must be able to do everything', () => {
    const problem = { kind: 'cannot', message: 'No adapter.' } as const;
    const failed = { ...workload, rows: [{ ...ours, problem, milliseconds: [] }], controlMilliseconds: [] };
    expect(faultsOf({ ...results, workloads: [failed] })).toEqual([
      'node, some gemm, unispeech-webgpu: No adapter.',
    ]);
  });

  test('is Markdown where that is asked for', () => {
    const report = formatReport(results, true);
    expect(report).toContain('`npm run bench -- peers --venue node --rounds 3 --seconds 1`');
    expect(report).toContain('| some gemm | unispeech-webgpu | 11.0 |');
    expect(report).toContain('- some gemm, tfjs: It has no erf.');
  });
});
