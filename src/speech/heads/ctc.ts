/** The CTC head: a linear layer from each frame to the tokens of the vocabulary. */
import type { NumberTable } from '../../base/number-tables.ts';
import type { Tensor } from '../../base/tensor.ts';
import { linear } from '../encoder/weight-buffers.ts';
import type { Head } from './head.ts';
import { prepareLabelled, type LabelledOutputs } from './labels.ts';

/** Output of `UniSpeechForCTC` (`CausalLMOutput`). */
export interface CausalLMOutput extends LabelledOutputs {
  /** The CTC loss of `labels`: [], or [B] where `ctc_loss_reduction` is "none". Its sums are float64. */
  readonly loss?: Tensor<'float32'>;
  /** [B, T, vocabulary], raw: no softmax. */
  readonly logits: Tensor<'float32'>;
}

/** What a call takes in addition. */
export interface TextLabels {
  /**
   * [B, length], the tokens of each clip's text, below `vocab_size`: a tensor, or lists of any lengths. Negative ones are left out, so padding is
   * −100; the blank, `pad_token_id`, would count as a token.
   */
  readonly labels?: NumberTable | null;
}

/**
 * The output that `ModelRunner.run` can be asked for in place of the logits: [B, T, 1], the most likely token of each frame, the first where several
 * are equal, and -1 where a logit is NaN. Of a frame 4 bytes are read back, not 4 for each token of the vocabulary.
 */
export const TOKEN_IDS = 'token_ids';

export const CTC_HEAD: Head<CausalLMOutput> = {
  argumentNames: ['labels'],
  prepare: (call) => prepareLabelled(call, 'text'),
  layout: ({ vocab_size, outputWidth }) => linear('lm_head', vocab_size, outputWidth),
  isOfLanguage: true,
  sizes: [['vocab_size', 'lm_head.weight', 0, 2]],
  addTo({ graph, config, given, addEncoder }) {
    const { lastHiddenState } = addEncoder();
    const { vocab_size: codeCount } = config;
    const logits = graph.add('lm head', codeCount, {
      kind: 'linear',
      x: lastHiddenState,
      weight: 'lm_head.weight',
      bias: 'lm_head.bias',
    });
    if (!given.has(TOKEN_IDS)) {
      graph.output('logits', logits);
      return;
    }
    const choice = { kind: 'choose_codes', groups: 1, codeCount, x: logits, noise: undefined } as const;
    graph.output(TOKEN_IDS, graph.add('token ids', 1, { ...choice, marksNaN: true }, 'per-frame'));
  },
};
