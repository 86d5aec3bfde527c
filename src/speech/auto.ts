/** The Auto classes. Each knows one class per family, and `model_type` of config.json chooses among them. */
import { platform } from '#platform';
import { withProgress } from '../files/progress.ts';
import { checkModelOptions, openFilesOptions, type ModelOptions } from './core/load-options.ts';
import { loadConfig } from './core/load-runner.ts';
import { CONFIG_CLASSES } from './families/family-list.ts';
import type { UniSpeechConfig } from './families/unispeech.ts';
import { loadModel } from './speech-model.ts';
import {
  UniSpeechForCTC,
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
  UniSpeechModel,
} from './unispeech-models.ts';

const MODELS = [UniSpeechModel];
const CTC_MODELS = [UniSpeechForCTC];
const CLASSIFICATION_MODELS = [UniSpeechForSequenceClassification];
const PRE_TRAINING_MODELS = [UniSpeechForPreTraining];

/** Loads an encoder without head. `model_type` chooses the class. */
export class AutoModel {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechModel> {
    return loadModel(MODELS, location, options);
  }
}

/** Loads a CTC model. `model_type` chooses the class. */
export class AutoModelForCTC {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechForCTC> {
    return loadModel(CTC_MODELS, location, options);
  }
}

/** Loads a model that classifies whole clips. `model_type` chooses the class. `AutoModelForSequenceClassification` is another name of it. */
export class AutoModelForAudioClassification {
  static from_pretrained(
    location: string | URL,
    options: ModelOptions = {},
  ): Promise<UniSpeechForSequenceClassification> {
    return loadModel(CLASSIFICATION_MODELS, location, options);
  }
}

/** Loads a model with its pre-training head. `model_type` chooses the class. */
export class AutoModelForPreTraining {
  static from_pretrained(
    location: string | URL,
    options: ModelOptions = {},
  ): Promise<UniSpeechForPreTraining> {
    return loadModel(PRE_TRAINING_MODELS, location, options);
  }
}

/** Reads and checks config.json. `model_type` chooses the class. */
export class AutoConfig {
  /** Accepts the options of a model. Only those for opening files, `signal` and `progress_callback` have an effect. */
  static async from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechConfig> {
    checkModelOptions(options, 'AutoConfig.from_pretrained');
    const files = platform.openModelFiles(location, openFilesOptions(location, options));
    if (!options.progress_callback) return loadConfig(files, CONFIG_CLASSES, options.signal);
    const reported = withProgress(files, options.progress_callback);
    const config = await loadConfig(reported, CONFIG_CLASSES, options.signal);
    reported.finish();
    return config;
  }
}
