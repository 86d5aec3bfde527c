import { describe, expect, test } from 'vitest';
import { fuse } from '../../src/graph/fuse.ts';
import { GraphBuilder, type TensorId } from '../../src/graph/graph.ts';

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

  test('an activation whose input is an output of the graph is not fused away', () => {
    const graph = new GraphBuilder();
    const up = linear(graph, 'up', graph.input('x', 'frames'));
    graph.output('raw', up);
    graph.output('activated', graph.add('act', 8, { kind: 'activation', x: up, activation: 'gelu' }));
    expect(fuse(graph.build()).nodes.map(({ kind }) => kind)).toEqual(['linear', 'activation']);
  });
});
