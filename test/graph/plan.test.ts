/** Plans as data: no GPU. */
import { describe, expect, test } from 'vitest';
import { gemmNormName } from '../../kernels/gemm-norm.ts';
import { rowVariants } from '../../kernels/gemm-variants.ts';
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { explainPlan } from '../../src/graph/explain.ts';
import type { TensorId } from '../../src/graph/graph-tensor.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';
import { planGraph, type Plan } from '../../src/graph/plan.ts';
import { layerRanges } from '../../src/graph/plan-conv-stack.ts';
import { convLength, receptiveField } from '../../src/graph/shape.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { buildModelGraph } from '../../src/speech/heads/architecture.ts';
import { NO_HEAD } from '../../src/speech/heads/none.ts';
import { adapter } from '../helpers/planned.ts';
import { COMMON_PIECES } from '../../src/speech/encoder/encoder.ts';

const capabilities: GpuCapabilities = { ...adapter(8), adapter: 'test' };

const base = UniSpeechConfig.fromJson({});
const large = UniSpeechConfig.fromJson({
  hidden_size: 1024,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  intermediate_size: 4096,
  feat_extract_norm: 'layer',
  conv_bias: true,
  do_stable_layer_norm: true,
});

/** Plans here mask frames, which is one dispatch more than a forward pass of a whole clip needs. */
const FRAME_MASKS = 1;

function plan(config: UniSpeechConfig, items: number, samples: number, adapter = capabilities): Plan {
  const graph = buildModelGraph(
    { config, pieces: COMMON_PIECES, head: CTC_HEAD },
    {
      masksFrames: true,
      hiddenStates: false,
      attentions: false,
      hiddenStatesConvention: 'current',
    },
  );
  return planGraph(graph, { items, samples, frames: config.frameCount(samples) }, adapter, {
    hiddenActivation: 'gelu',
    weightFormat: 'f32',
  });
}

describe('lengths', () => {
  // The table of the reference for the default convolutions.
  test.each([
    [79, -1],
    [80, 0],
    [399, 0],
    [400, 1],
    [719, 1],
    [720, 2],
    [16_000, 49],
    [93_680, 292],
    [480_000, 1499],
  ])('%i samples give %i frames', (samples, frames) => {
    expect(convLength(samples, base.convGeometry)).toBe(frames);
  });

  test('the receptive field is 400 samples', () => {
    expect(receptiveField(base.convGeometry)).toBe(400);
  });

  test('tiles read exactly the rows that their frames need', () => {
    const ranges = layerRanges(base.convGeometry, { start: 10, end: 12 });
    expect(ranges.at(-1)).toEqual({ start: 10, end: 12 });
    expect(ranges[0]).toEqual({
      start: 640,
      end: 640 + (receptiveField(base.convGeometry) - 10 + 320) / 5 + 1,
    });
  });
});

describe('plans', () => {
  test('base and large models stay within their dispatch counts', () => {
    expect(plan(base, 1, 80_000).steps.length).toBeLessThanOrEqual(100);
    expect(plan(large, 1, 80_000).steps.length).toBeLessThanOrEqual(180 + FRAME_MASKS);
  });

  test('convolutions with norms are one dispatch each, and where that is not trusted the same in several', () => {
    const distrusted = rowVariants(capabilities).map((variant) => gemmNormName(variant, 'f32'));
    const fused = plan(large, 1, 80_000);
    const apart = plan(large, 1, 80_000, { ...capabilities, distrusted });
    const convolutions = ({ steps }: Plan) => steps.filter(({ name }) => name.startsWith('conv '));
    expect(convolutions(fused).map(({ name }) => name)).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((i) => `conv ${i}`),
    );
    expect(convolutions(apart).map(({ name }) => name)).toEqual([
      'conv 0',
      ...[1, 2, 3, 4, 5, 6].flatMap((i) => [`conv ${i}`, `conv ${i} norm`]),
      'conv 6 norm',
    ]);
    const written = ({ steps, tensors }: Plan): unknown => {
      const last = convolutions({ steps } as Plan)
        .at(-1)
        ?.buffers.at(-1);
      return typeof last === 'number' ? tensors[last]?.byteLength : undefined;
    };
    expect(written(fused)).toBe(249 * 512 * 4);
    expect(written(apart)).toBe(written(fused));
  });

  test.each([
    [base, 1, 480_000],
    [large, 1, 960_000],
    [base, 4, 32_000],
  ])('no step binds one slab for reading and for writing (%#)', (config, items, samples) => {
    const { steps, memory } = plan(config, items, samples);
    for (const { name, buffers } of steps) {
      const slabs = buffers.flatMap((buffer) => (typeof buffer === 'number' ? [memory.slabOf[buffer]] : []));
      expect(new Set(slabs).size, name).toBe(slabs.length);
    }
  });

  test('a new length compiles nothing new', () => {
    const sources = ({ steps }: Plan) => new Set(steps.map(({ call }) => call.kernel.source));
    expect(sources(plan(base, 1, 48_000))).toEqual(sources(plan(base, 1, 80_123)));
  });

  test('activations at 30 s take little more than the two largest tensors that live together', () => {
    const explanation = explainPlan(plan(base, 1, 480_000), capabilities);
    expect(explanation.activationByteLength).toBeLessThan(1.3 * explanation.largestPairByteLength);
    expect(String(explanation)).toContain('dispatches');
  });

  test('no convolution of a long clip is one long dispatch', () => {
    for (const seconds of [30, 120]) {
      const convolutions = plan(base, 1, seconds * 16_000).steps.filter(({ name }) =>
        name.startsWith('conv '),
      );
      for (const { name, call } of convolutions) expect(call.flops, name).toBeLessThanOrEqual(4e10);
    }
  });

  test('outputs that cannot be read back together are refused with the numbers', () => {
    const graph = buildModelGraph(
      { config: large, pieces: COMMON_PIECES, head: NO_HEAD },
      {
        masksFrames: false,
        hiddenStates: true,
        attentions: false,
        hiddenStatesConvention: 'current',
      },
    );
    const samples = 16_000 * 120;
    const shape = { items: 1, samples, frames: large.frameCount(samples) };
    expect(() =>
      planGraph(graph, shape, capabilities, { hiddenActivation: 'gelu', weightFormat: 'f32' }),
    ).toThrow(/outputs asked for take \d+ bytes together, but a buffer of this adapter holds 268435456/);
  });

  test('a clip that no tiling can save is refused with the numbers', () => {
    expect(() => plan(base, 1, 16_000 * 1000)).toThrow(
      /needs \d+ bytes, but one buffer binding of this adapter holds 134217728/,
    );
  });
});

describe('rows of channels', () => {
  const shape = { items: 3, samples: 16_000, frames: 49 };
  const options = { hiddenActivation: 'gelu', weightFormat: 'f32' } as const;
  const planOf = (describeGraph: (graph: GraphBuilder) => TensorId) => {
    const graph = new GraphBuilder();
    graph.output('out', describeGraph(graph));
    return planGraph(graph.build(), shape, capabilities, options);
  };

  test.each([
    ['frames', 3 * 49],
    ['items', 3],
  ] as const)('a linear layer and a norm over %s', (extent, rows) => {
    const { steps, tensors } = planOf((graph) => {
      const x = graph.input('x', extent, 6);
      const y = graph.add('proj', 10, { kind: 'linear', x, weight: 'w', bias: 'b' }, extent);
      return graph.add(
        'norm',
        10,
        { kind: 'layer_norm', x: y, gamma: 'g', beta: 'b', epsilon: 1e-5 },
        extent,
      );
    });
    expect(tensors.map(({ byteLength }) => byteLength)).toEqual([rows * 8 * 4, rows * 12 * 4, rows * 12 * 4]);
    expect(steps.map(({ call }) => call.params.row_count)).toEqual([rows, rows]);
    expect(steps.map(({ call }) => call.recipe.kind)).toEqual(['gemm', 'layer_norm']);
  });

  test.each(['frames', 'items'] as const)('a sum and an activation of their own over %s', (extent) => {
    const { steps } = planOf((graph) => {
      const [x, y] = [graph.input('x', extent, 6), graph.input('y', extent, 6)];
      const sum = graph.add('sum', 6, { kind: 'add', x, y }, extent);
      return graph.add('act', 6, { kind: 'activation', x: sum, activation: 'tanh' }, extent);
    });
    const quads = (extent === 'items' ? 3 : 3 * 49) * 2;
    expect(
      steps.map(({ name, call, buffers }) => [name, call.kernel.name, call.params.quad_count, buffers]),
    ).toEqual([
      ['sum', 'elementwise_gelu', quads, [0, undefined, 1, 2]],
      ['act', 'elementwise_tanh', quads, [2, undefined, undefined, 3]],
    ]);
  });

  test('one number an item, or a row for each item and one for each frame, is a mistake in the graph', () => {
    expect(() =>
      planOf((graph) => {
        const x = graph.input('x', 'frames', 6);
        return graph.add('pooled', 6, { kind: 'linear', x, weight: 'w', bias: 'b' }, 'items');
      }),
    ).toThrow('pooled is made for items, but x, which it reads, for frames');
    expect(() =>
      planOf((graph) => {
        const x = graph.input('counts', 'per-item');
        return graph.add('act', 1, { kind: 'activation', x, activation: 'relu' }, 'per-item');
      }),
    ).toThrow('the tensor act has no rows of channels: its extent is per-item');
  });
});
