/** The classes of UniSpeech-SAT models. */
import { UniSpeechSatConfig } from './families/unispeech-sat.ts';
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
import {
  SPEAKER_PRE_TRAINING_HEAD,
  type UniSpeechSatForPreTrainingOutput,
} from './heads/speaker-pre-training.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all UniSpeech-SAT models. */
export abstract class UniSpeechSatPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = UniSpeechSatConfig;
  declare readonly config: UniSpeechSatConfig;
}

/** The encoder without head (`UniSpeechSatModel`). */
export class UniSpeechSatModel extends UniSpeechSatPreTrainedModel<BaseModelOutput> {
  static readonly head = NO_HEAD;
}

/** The encoder with a linear CTC head (`UniSpeechSatForCTC`). */
export class UniSpeechSatForCTC extends UniSpeechSatPreTrainedModel<CausalLMOutput, TextLabels> {
  static readonly head = CTC_HEAD;
}

/** The encoder with a classification head for whole clips (`UniSpeechSatForSequenceClassification`). */
export class UniSpeechSatForSequenceClassification extends UniSpeechSatPreTrainedModel<
  SequenceClassifierOutput,
  ClassLabels
> {
  static readonly head = SEQUENCE_CLASSIFICATION_HEAD;
}

/** The encoder with a linear layer from each frame to the classes (`UniSpeechSatForAudioFrameClassification`). */
export class UniSpeechSatForAudioFrameClassification extends UniSpeechSatPreTrainedModel<
  TokenClassifierOutput,
  FrameLabels
> {
  static readonly head = FRAME_CLASSIFICATION_HEAD;
}

/** The encoder with a head for embeddings of speakers (`UniSpeechSatForXVector`). */
export class UniSpeechSatForXVector extends UniSpeechSatPreTrainedModel<XVectorOutput, SpeakerLabels> {
  static readonly head = X_VECTOR_HEAD;
}

/** Pre-training (`UniSpeechSatForPreTraining`): as in transformers it returns what the encoder without head does, under other names. */
export class UniSpeechSatForPreTraining extends UniSpeechSatPreTrainedModel<UniSpeechSatForPreTrainingOutput> {
  static readonly head = SPEAKER_PRE_TRAINING_HEAD;
}
