/** UniSpeech-SAT's pre-training, of which the reference computes the encoder alone (`UniSpeechSatForPreTraining`). */
import type { Tensor } from '../../base/tensor.ts';
import type { Head } from './head.ts';
import { encoderOutputs, outputNamed, type EncoderOutputs } from './read-outputs.ts';

/** Output of `UniSpeechSatForPreTraining` (`UniSpeechSatForPreTrainingOutput`); B batch, T frames. */
export interface UniSpeechSatForPreTrainingOutput extends EncoderOutputs {
  /** [B, T, last conv width]: the features, `extract_features` of the model without head. */
  readonly logits: Tensor<'float32'>;
  /** [B, T, hidden]: the encoder's output. */
  readonly projected_states: Tensor<'float32'>;
}

export const SPEAKER_PRE_TRAINING_HEAD: Head<UniSpeechSatForPreTrainingOutput> = {
  argumentNames: [],
  prepare: () => ({
    readOutputs: (outputs) => ({
      logits: outputNamed(outputs, 'logits'),
      projected_states: outputNamed(outputs, 'projected_states'),
      ...encoderOutputs(outputs),
    }),
  }),
  layout: () => [],
  sizes: [],
  addTo({ graph, addEncoder }) {
    const { lastHiddenState, features } = addEncoder();
    graph.output('logits', features);
    graph.output('projected_states', lastHiddenState);
  },
};
