/**
 * Fusion moves activations and additions into the write-out of the operation that makes their input, and an
 * addition before a layer norm into that norm. A norm after a convolution that itself has a norm joins the convolution. A tensor
 * with other readers is never fused away.
 */
import { readsOf, type GraphNode } from './graph-node.ts';
import type { TensorId } from './graph-tensor.ts';
import type { Graph } from './graph.ts';

export function fuse(graph: Graph): Graph {
  return merge(merge(graph, intoNeighbour), intoWriteOut);
}

/** Merges an operation with the previous one, whose output nothing else reads, if one kernel can do both. */
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

/** Number of readers of every tensor. An output of the graph counts as a reader. */
function countUses({ nodes, outputs }: Graph): ReadonlyMap<TensorId, number> {
  const uses = new Map<TensorId, number>();
  for (const id of [...nodes.flatMap(readsOf), ...outputs.values()]) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

/**
 * linear → activation, frame_conv → activation and layer_norm → activation become one node. add → layer_norm becomes a norm with residual. conv_stack →
 * layer_norm becomes one node if the kernel of the last layer already normalises its rows.
 */
function intoNeighbour(node: GraphNode, producer: GraphNode): GraphNode | undefined {
  if (node.kind === 'activation' && (hasWriteOut(producer) || producer.kind === 'layer_norm'))
    return { ...producer, activation: node.activation, out: node.out };
  if (node.kind !== 'layer_norm') return undefined;
  if (producer.kind === 'add') return { ...node, x: producer.y, residual: producer.x };
  const { gamma, beta, epsilon } = node;
  return producer.kind === 'conv_stack' &&
    producer.layers.length > 1 &&
    producer.layers.at(-1)?.norm?.kind === 'layer' &&
    gamma !== undefined &&
    beta !== undefined
    ? { ...producer, outNorm: { gamma, beta, epsilon }, out: node.out }
    : undefined;
}

/** A remaining addition moves into the write-out of the operation that makes its second operand. */
const intoWriteOut = (node: GraphNode, producer: GraphNode): GraphNode | undefined =>
  node.kind === 'add' && hasWriteOut(producer) ? { ...producer, residual: node.x, out: node.out } : undefined;

const hasWriteOut = (node: GraphNode) => node.kind === 'linear' || node.kind === 'frame_conv';
