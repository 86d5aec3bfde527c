/** The classes of data2vec models. */
import { Data2VecAudioConfig } from './families/data2vec-audio.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import type { FrameLabels, TokenClassifierOutput } from './heads/frame-classification.ts';
import type { BaseModelOutput } from './heads/none.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';
import type { SpeakerLabels, XVectorOutput } from './heads/x-vector.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all data2vec models. */
export abstract class Data2VecAudioPreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = Data2VecAudioConfig;
  declare readonly config: Data2VecAudioConfig;
}

/** The encoder without head (`Data2VecAudioModel`). */
export class Data2VecAudioModel extends Data2VecAudioPreTrainedModel<BaseModelOutput> {
  static readonly head = 'none';
}

/** The encoder with a linear CTC head (`Data2VecAudioForCTC`). */
export class Data2VecAudioForCTC extends Data2VecAudioPreTrainedModel<CausalLMOutput, TextLabels> {
  static readonly head = CTC_HEAD;
}

/** The encoder with a classification head for whole clips (`Data2VecAudioForSequenceClassification`). */
export class Data2VecAudioForSequenceClassification extends Data2VecAudioPreTrainedModel<
  SequenceClassifierOutput,
  ClassLabels
> {
  static readonly head = 'sequence-classification';
}

/** The encoder with a linear layer from each frame to the classes (`Data2VecAudioForAudioFrameClassification`). */
export class Data2VecAudioForAudioFrameClassification extends Data2VecAudioPreTrainedModel<
  TokenClassifierOutput,
  FrameLabels
> {
  static readonly head = 'frame-classification';
}

/** The encoder with a head for embeddings of speakers (`Data2VecAudioForXVector`). */
export class Data2VecAudioForXVector extends Data2VecAudioPreTrainedModel<XVectorOutput, SpeakerLabels> {
  static readonly head = 'x-vector';
}
