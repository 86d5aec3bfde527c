/** The Auto classes. Each knows one class per family, and `model_type` of config.json chooses among them. */
import { platform } from '#platform';
import { withProgress } from '../files/progress.ts';
import { checkModelOptions, openFilesOptions, type ModelOptions } from './core/load-options.ts';
import { loadConfig } from './core/load-runner.ts';
import { CONFIG_CLASSES } from './families/family-list.ts';
import type { EncoderConfig } from './encoder/config.ts';
import {
  Data2VecAudioForAudioFrameClassification,
  Data2VecAudioForCTC,
  Data2VecAudioForSequenceClassification,
  Data2VecAudioForXVector,
  Data2VecAudioModel,
} from './data2vec-audio-models.ts';
import { HubertForCTC, HubertForSequenceClassification, HubertModel } from './hubert-models.ts';
import type {
  ModelForAudioFrameClassification,
  ModelForCTC,
  ModelForPreTraining,
  ModelForSequenceClassification,
  ModelForXVector,
  ModelWithoutHead,
} from './model-types.ts';
import { SEWForCTC, SEWForSequenceClassification, SEWModel } from './sew-models.ts';
import { loadModel, type ModelClass } from './speech-model.ts';
import {
  UniSpeechSatForAudioFrameClassification,
  UniSpeechSatForCTC,
  UniSpeechSatForPreTraining,
  UniSpeechSatForSequenceClassification,
  UniSpeechSatForXVector,
  UniSpeechSatModel,
} from './unispeech-sat-models.ts';
import {
  UniSpeechForCTC,
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
  UniSpeechModel,
} from './unispeech-models.ts';
import {
  Wav2Vec2ForAudioFrameClassification,
  Wav2Vec2ForCTC,
  Wav2Vec2ForPreTraining,
  Wav2Vec2ForSequenceClassification,
  Wav2Vec2ForXVector,
  Wav2Vec2Model,
} from './wav2vec2-models.ts';
import {
  WavLMForAudioFrameClassification,
  WavLMForCTC,
  WavLMForSequenceClassification,
  WavLMForXVector,
  WavLMModel,
} from './wavlm-models.ts';

// UniSpeech comes first in each list: old files without `model_type` are of it.
const MODELS: readonly ModelClass<ModelWithoutHead>[] = [
  UniSpeechModel,
  Wav2Vec2Model,
  HubertModel,
  UniSpeechSatModel,
  SEWModel,
  Data2VecAudioModel,
  WavLMModel,
];
const CTC_MODELS: readonly ModelClass<ModelForCTC>[] = [
  UniSpeechForCTC,
  Wav2Vec2ForCTC,
  HubertForCTC,
  UniSpeechSatForCTC,
  SEWForCTC,
  Data2VecAudioForCTC,
  WavLMForCTC,
];
const CLASSIFICATION_MODELS: readonly ModelClass<ModelForSequenceClassification>[] = [
  UniSpeechForSequenceClassification,
  Wav2Vec2ForSequenceClassification,
  HubertForSequenceClassification,
  UniSpeechSatForSequenceClassification,
  SEWForSequenceClassification,
  Data2VecAudioForSequenceClassification,
  WavLMForSequenceClassification,
];
const FRAME_CLASSIFICATION_MODELS: readonly ModelClass<ModelForAudioFrameClassification>[] = [
  Wav2Vec2ForAudioFrameClassification,
  UniSpeechSatForAudioFrameClassification,
  Data2VecAudioForAudioFrameClassification,
  WavLMForAudioFrameClassification,
];
const X_VECTOR_MODELS: readonly ModelClass<ModelForXVector>[] = [
  Wav2Vec2ForXVector,
  UniSpeechSatForXVector,
  Data2VecAudioForXVector,
  WavLMForXVector,
];
const PRE_TRAINING_MODELS: readonly ModelClass<ModelForPreTraining>[] = [
  UniSpeechForPreTraining,
  Wav2Vec2ForPreTraining,
  UniSpeechSatForPreTraining,
];

/** Every class by the end of its name; `className` of its family is the start. */
export const CLASSES_BY_ENDING = {
  ForCTC: CTC_MODELS,
  ForSequenceClassification: CLASSIFICATION_MODELS,
  ForAudioFrameClassification: FRAME_CLASSIFICATION_MODELS,
  ForXVector: X_VECTOR_MODELS,
  ForPreTraining: PRE_TRAINING_MODELS,
  Model: MODELS,
} as const satisfies Readonly<Record<string, readonly ModelClass<unknown>[]>>;

/** Loads an encoder without head. `model_type` chooses the class. */
export class AutoModel {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<ModelWithoutHead> {
    return loadModel(MODELS, location, options);
  }
}

/** Loads a CTC model. `model_type` chooses the class. */
export class AutoModelForCTC {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<ModelForCTC> {
    return loadModel(CTC_MODELS, location, options);
  }
}

/** Loads a model that classifies whole clips. `model_type` chooses the class. `AutoModelForSequenceClassification` is another name of it. */
export class AutoModelForAudioClassification {
  static from_pretrained(
    location: string | URL,
    options: ModelOptions = {},
  ): Promise<ModelForSequenceClassification> {
    return loadModel(CLASSIFICATION_MODELS, location, options);
  }
}

/** Loads a model that classifies each frame, such as one for diarization. `model_type` chooses the class. */
export class AutoModelForAudioFrameClassification {
  static from_pretrained(
    location: string | URL,
    options: ModelOptions = {},
  ): Promise<ModelForAudioFrameClassification> {
    return loadModel(FRAME_CLASSIFICATION_MODELS, location, options);
  }
}

/** Loads a model that gives embeddings of speakers. `model_type` chooses the class. */
export class AutoModelForAudioXVector {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<ModelForXVector> {
    return loadModel(X_VECTOR_MODELS, location, options);
  }
}

/** Loads a model with its pre-training head. `model_type` chooses the class. */
export class AutoModelForPreTraining {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<ModelForPreTraining> {
    return loadModel(PRE_TRAINING_MODELS, location, options);
  }
}

/** Reads and checks config.json. `model_type` chooses the class. */
export class AutoConfig {
  /** Accepts the options of a model. Only those for opening files, `signal` and `progress_callback` have an effect. */
  static async from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<EncoderConfig> {
    checkModelOptions(options, 'AutoConfig.from_pretrained');
    const files = platform.openModelFiles(location, openFilesOptions(location, options));
    if (!options.progress_callback) return loadConfig(files, CONFIG_CLASSES, options.signal);
    const reported = withProgress(files, options.progress_callback);
    const config = await loadConfig(reported, CONFIG_CLASSES, options.signal);
    reported.finish();
    return config;
  }
}
