/** No head: the encoder's output is the result. */
import type { Tensor } from '../../base/tensor.ts';
import type { Head } from './head.ts';
import { encoderOutputs, outputNamed, type EncoderOutputs } from './read-outputs.ts';

/** Output of every model without head (`BaseModelOutput`); B batch, T frames. */
export interface EncoderModelOutput extends EncoderOutputs {
  /** [B, frames, `config.outputWidth`]: T and hidden, or what an adapter leaves of them. */
  readonly last_hidden_state: Tensor<'float32'>;
}

/** Output of models that also return their features (`Wav2Vec2BaseModelOutput`). */
export interface BaseModelOutput extends EncoderModelOutput {
  /** [B, T, last conv width]: convolution features after the projection's layer norm. */
  readonly extract_features: Tensor<'float32'>;
}

/** For families whose models do not return features. */
export const STATES_HEAD: Head<EncoderModelOutput> = {
  argumentNames: [],
  prepare: () => ({
    readOutputs: (outputs) => ({
      last_hidden_state: outputNamed(outputs, 'last_hidden_state'),
      ...encoderOutputs(outputs),
    }),
  }),
  layout: () => [],
  sizes: [],
  addTo({ graph, addEncoder }) {
    graph.output('last_hidden_state', addEncoder().lastHiddenState);
  },
};

export const NO_HEAD: Head<BaseModelOutput> = {
  argumentNames: [],
  prepare: () => ({
    readOutputs: (outputs) => ({
      last_hidden_state: outputNamed(outputs, 'last_hidden_state'),
      extract_features: outputNamed(outputs, 'extract_features'),
      ...encoderOutputs(outputs),
    }),
  }),
  layout: () => [],
  sizes: [],
  addTo({ graph, addEncoder }) {
    const { lastHiddenState, features } = addEncoder();
    graph.output('last_hidden_state', lastHiddenState);
    graph.output('extract_features', features);
  },
};
