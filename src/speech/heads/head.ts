/** A head follows the encoder. Each head is a file with this interface, through which the rest of the engine knows it. */
import type { Tensor } from '../../base/tensor.ts';
import type { GraphBuilder } from '../../graph/graph.ts';
import type { RunInputs } from '../../graph/run.ts';
import type { RunShape } from '../../graph/shape.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import type { EncoderTensors, HiddenStateVisitor } from '../encoder/encoder-graph.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import type { SizeField } from '../encoder/size-field.ts';

/** The tensors of a run, by the names of the graph's outputs. */
export type OutputTensors = ReadonlyMap<string, Tensor<'float32'>>;

/** A model call as its head sees it before anything runs. */
export interface HeadCall {
  readonly config: EncoderConfig;
  /** Of the whole batch. */
  readonly shape: RunShape;
  /** Real samples of each item: all of them where the call has no mask. */
  readonly sampleCounts: readonly number[];
  /** Whether the call has a mask, if only of ones, or clips of different lengths. */
  readonly isMasked: boolean;
  /** The arguments of the call. Those of the head are not checked yet. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/**
 * What a head makes of a call: arguments that go to the GPU become `graphInputs`; those that never do (labels) stay in the closure
 * of `readOutputs`.
 */
export interface HeadRun<O> {
  /**
   * The elements of the head's inputs of the graph by name, as many for each item, in the order of the items. The graph is built for
   * these names, so an argument that was left out costs nothing.
   */
  readonly graphInputs?: RunInputs;
  /** Names of outputs that only such a call needs; the graph is built for them, too. */
  readonly requests?: readonly string[];
  /** Makes the result of the outputs of the whole batch, however many parts it was run in. */
  readonly readOutputs: (outputs: OutputTensors) => O;
}

/** What a head adds its operations to. */
export interface HeadGraph {
  readonly graph: GraphBuilder;
  readonly config: EncoderConfig;
  /** Names of the head's inputs that the call gives, and of outputs that only such a call needs. */
  readonly given: ReadonlySet<string>;
  /**
   * Adds the encoder. To be called once, before the operations that read it.
   * @param onHiddenState called with each hidden state as soon as it is there. What reads it then leaves its memory to what follows.
   */
  readonly addEncoder: (onHiddenState?: HiddenStateVisitor) => EncoderTensors;
}

/** @typeParam O the result of a model call. */
export interface Head<O> {
  /** The arguments of a model call that only this head takes. */
  readonly argumentNames: readonly string[];
  /**
   * Checks these arguments.
   * @throws UniSpeechError `bad-input`.
   */
  readonly prepare: (call: HeadCall) => HeadRun<O> | Promise<HeadRun<O>>;
  /** Frames of the convolutions that a clip needs; 1 where the head has none of this. */
  readonly minimumFrames?: (config: EncoderConfig) => number;
  /** The head's weights, which follow the encoder's. In a file their tensors have no prefix. */
  readonly layout: (config: EncoderConfig) => readonly WeightBuffer[];
  /** Whether a language may bring weights of its own for this head, for another vocabulary. */
  readonly isOfLanguage?: boolean;
  /** Tensors whose sizes are also in config.json. By the first of them a file of this head is known (`head-list.ts`). */
  readonly sizes: readonly SizeField[];
  /** Adds the encoder, and inputs, operations and outputs of the head. */
  readonly addTo: (target: HeadGraph) => void;
}

/** Samples that the shortest clip needs. */
export const minimumSamples = (config: EncoderConfig, { minimumFrames }: Head<unknown>): number =>
  Math.max(config.minimumSampleCount, config.samplesFor(minimumFrames?.(config) ?? 1));

/** Name of the weights of the hidden states, of heads that read a weighted sum of all of them. */
export const LAYER_WEIGHTS = 'layer_weights';

export const weighsHiddenStates = (config: EncoderConfig, head: Head<unknown>): boolean =>
  head.layout(config).some(({ name }) => name === LAYER_WEIGHTS);
