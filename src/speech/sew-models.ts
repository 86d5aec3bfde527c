/** The classes of SEW models. */
import { SEWConfig } from './families/sew.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import type { EncoderModelOutput } from './heads/none.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all SEW models. */
export abstract class SEWPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = SEWConfig;
  declare readonly config: SEWConfig;
}

/** The encoder without head (`SEWModel`). */
export class SEWModel extends SEWPreTrainedModel<EncoderModelOutput> {
  static readonly head = 'states';
}

/** The encoder with a linear CTC head (`SEWForCTC`). */
export class SEWForCTC extends SEWPreTrainedModel<CausalLMOutput, TextLabels> {
  static readonly head = CTC_HEAD;
}

/** The encoder with a classification head for whole clips (`SEWForSequenceClassification`). */
export class SEWForSequenceClassification extends SEWPreTrainedModel<SequenceClassifierOutput, ClassLabels> {
  static readonly head = 'sequence-classification';
}
