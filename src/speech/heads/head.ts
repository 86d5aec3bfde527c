/** A head follows the encoder. Each head is a file with this interface, through which the rest of the engine knows it. */
import type { Tensor } from '../../base/tensor.ts';
import { fuse } from '../../graph/fuse.ts';
import { GraphBuilder, type Graph } from '../../graph/graph.ts';
import type { RunShape } from '../../graph/shape.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { addEncoder, type EncoderTensors, type GraphOptions } from '../encoder/encoder-graph.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import { encoderLayout, type SizeField } from '../encoder/weight-layout.ts';

/** The tensors of a run, by the names of the graph's outputs. */
export type OutputTensors = ReadonlyMap<string, Tensor<'float32'>>;

/** An argument of a model call that only one head takes. The graph has an input of the same name. */
export interface HeadInput {
  readonly name: string;
  /**
   * @returns the elements of the graph's input, as many for each item, in the order of the items.
   * @throws UniSpeechError `bad-input`; an argument that was left out is `undefined`.
   */
  readonly read: (value: unknown, shape: RunShape) => Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
}

/** @typeParam O the result of a model call. */
export interface Head<O> {
  /** Additional arguments of a model call. */
  readonly inputs: readonly HeadInput[];
  /** The head's weights, which follow the encoder's. In a file their tensors have no prefix. */
  readonly layout: (config: EncoderConfig) => readonly WeightBuffer[];
  /** Tensors whose sizes are also in config.json. */
  readonly sizes: readonly SizeField[];
  /** Adds inputs, operations and outputs to a graph that has the encoder. */
  readonly addTo: (graph: GraphBuilder, encoder: EncoderTensors, config: EncoderConfig) => void;
  readonly readOutputs: (outputs: OutputTensors) => O;
}

/** The forward pass of a model. */
export function buildModelGraph(config: EncoderConfig, head: Head<unknown>, options: GraphOptions): Graph {
  const graph = new GraphBuilder();
  head.addTo(graph, addEncoder(graph, config, options), config);
  return fuse(graph.build());
}

/** Every weight buffer of a model, in the order of use. */
export const modelLayout = (config: EncoderConfig, head: Head<unknown>): readonly WeightBuffer[] => [
  ...encoderLayout(config),
  ...head.layout(config),
];
