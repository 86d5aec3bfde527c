/** The classes of HuBERT models. */
import { HubertConfig } from './families/hubert.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import type { EncoderModelOutput } from './heads/none.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all HuBERT models. */
export abstract class HubertPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = HubertConfig;
  declare readonly config: HubertConfig;
}

/** The encoder without head (`HubertModel`). */
export class HubertModel extends HubertPreTrainedModel<EncoderModelOutput> {
  static readonly head = 'states';
}

/** The encoder with a linear CTC head (`HubertForCTC`). */
export class HubertForCTC extends HubertPreTrainedModel<CausalLMOutput, TextLabels> {
  static readonly head = CTC_HEAD;
}

/** The encoder with a classification head for whole clips (`HubertForSequenceClassification`). */
export class HubertForSequenceClassification extends HubertPreTrainedModel<
  SequenceClassifierOutput,
  ClassLabels
> {
  static readonly head = 'sequence-classification';
}
