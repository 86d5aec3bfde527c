/** The Auto classes: each has a class for every family, of which `model_type` of config.json chooses one. */
import { platform } from '#platform';
import { withProgress } from '../files/progress.ts';
import { checkModelOptions, openFilesOptions, type ModelOptions } from './core/load-options.ts';
import { loadConfig } from './core/load-runner.ts';
import { CONFIG_CLASSES } from './families/family-list.ts';
import type { UniSpeechConfig } from './families/unispeech.ts';
import { loadModel } from './speech-model.ts';
import { UniSpeechForCTC, UniSpeechModel } from './unispeech-models.ts';

const MODELS = [UniSpeechModel];
const CTC_MODELS = [UniSpeechForCTC];

/** Chooses the class by `model_type`: the bare encoder. */
export class AutoModel {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechModel> {
    return loadModel(MODELS, location, options);
  }
}

/** Chooses the class by `model_type`: a CTC model. */
export class AutoModelForCTC {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechForCTC> {
    return loadModel(CTC_MODELS, location, options);
  }
}

/** Reads and checks config.json, as the class that its `model_type` asks for. */
export class AutoConfig {
  /** Takes the options of a model, of which `signal` and `progress_callback` matter here. */
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
