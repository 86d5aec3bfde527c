/** The classes of wav2vec 2.0 models, with them those of XLSR, XLS-R and MMS. */
import type { LoadLanguageOptions } from './core/language-options.ts';
import { Wav2Vec2Config } from './families/wav2vec2.ts';
import { CTC_HEAD, type CausalLMOutput, type TextLabels } from './heads/ctc.ts';
import type { FrameLabels, TokenClassifierOutput } from './heads/frame-classification.ts';
import type { BaseModelOutput } from './heads/none.ts';
import type { QuantizedOutputs, QuantizerArguments } from './heads/quantizer.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';
import type { SpeakerLabels, XVectorOutput } from './heads/x-vector.ts';
import { SpeechModel } from './speech-model.ts';

/** The base of all wav2vec 2.0 models. */
export abstract class Wav2Vec2PreTrainedModel<O, A = unknown> extends SpeechModel<O, A> {
  static readonly config_class = Wav2Vec2Config;
  declare readonly config: Wav2Vec2Config;
}

/** The encoder without head (`Wav2Vec2Model`). */
export class Wav2Vec2Model extends Wav2Vec2PreTrainedModel<BaseModelOutput> {
  static readonly head = 'none';
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
  static readonly head = 'sequence-classification';
}

/** The encoder with a linear layer from each frame to the classes (`Wav2Vec2ForAudioFrameClassification`). */
export class Wav2Vec2ForAudioFrameClassification extends Wav2Vec2PreTrainedModel<
  TokenClassifierOutput,
  FrameLabels
> {
  static readonly head = 'frame-classification';
}

/** The encoder with a head for embeddings of speakers (`Wav2Vec2ForXVector`). */
export class Wav2Vec2ForXVector extends Wav2Vec2PreTrainedModel<XVectorOutput, SpeakerLabels> {
  static readonly head = 'x-vector';
}

/**
 * The encoder with the quantizer of pre-training (`Wav2Vec2ForPreTraining`). It returns what the encoder predicts and the quantized
 * features, both [batch, frames, proj_codevector_dim], and the perplexity of the codes; with `mask_time_indices` and
 * `sampled_negative_indices` also the losses.
 */
export class Wav2Vec2ForPreTraining extends Wav2Vec2PreTrainedModel<QuantizedOutputs, QuantizerArguments> {
  static readonly head = 'contrastive-pre-training';
}
