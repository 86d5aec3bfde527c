/**
 * The graph: tensors and operations of one forward pass, independent of the size of an input. It describes a model
 * in plain operations (linear, activation, add, ...). `fuse.ts` merges operations that one kernel can do
 * together, and `plan.ts` turns the result into kernel calls for one shape.
 */
import { type GraphNode, readsOf, type WithoutOut } from './graph-node.ts';
import type { Extent, GraphTensor, TensorId } from './graph-tensor.ts';
import type { FrameWindow } from './shape.ts';

export interface Graph {
  readonly tensors: readonly GraphTensor[];
  readonly nodes: readonly GraphNode[];
  /** Tensors that the caller writes before a run, by name. */
  readonly inputs: ReadonlyMap<string, TensorId>;
  /** Tensors that are read back after a run, by name, in order. */
  readonly outputs: ReadonlyMap<string, TensorId>;
}

/** Collects the tensors and nodes of a model. */
export class GraphBuilder {
  readonly #tensors: GraphTensor[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #inputs = new Map<string, TensorId>();
  readonly #outputs = new Map<string, TensorId>();

  input(name: string, extent: Extent, channels = 1): TensorId {
    const id = this.#tensor(name, extent, channels, []);
    this.#inputs.set(name, id);
    return id;
  }

  /**
   * Adds an operation and returns its output tensor: [item, frame, channels] by default. It has the frames of the first tensor that the
   * operation reads, or of its windows.
   */
  add(name: string, channels: number, node: WithoutOut<GraphNode>, extent: Extent = 'frames'): TensorId {
    const out = this.#tensor(name, extent, channels, this.#windowsAfter(node));
    this.#nodes.push({ ...node, out });
    return out;
  }

  /** Channels of a tensor. */
  channelsOf(tensor: TensorId): number {
    return this.#tensors[tensor]?.channels ?? 0;
  }

  output(name: string, tensor: TensorId): void {
    this.#outputs.set(name, tensor);
  }

  build(): Graph {
    return { tensors: this.#tensors, nodes: this.#nodes, inputs: this.#inputs, outputs: this.#outputs };
  }

  #tensor(name: string, extent: Extent, channels: number, windows: readonly FrameWindow[]): TensorId {
    return this.#tensors.push({ name, extent, channels, windows }) - 1;
  }

  #windowsAfter(node: WithoutOut<GraphNode>): readonly FrameWindow[] {
    const [first] = readsOf(node);
    const windows = first === undefined ? [] : (this.#tensors[first]?.windows ?? []);
    return 'window' in node && node.window ? [...windows, node.window] : windows;
  }
}
