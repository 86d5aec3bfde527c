/**
 * Fusion: activations and additions disappear into the write-out of the operation that made their input, and an
 * addition in front of a layer norm into that norm; a norm after a convolution that has one itself joins it. A tensor that
 * anybody else reads is never fused away.
 */
import { readsOf, type Graph, type GraphNode, type TensorId } from './graph.ts';

export function fuse(graph: Graph): Graph {
  return fuseAdditions(fuseActivations(fuseConvNorm(graph)));
}

/** Every tensor's readers; outputs of the graph count as one. */
function countUses({ nodes, outputs }: Graph): ReadonlyMap<TensorId, number> {
  const uses = new Map<TensorId, number>();
  for (const id of [...nodes.flatMap(readsOf), ...outputs.values()]) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

/** conv_stack → layer_norm becomes one node where the kernel of the last layer normalises its rows already. */
function fuseConvNorm(graph: Graph): Graph {
  const uses = countUses(graph);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const producer = nodes.at(-1);
    if (
      node.kind === 'layer_norm' &&
      producer?.kind === 'conv_stack' &&
      producer.layers.length > 1 &&
      producer.layers.at(-1)?.norm?.kind === 'layer' &&
      producer.out === node.x &&
      uses.get(node.x) === 1
    ) {
      const { gamma, beta, epsilon, out } = node;
      nodes.splice(-1, 1, { ...producer, outNorm: { gamma, beta, epsilon }, out });
    } else {
      nodes.push(node);
    }
  }
  return { ...graph, nodes };
}

/** linear → activation and pos_conv → activation become one node. */
function fuseActivations(graph: Graph): Graph {
  const uses = countUses(graph);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const index = node.kind === 'activation' ? nodes.findIndex(({ out }) => out === node.x) : -1;
    const producer = nodes[index];
    if (
      node.kind === 'activation' &&
      (producer?.kind === 'linear' || producer?.kind === 'pos_conv') &&
      uses.get(node.x) === 1
    ) {
      nodes[index] = { ...producer, activation: node.activation, out: node.out };
    } else {
      nodes.push(node);
    }
  }
  return { ...graph, nodes };
}

/**
 * add → layer_norm becomes a norm with residual where only the norm reads the sum; any other addition goes into
 * the write-out of the linear layer or convolution that made its second operand.
 */
function fuseAdditions(graph: Graph): Graph {
  const uses = countUses(graph);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    if (node.kind === 'layer_norm') {
      const sum = nodes.find(({ out }) => out === node.x);
      if (sum?.kind === 'add' && uses.get(node.x) === 1) {
        nodes.splice(nodes.indexOf(sum), 1);
        nodes.push({ ...node, x: sum.y, residual: sum.x });
        continue;
      }
    }
    nodes.push(node);
  }
  return {
    ...graph,
    nodes: nodes.reduce<GraphNode[]>((fused, node) => fuseIntoProducer(fused, node, uses), []),
  };
}

function fuseIntoProducer(
  nodes: GraphNode[],
  node: GraphNode,
  uses: ReadonlyMap<TensorId, number>,
): GraphNode[] {
  if (node.kind !== 'add') return [...nodes, node];
  const producer = nodes.at(-1);
  if (
    (producer?.kind === 'linear' || producer?.kind === 'pos_conv') &&
    producer.out === node.y &&
    uses.get(node.y) === 1
  ) {
    return [...nodes.slice(0, -1), { ...producer, residual: node.x, out: node.out }];
  }
  return [...nodes, node];
}
