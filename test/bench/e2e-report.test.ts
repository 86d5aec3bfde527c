import { describe, expect, test } from 'vitest';
import { besideOf } from '../../bench/e2e/beside.ts';
import { readPlacement } from '../../bench/e2e/onnx-runtime-engine.ts';
import { formatCommand, parseOptions } from '../../bench/e2e/options.ts';
import { formatReport, isQuiet } from '../../bench/e2e/report.ts';
import type { CaseResult, FirstRun, E2eResults } from '../../bench/e2e/results.ts';

const firstRun = (loadMilliseconds: number, runMilliseconds: number): FirstRun => ({
  loadMilliseconds,
  runMilliseconds,
  baselineByteLength: 100e6,
  weightByteLength: 380e6,
  loadPeakByteLength: 500e6,
  peakByteLength: 620e6,
});

const step = (kernel: string, nanoseconds: number) => ({
  name: 'step',
  kernel,
  flops: 8e6,
  byteCount: 1e6,
  nanoseconds,
});

const result: CaseResult = {
  model: 'base',
  seconds: 5,
  flops: 60e9,
  dispatchCount: 98,
  activationByteLength: 20e6,
  steps: [
    step('layer_norm_gelu', 1e6),
    step('gemm_16x32_subgroup8_gelu', 2e6),
    step('gemm_16x24_subgroup8_gelu', 1e6),
  ],
  ours: {
    engine: 'unispeech-webgpu',
    firstRuns: [firstRun(1000, 2000)],
    steadyMilliseconds: [5000, 6000, 5500],
    encodeMilliseconds: [0.5, 0.7, 0.6],
  },
  controlMilliseconds: [5050, 6000, 5500],
  beside: [],
  peer: {
    engine: 'onnxruntime-node',
    firstRuns: [firstRun(500, 8500)],
    steadyMilliseconds: [15_000, 18_000, 22_000],
    encodeMilliseconds: [],
  },
  peerRelativeDifference: 2.5e-6,
};

const results: E2eResults = {
  suite: 'e2e',
  dtype: 'q8',
  command: 'npm run bench -- e2e --models base --seconds 5 --runs 3',
  environment: {
    date: '2026-01-02',
    commit: 'abc1234',
    cpu: 'Some CPU',
    coreCount: 2,
    memoryGiB: 16,
    system: 'linux x64',
    node: 'v20.0.0',
    dawn: '0.6.2',
    adapter: 'Some adapter',
  },
  isSoftwareAdapter: true,
  peer: {
    name: 'onnxruntime-node',
    version: '1.30.0',
    placements: [
      {
        kind: 'placement',
        model: 'base',
        webgpuNodeCount: 317,
        otherNodeCount: 2,
        otherOperators: ['Add', 'Div'],
        largestOtherByteLength: 24,
      },
    ],
  },
  notes: [],
  cases: [result],
};

/** Cells of the line of a report that holds all these texts. */
function cells(report: string, ...texts: string[]): string[] {
  const line = report.split('\n').find((line) => texts.every((text) => line.includes(text)));
  return (line ?? '').split(/ {2,}/);
}

describe('the report', () => {
  const report = formatReport(results, false);

  test('gives each engine its medians, spread, speed and memory above the weights', () => {
    expect(cells(report, 'base', 'unispeech-webgpu', '1000')).toEqual([
      'base',
      '5',
      'unispeech-webgpu',
      '1000',
      '2000',
      '5500',
      '5000 – 6000',
      '10.9',
      '0.60',
      '620',
      '20',
      '140',
    ]);
    expect(cells(report, 'onnxruntime-node', '8500').slice(2, 9)).toEqual([
      'onnxruntime-node',
      '500',
      '8500',
      '18000',
      '15000 – 22000',
      '3.3',
      '–',
    ]);
  });

  test('compares round by round', () => {
    expect(cells(report, 'steady', 'base').slice(3)).toEqual([
      '3.00',
      '3.00 – 4.00',
      'logits differ by 2.5e-6',
    ]);
    expect(cells(report, ', first run')[3]).toBe('4.25');
    expect(cells(report, 'load + first run')[3]).toBe('3.00');
    expect(cells(report, 'control').slice(3)).toEqual(['1.00', '1.00 – 1.01', 'quiet']);
  });

  test('compares with another model, and says whether a bar is met', () => {
    const beside = {
      what: 'UniSpeech base',
      model: 'base',
      head: 'ctc',
      milliseconds: [5000, 5900, 5300],
    } as const;
    const remarks = [1.02, 1.1, undefined].map((bar) => {
      const report = formatReport(
        { ...results, cases: [{ ...result, beside: [{ ...beside, ...(bar !== undefined && { bar }) }] }] },
        false,
      );
      return cells(report, 'ours / UniSpeech base').slice(3);
    });
    expect(remarks).toEqual([
      ['1.02', '1.00 – 1.04', 'at most 1.02'],
      ['1.02', '1.00 – 1.04', 'at most 1.10'],
      ['1.02', '1.00 – 1.04'],
    ]);
    const slow = formatReport(
      { ...results, cases: [{ ...result, beside: [{ ...beside, bar: 1.01 }] }] },
      false,
    );
    expect(cells(slow, 'ours / UniSpeech base')[5]).toBe('MORE THAN 1.01');
  });

  test('says when the control is off', () => {
    const noisy: E2eResults = {
      ...results,
      cases: [{ ...result, controlMilliseconds: [5300, 6600, 5800] }],
    };
    expect(isQuiet(results)).toBe(true);
    expect(isQuiet(noisy)).toBe(false);
    expect(formatReport(noisy, false)).toContain('TOO NOISY');
  });

  test('counts weights as resident only where the adapter is the processor', () => {
    const hardware = formatReport({ ...results, isSoftwareAdapter: false }, false);
    expect(cells(hardware, 'base', 'unispeech-webgpu', '1000').slice(-2)).toEqual(['400', '520']);
  });

  test('is complete Markdown for RESULTS.md: command, environment, peer and tables of equal width', () => {
    const markdown = formatReport({ ...results, notes: ['A note.'] }, true);
    for (const text of [
      '`npm run bench -- e2e',
      'Some adapter',
      'Some CPU',
      'v20.0.0',
      '2026-01-02',
      '1.30.0',
      '317 nodes',
      '- A note.',
    ]) {
      expect(markdown).toContain(text);
    }
    const tables = markdown
      .trimEnd()
      .split('\n\n')
      .filter((block) => block.startsWith('|'));
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      const widths = table.split('\n').map((line) => line.split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
  });
});

describe('placement of the peer', () => {
  const node = (provider: string, op_name: string, output_size: string) => ({
    cat: 'Node',
    args: { provider, op_name, output_size },
  });

  test('counts the nodes of each provider and the bytes written elsewhere', () => {
    const profile = JSON.stringify([
      { cat: 'Session', args: {} },
      node('WebGpuExecutionProvider', 'MatMul', '400000'),
      node('CPUExecutionProvider', 'Div', '8'),
      node('CPUExecutionProvider', 'Concat', '24'),
      node('CPUExecutionProvider', 'Div', '8'),
      { cat: 'Api' },
    ]);
    expect(readPlacement(profile)).toEqual({
      kind: 'placement',
      webgpuNodeCount: 1,
      otherNodeCount: 3,
      otherOperators: ['Concat', 'Div'],
      largestOtherByteLength: 24,
    });
  });
});

describe('what a model is timed beside', () => {
  test.each([
    ['base', 'ctc', []],
    ['base', 'pretraining', [['without head', 'base', 'none', undefined]]],
    ['hubert-base', 'ctc', [['UniSpeech base', 'base', 'ctc', 1.02]]],
    ['wavlm-base', 'ctc', [['UniSpeech base', 'base', 'ctc', 1.1]]],
    ['wavlm-large', 'ctc', [['UniSpeech large', 'large', 'ctc', undefined]]],
    ['sew-base', 'none', [['wav2vec2-base', 'wav2vec2-base', 'none', 1 / 1.8]]],
    ['mms-1b', 'ctc', []],
  ] as const)('%s, %s', (model, head, expected) => {
    const found = besideOf(model, head);
    expect(found.map(({ what, model, head, bar }) => [what, model, head, bar])).toEqual(expected);
  });
});

describe('options', () => {
  test('have defaults, and a command without paths', () => {
    const options = parseOptions(['--python', '/some/python', '--json', 'out.json', '--models', 'large']);
    expect(options).toMatchObject({
      models: ['large'],
      seconds: [1, 5, 15],
      runs: 5,
      firstRuns: 1,
      peer: true,
    });
    expect(options && formatCommand(options)).toBe(
      'npm run bench -- e2e --models large --seconds 1,5,15 --runs 5',
    );
  });

  test('a head other than ctc has no peer, and stands in the command', () => {
    const options = parseOptions(['--head', 'pretraining', '--models', 'base', '--seconds', '5']);
    expect(options).toMatchObject({ head: 'pretraining', peer: false });
    expect(options && formatCommand(options)).toBe(
      'npm run bench -- e2e --models base --seconds 5 --runs 5 --head pretraining',
    );
  });

  test.each([
    [['--models', 'huge'], 'huge'],
    [['--seconds', '1,zero'], 'zero'],
    [['--runs', '1.5'], 'whole'],
    [['--dtype', 'int3'], 'int3'],
    [['--head', 'tail'], '"tail" is none of ctc, none, sequence-classification, pretraining'],
    [['--trace='], 'needs the name of a file'],
    [['--unknown'], '--unknown'],
    [['word'], 'word'],
  ])('rejects %j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
