/** The classes of UniSpeech models. */
import type { Tensor } from '../base/tensor.ts';
import { contrastiveLogits } from '../losses/contrastive-logits.ts';
import { SpeechModel } from './speech-model.ts';
import { UniSpeechConfig } from './families/unispeech.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import type { BaseModelOutput } from './heads/none.ts';
import type { PreTrainingArguments, UniSpeechForPreTrainingOutput } from './heads/pre-training.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';

/** The base of all UniSpeech models. */
export abstract class UniSpeechPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = UniSpeechConfig;
  declare readonly config: UniSpeechConfig;
}

/** The encoder without head (`UniSpeechModel`). It returns hidden states, [batch, frames, hidden_size]. */
export class UniSpeechModel extends UniSpeechPreTrainedModel<BaseModelOutput> {
  static readonly head = 'none';
}

/** The encoder with a linear CTC head (`UniSpeechForCTC`). It returns logits, [batch, frames, vocab_size], and with `labels` the loss. */
export class UniSpeechForCTC extends UniSpeechPreTrainedModel<CausalLMOutput, TextLabels> {
  static readonly head = CTC_HEAD;
}

/**
 * The encoder with a classification head for whole clips (`UniSpeechForSequenceClassification`). It returns logits, [batch, num_labels],
 * and with `labels` the loss; `config.id2label` names the classes.
 */
export class UniSpeechForSequenceClassification extends UniSpeechPreTrainedModel<
  SequenceClassifierOutput,
  ClassLabels
> {
  static readonly head = 'sequence-classification';
}

/**
 * The encoder with the quantizer of pre-training (`UniSpeechForPreTraining`). It returns the encoder's output and the quantized features,
 * both [batch, frames, hidden_size], and the perplexity of the codes; with `mask_time_indices` and `sampled_negative_indices` also
 * the loss of wav2vec 2.0, which transformers leaves out.
 */
export class UniSpeechForPreTraining extends UniSpeechPreTrainedModel<
  UniSpeechForPreTrainingOutput,
  PreTrainingArguments
> {
  static readonly head = 'pre-training';

  /**
   * Cosine similarities of predictions with their targets, [1, B, T, P], and with negatives, [K, B, T, P], divided by the temperature
   * (`UniSpeechForPreTraining.compute_contrastive_logits`).
   * @param predicted_features [B, T, P].
   * @returns [1 + K, B, T].
   * @throws UniSpeechError `bad-input` for other tensors, or a temperature that is not above 0.
   */
  static compute_contrastive_logits(
    target_features: Tensor<'float32'>,
    negative_features: Tensor<'float32'>,
    predicted_features: Tensor<'float32'>,
    temperature = 1,
  ): Tensor<'float32'> {
    return contrastiveLogits(target_features, negative_features, predicted_features, temperature);
  }
}
