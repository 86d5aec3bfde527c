/** A model before it has weights: an encoder and a head. Both its weights and its forward pass follow from it. */
import { fuse } from '../../graph/fuse.ts';
import { GraphBuilder, type Graph } from '../../graph/graph.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { type Encoder, loadPieces } from '../encoder/encoder.ts';
import { addEncoder, type GraphOptions } from '../encoder/encoder-graph.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import { encoderLayout } from '../encoder/weight-layout.ts';
import type { Head } from './head.ts';
import { type HeadChoice, loadHead, type OutputOf } from './later-heads.ts';

/** @typeParam O the result of a model call. */
export interface Architecture<O = unknown> extends Encoder {
  readonly head: Head<O>;
}

/** Loads what a model with this configuration and head is made of. @throws UniSpeechError `network` where its code is out of reach. */
export async function loadArchitecture<C extends HeadChoice>(
  config: EncoderConfig,
  choice: C,
): Promise<Architecture<OutputOf<C>>> {
  const [head, pieces] = await Promise.all([loadHead(choice), loadPieces(config)]);
  return { config, pieces, head };
}

/**
 * The forward pass of a model.
 * @param headInputs names of the head's inputs that the call gives, and of outputs that only such a call needs.
 */
export function buildModelGraph(
  { head, ...encoder }: Architecture,
  options: GraphOptions,
  headInputs: readonly string[] = [],
): Graph {
  const graph = new GraphBuilder();
  head.addTo({
    graph,
    config: encoder.config,
    given: new Set(headInputs),
    addEncoder: (onHiddenState) => addEncoder(graph, encoder, options, onHiddenState),
  });
  return fuse(graph.build());
}

/** Every weight buffer of a model, in the order of use. */
export const modelLayout = (architecture: Architecture): readonly WeightBuffer[] => [
  ...encoderLayout(architecture),
  ...architecture.head.layout(architecture.config),
];
