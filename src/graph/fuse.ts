/**
 * Fusion: activations and additions disappear into the write-out of the operation that made their input, and an
 * addition in front of a layer norm into that norm; a norm after a convolution that has one itself joins it. A tensor that
 * anybody else reads is never fused away.
 */
import { readsOf, type Graph, type GraphNode, type TensorId } from './graph.ts';

export function fuse(graph: Graph): Graph {
  return merge(merge(graph, intoNeighbour), intoWriteOut);
}

/** What an operation and the one before it, whose output nothing else reads, are together, if they are one. */
type Fusion = (node: GraphNode, producer: GraphNode) => GraphNode | undefined;

function merge(graph: Graph, fusion: Fusion): Graph {
  const uses = countUses(graph);
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const read = node.kind === 'add' ? node.y : 'x' in node ? node.x : undefined;
    const producer = nodes.find(({ out }) => out === read && uses.get(out) === 1);
    const fused = producer && fusion(node, producer);
    if (fused) nodes.splice(nodes.indexOf(producer), 1);
    nodes.push(fused ?? node);
  }
  return { ...graph, nodes };
}

/** Every tensor's readers; outputs of the graph count as one. */
function countUses({ nodes, outputs }: Graph): ReadonlyMap<TensorId, number> {
  const uses = new Map<TensorId, number>();
  for (const id of [...nodes.flatMap(readsOf), ...outputs.values()]) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

/**
 * linear → activation and pos_conv → activation become one node; add → layer_norm a norm with residual; conv_stack → layer_norm
 * one node where the kernel of the last layer normalises its rows already.
 */
function intoNeighbour(node: GraphNode, producer: GraphNode): GraphNode | undefined {
  if (node.kind === 'activation' && hasWriteOut(producer))
    return { ...producer, activation: node.activation, out: node.out };
  if (node.kind !== 'layer_norm') return undefined;
  if (producer.kind === 'add') return { ...node, x: producer.y, residual: producer.x };
  return producer.kind === 'conv_stack' &&
    producer.layers.length > 1 &&
    producer.layers.at(-1)?.norm?.kind === 'layer'
    ? { ...producer, outNorm: node, out: node.out }
    : undefined;
}

/** An addition that is left goes into the write-out of what made its second operand. */
const intoWriteOut = (node: GraphNode, producer: GraphNode): GraphNode | undefined =>
  node.kind === 'add' && hasWriteOut(producer) ? { ...producer, residual: node.x, out: node.out } : undefined;

const hasWriteOut = (node: GraphNode) => node.kind === 'linear' || node.kind === 'pos_conv';
