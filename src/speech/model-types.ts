/** The types of models by their head, whatever their family. */
import type { CausalLMOutput, TextLabels } from './heads/ctc.ts';
import type { FrameLabels, TokenClassifierOutput } from './heads/frame-classification.ts';
import type { EncoderModelOutput } from './heads/none.ts';
import type { PreTrainingArguments, UniSpeechForPreTrainingOutput } from './heads/pre-training.ts';
import type { ClassLabels, SequenceClassifierOutput } from './heads/sequence-classification.ts';
import type { SpeakerLabels, XVectorOutput } from './heads/x-vector.ts';
import type { SpeechModel } from './speech-model.ts';

/** An encoder without head. */
export type ModelWithoutHead = SpeechModel<EncoderModelOutput>;
/** A model with a CTC head. */
export type ModelForCTC = SpeechModel<CausalLMOutput, TextLabels>;
/** A model that classifies whole clips. */
export type ModelForSequenceClassification = SpeechModel<SequenceClassifierOutput, ClassLabels>;
/** A model that classifies each frame. */
export type ModelForAudioFrameClassification = SpeechModel<TokenClassifierOutput, FrameLabels>;
/** A model that gives embeddings of speakers. */
export type ModelForXVector = SpeechModel<XVectorOutput, SpeakerLabels>;

/** What models for pre-training return: all of them projected states, the rest depends on the family. */
export type PreTrainingOutput = Pick<UniSpeechForPreTrainingOutput, 'projected_states'> &
  Partial<UniSpeechForPreTrainingOutput>;
/** A model with its head of pre-training. `mix_mask` is for UniSpeech alone, and UniSpeech-SAT has no losses. */
export type ModelForPreTraining = SpeechModel<PreTrainingOutput, PreTrainingArguments>;
