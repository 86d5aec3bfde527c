/** The classes of WavLM models. */
import { WavLMConfig } from './families/wavlm.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import type { FrameLabels, TokenClassifierOutput } from './heads/frame-classification.ts';
import type { BaseModelOutput } from './heads/none.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';
import type { SpeakerLabels, XVectorOutput } from './heads/x-vector.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all WavLM models. */
export abstract class WavLMPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = WavLMConfig;
  declare readonly config: WavLMConfig;
}

/** The encoder without head (`WavLMModel`). */
export class WavLMModel extends WavLMPreTrainedModel<BaseModelOutput> {
  static readonly head = 'none';
}

/** The encoder with a linear CTC head (`WavLMForCTC`). */
export class WavLMForCTC extends WavLMPreTrainedModel<CausalLMOutput, TextLabels> {
  static readonly head = CTC_HEAD;
}

/** The encoder with a classification head for whole clips (`WavLMForSequenceClassification`). */
export class WavLMForSequenceClassification extends WavLMPreTrainedModel<
  SequenceClassifierOutput,
  ClassLabels
> {
  static readonly head = 'sequence-classification';
}

/** The encoder with a linear layer from each frame to the classes (`WavLMForAudioFrameClassification`). */
export class WavLMForAudioFrameClassification extends WavLMPreTrainedModel<
  TokenClassifierOutput,
  FrameLabels
> {
  static readonly head = 'frame-classification';
}

/** The encoder with a head for embeddings of speakers (`WavLMForXVector`). */
export class WavLMForXVector extends WavLMPreTrainedModel<XVectorOutput, SpeakerLabels> {
  static readonly head = 'x-vector';
}
