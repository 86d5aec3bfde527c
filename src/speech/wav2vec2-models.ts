/** The classes of wav2vec 2.0 models, with them those of XLSR, XLS-R and MMS. */
import type { LoadLanguageOptions } from './core/load-language.ts';
import { Wav2Vec2Config } from './families/wav2vec2.ts';
import { CONTRASTIVE_HEAD } from './heads/contrastive-pre-training.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import {
  FRAME_CLASSIFICATION_HEAD,
  type FrameLabels,
  type TokenClassifierOutput,
} from './heads/frame-classification.ts';
import { NO_HEAD, type BaseModelOutput } from './heads/none.ts';
import type { QuantizedOutputs, QuantizerArguments } from './heads/quantizer.ts';
import {
  type ClassLabels,
  SEQUENCE_CLASSIFICATION_HEAD,
  type SequenceClassifierOutput,
} from './heads/sequence-classification.ts';
import { X_VECTOR_HEAD, type SpeakerLabels, type XVectorOutput } from './heads/x-vector.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all wav2vec 2.0 models. */
export abstract class Wav2Vec2PreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = Wav2Vec2Config;
  declare readonly config: Wav2Vec2Config;
}

/** The encoder without head (`Wav2Vec2Model`). */
export class Wav2Vec2Model extends Wav2Vec2PreTrainedModel<BaseModelOutput> {
  static readonly head = NO_HEAD;
}

/** The encoder with a linear CTC head (`Wav2Vec2ForCTC`). */
export class Wav2Vec2ForCTC extends Wav2Vec2PreTrainedModel<CausalLMOutput, TextLabels> {
  static readonly head = CTC_HEAD;

  /**
   * Takes the adapters and the head of another language, from `adapter.LANGUAGE.safetensors` or `.bin` beside the model. Nothing else is
   * loaded again. Calls that run end first, and later ones wait. The tokenizer has a `set_target_lang` of its own.
   * @param target_lang as in the name of the file, such as `fra`.
   * @throws UniSpeechError `bad-option` for a model without adapters, `not-found`, `bad-checkpoint`. The model keeps its language then.
   */
  load_adapter(target_lang: string, options: LoadLanguageOptions = {}): Promise<void> {
    return this.loadLanguage(target_lang, options);
  }
}

/** The encoder with a classification head for whole clips (`Wav2Vec2ForSequenceClassification`). */
export class Wav2Vec2ForSequenceClassification extends Wav2Vec2PreTrainedModel<
  SequenceClassifierOutput,
  ClassLabels
> {
  static readonly head = SEQUENCE_CLASSIFICATION_HEAD;
}

/** The encoder with a linear layer from each frame to the classes (`Wav2Vec2ForAudioFrameClassification`). */
export class Wav2Vec2ForAudioFrameClassification extends Wav2Vec2PreTrainedModel<
  TokenClassifierOutput,
  FrameLabels
> {
  static readonly head = FRAME_CLASSIFICATION_HEAD;
}

/** The encoder with a head for embeddings of speakers (`Wav2Vec2ForXVector`). */
export class Wav2Vec2ForXVector extends Wav2Vec2PreTrainedModel<XVectorOutput, SpeakerLabels> {
  static readonly head = X_VECTOR_HEAD;
}

/**
 * The encoder with the quantizer of pre-training (`Wav2Vec2ForPreTraining`). It returns what the encoder predicts and the quantized
 * features, both [batch, frames, proj_codevector_dim], and the perplexity of the codes; with `mask_time_indices` and
 * `sampled_negative_indices` also the losses.
 */
export class Wav2Vec2ForPreTraining extends Wav2Vec2PreTrainedModel<QuantizedOutputs, QuantizerArguments> {
  static readonly head = CONTRASTIVE_HEAD;
}
