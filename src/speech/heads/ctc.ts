/** The CTC head: a linear layer from each frame to the tokens of the vocabulary. */
import type { Tensor } from '../../base/tensor.ts';
import { linear } from '../encoder/weight-buffers.ts';
import type { Head } from './head.ts';
import { encoderOutputs, outputNamed, type EncoderOutputs } from './read-outputs.ts';

/** Output of `UniSpeechForCTC` (`CausalLMOutput`). */
export interface CausalLMOutput extends EncoderOutputs {
  /** [B, T, vocabulary], raw: no softmax. */
  readonly logits: Tensor<'float32'>;
}

export const CTC_HEAD: Head<CausalLMOutput> = {
  argumentNames: [],
  prepare: () => ({
    readOutputs: (outputs) => ({ logits: outputNamed(outputs, 'logits'), ...encoderOutputs(outputs) }),
  }),
  layout: ({ vocab_size, hidden_size }) => linear('lm_head', vocab_size, hidden_size),
  sizes: [['vocab_size', 'lm_head.weight', 0, 2]],
  addTo({ graph, config, addEncoder }) {
    const { lastHiddenState } = addEncoder();
    const logits = graph.add('lm head', config.vocab_size, {
      kind: 'linear',
      x: lastHiddenState,
      weight: 'lm_head.weight',
      bias: 'lm_head.bias',
    });
    graph.output('logits', logits);
  },
};
