/** The classes of WavLM models. */
import { WavLMConfig } from './families/wavlm.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import {
  FRAME_CLASSIFICATION_HEAD,
  type FrameLabels,
  type TokenClassifierOutput,
} from './heads/frame-classification.ts';
import { NO_HEAD, type BaseModelOutput } from './heads/none.ts';
import {
  type ClassLabels,
  SEQUENCE_CLASSIFICATION_HEAD,
  type SequenceClassifierOutput,
} from './heads/sequence-classification.ts';
import { X_VECTOR_HEAD, type SpeakerLabels, type XVectorOutput } from './heads/x-vector.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all WavLM models. */
export abstract class WavLMPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = WavLMConfig;
  declare readonly config: WavLMConfig;
}

/** The encoder without head (`WavLMModel`). */
export class WavLMModel extends WavLMPreTrainedModel<BaseModelOutput> {
  static readonly head = NO_HEAD;
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
  static readonly head = SEQUENCE_CLASSIFICATION_HEAD;
}

/** The encoder with a linear layer from each frame to the classes (`WavLMForAudioFrameClassification`). */
export class WavLMForAudioFrameClassification extends WavLMPreTrainedModel<
  TokenClassifierOutput,
  FrameLabels
> {
  static readonly head = FRAME_CLASSIFICATION_HEAD;
}

/** The encoder with a head for embeddings of speakers (`WavLMForXVector`). */
export class WavLMForXVector extends WavLMPreTrainedModel<XVectorOutput, SpeakerLabels> {
  static readonly head = X_VECTOR_HEAD;
}
