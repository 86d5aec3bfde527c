import { describe, expect, test } from 'vitest';
import { fuse } from '../../src/graph/fuse.ts';
import type { TensorId } from '../../src/graph/graph-tensor.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';

const linear = (graph: GraphBuilder, name: string, x: TensorId): TensorId =>
  graph.add(name, 8, { kind: 'linear', x, weight: `${name}.weight`, bias: `${name}.bias` });
const norm = (graph: GraphBuilder, name: string, x: TensorId): TensorId =>
  graph.add(name, 8, { kind: 'layer_norm', x, gamma: 'gamma', beta: 'beta', epsilon: 1e-5 });

describe('fuse', () => {
  test('an activation and an addition go into the write-out of the linear layer', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', 'frames');
    const activated = graph.add('act', 8, {
      kind: 'activation',
      x: linear(graph, 'up', x),
      activation: 'relu',
    });
    const out = graph.add('sum', 8, { kind: 'add', x, y: activated });
    graph.output('out', out);
    expect(fuse(graph.build()).nodes).toEqual([
      { kind: 'linear', x, weight: 'up.weight', bias: 'up.bias', activation: 'relu', residual: x, out },
    ]);
  });

  test('a sum that only a norm reads becomes the residual of that norm', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', 'frames');
    const y = linear(graph, 'proj', x);
    const out = norm(graph, 'norm', graph.add('sum', 8, { kind: 'add', x, y }));
    graph.output('out', out);
    const { nodes } = fuse(graph.build());
    expect(nodes.map(({ kind }) => kind)).toEqual(['linear', 'layer_norm']);
    expect(nodes[1]).toMatchObject({ x: y, residual: x, out });
  });

  test('a sum that is read twice stays, in the write-out of its producer', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', 'frames');
    const sum = graph.add('sum', 8, { kind: 'add', x, y: linear(graph, 'proj', x) });
    graph.output('normed', norm(graph, 'norm', sum));
    graph.output('sum', sum);
    const { nodes } = fuse(graph.build());
    expect(nodes[0]).toMatchObject({ kind: 'linear', residual: x, out: sum });
    expect(nodes[1]).toMatchObject({ kind: 'layer_norm', x: sum });
    expect(nodes[1]).not.toHaveProperty('residual');
  });

  test('an activation goes into the norm before it, also if that has no gamma and beta', () => {
    const graph = new GraphBuilder();
    const x = graph.input('x', 'frames');
    const bare = { kind: 'layer_norm', x, gamma: undefined, beta: undefined, epsilon: 1e-5 } as const;
    const normed = graph.add('norm', 8, bare);
    const out = graph.add('act', 8, { kind: 'activation', x: normed, activation: 'gelu' });
    graph.output('out', out);
    expect(fuse(graph.build()).nodes).toEqual([{ ...bare, activation: 'gelu', out }]);
  });

  test('an activation whose input is an output of the graph is not fused away', () => {
    const graph = new GraphBuilder();
    const up = linear(graph, 'up', graph.input('x', 'frames'));
    graph.output('raw', up);
    graph.output('activated', graph.add('act', 8, { kind: 'activation', x: up, activation: 'gelu' }));
    expect(fuse(graph.build()).nodes.map(({ kind }) => kind)).toEqual(['linear', 'activation']);
  });

  test.each([
    ['layer', ['conv_stack', 'linear']],
    ['group', ['conv_stack', 'layer_norm', 'linear']],
  ] as const)('the norm after convolutions with norms of kind %s', (kind, expected) => {
    const graph = new GraphBuilder();
    const layer = { channels: 8, kernel: 2, stride: 2, weight: 'w', bias: undefined };
    const convolutions = graph.add('features', 8, {
      kind: 'conv_stack',
      audio: graph.input('audio', 'audio'),
      layers: [
        { ...layer, norm: { kind, gamma: 'g', beta: 'b' } },
        { ...layer, norm: kind === 'layer' ? { kind, gamma: 'g', beta: 'b' } : undefined },
      ],
      activation: 'gelu',
      epsilon: 1e-5,
    });
    const normed = norm(graph, 'norm', convolutions);
    graph.output('out', linear(graph, 'proj', normed));
    const { nodes } = fuse(graph.build());
    expect(nodes.map((node) => node.kind)).toEqual(expected);
    if (kind === 'layer')
      expect(nodes[0]).toMatchObject({
        outNorm: { gamma: 'gamma', beta: 'beta', epsilon: 1e-5 },
        out: normed,
      });
  });

  test('a norm after convolutions stays where their output is read by others too', () => {
    const graph = new GraphBuilder();
    const layer = { channels: 8, kernel: 2, stride: 2, weight: 'w', bias: undefined };
    const withNorm = { ...layer, norm: { kind: 'layer', gamma: 'g', beta: 'b' } } as const;
    const convolutions = graph.add('features', 8, {
      kind: 'conv_stack',
      audio: graph.input('audio', 'audio'),
      layers: [withNorm, withNorm],
      activation: 'gelu',
      epsilon: 1e-5,
    });
    graph.output('out', norm(graph, 'norm', convolutions));
    graph.output('features', convolutions);
    expect(fuse(graph.build()).nodes.map(({ kind }) => kind)).toEqual(['conv_stack', 'layer_norm']);
  });
});
