/** The classes of UniSpeech-SAT models. */
import { UniSpeechSatConfig } from './families/unispeech-sat.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import type { FrameLabels, TokenClassifierOutput } from './heads/frame-classification.ts';
import type { BaseModelOutput } from './heads/none.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';
import type { SpeakerLabels, XVectorOutput } from './heads/x-vector.ts';
import type { UniSpeechSatForPreTrainingOutput } from './heads/speaker-pre-training.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all UniSpeech-SAT models. */
export abstract class UniSpeechSatPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = UniSpeechSatConfig;
  declare readonly config: UniSpeechSatConfig;
}

/** The encoder without head (`UniSpeechSatModel`). */
export class UniSpeechSatModel extends UniSpeechSatPreTrainedModel<BaseModelOutput> {
  static readonly head = 'none';
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
  static readonly head = 'sequence-classification';
}

/** The encoder with a linear layer from each frame to the classes (`UniSpeechSatForAudioFrameClassification`). */
export class UniSpeechSatForAudioFrameClassification extends UniSpeechSatPreTrainedModel<
  TokenClassifierOutput,
  FrameLabels
> {
  static readonly head = 'frame-classification';
}

/** The encoder with a head for embeddings of speakers (`UniSpeechSatForXVector`). */
export class UniSpeechSatForXVector extends UniSpeechSatPreTrainedModel<XVectorOutput, SpeakerLabels> {
  static readonly head = 'x-vector';
}

/** Pre-training (`UniSpeechSatForPreTraining`): as in transformers it returns what the encoder without head does, under other names. */
export class UniSpeechSatForPreTraining extends UniSpeechSatPreTrainedModel<UniSpeechSatForPreTrainingOutput> {
  static readonly head = 'speaker-pre-training';
}
