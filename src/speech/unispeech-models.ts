/** The classes of UniSpeech models. */
import { loadModel, SpeechModel } from './speech-model.ts';
import type { ModelOptions } from './core/load-options.ts';
import { UniSpeechConfig } from './families/unispeech.ts';
import { CTC_HEAD, type CausalLMOutput } from './heads/ctc.ts';
import { NO_HEAD, type BaseModelOutput } from './heads/none.ts';

/** What all UniSpeech models share. */
export abstract class UniSpeechPreTrainedModel<O> extends SpeechModel<O> {
  static readonly config_class = UniSpeechConfig;
  declare readonly config: UniSpeechConfig;
}

/** The bare encoder (`UniSpeechModel`): hidden states out. */
export class UniSpeechModel extends UniSpeechPreTrainedModel<BaseModelOutput> {
  static readonly head = NO_HEAD;

  /**
   * @param location folder or base URL with config.json and model.safetensors (one file or shards). A file of any
   * UniSpeech class will do.
   * @throws UniSpeechError saying what is wrong and what to do; nothing stays allocated.
   */
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechModel> {
    return loadModel([UniSpeechModel], location, options);
  }
}

/** The encoder with a linear CTC head (`UniSpeechForCTC`): logits out. */
export class UniSpeechForCTC extends UniSpeechPreTrainedModel<CausalLMOutput> {
  static readonly head = CTC_HEAD;

  /** As `UniSpeechModel.from_pretrained`; the file must hold `lm_head`. */
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechForCTC> {
    return loadModel([UniSpeechForCTC], location, options);
  }
}
