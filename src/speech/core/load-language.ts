/** Loads the weights of another language for a loaded model. */
import type { ModelFiles, ProgressCallback } from '../../base/files.ts';
import { withProgress } from '../../files/progress.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { WEIGHT_FORMAT, type Dtype } from '../encoder/weight-dtype.ts';
import type { Head } from '../heads/head.ts';
import { openLanguage } from './language.ts';
import { loadWeights } from './load-weights.ts';
import type { LoadedModel } from './loaded-model.ts';

export interface LoadLanguageOptions {
  /** Cancels the load. */
  readonly signal?: AbortSignal | undefined;
  readonly progress_callback?: ProgressCallback | null | undefined;
}

/**
 * Gives a model the weights of a language.
 * @returns the configuration with the vocabulary of the language.
 * @throws UniSpeechError `bad-option`, `not-found`, `bad-checkpoint`. The model keeps its weights then, and nothing else stays allocated.
 */
export type LoadLanguage = (
  model: LoadedModel,
  language: string,
  options: LoadLanguageOptions,
) => Promise<EncoderConfig>;

/** @param onUse called with a language once the model has its weights. */
export const languageLoader =
  (
    files: ModelFiles,
    config: EncoderConfig,
    head: Head<unknown>,
    dtype: Dtype,
    onUse: (language: string) => void,
  ): LoadLanguage =>
  async (model, language, { signal, progress_callback }) => {
    const reported = progress_callback ? withProgress(files, progress_callback) : undefined;
    const opened = await openLanguage(reported ?? files, language, config, head, signal);
    try {
      const format = WEIGHT_FORMAT[dtype];
      await model.replaceWeights(await loadWeights(model.context, [opened], { format, signal }));
    } finally {
      await opened.checkpoint.close();
    }
    onUse(language);
    reported?.finish();
    return opened.config;
  };
