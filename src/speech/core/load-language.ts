/** Loads the weights of another language for a loaded model. */
import { rejectUnknownOptions } from '../../base/errors.ts';
import type { ModelFiles, ProgressCallback } from '../../base/files.ts';
import { checkCallback, checkSignal } from '../../base/option-checks.ts';
import { withProgress } from '../../files/progress.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { WEIGHT_FORMAT, type Dtype } from '../encoder/weight-dtype.ts';
import type { Head } from '../heads/head.ts';
import { openLanguage } from './language.ts';
import { loadWeights, type LoadedWeights } from './load-weights.ts';
import type { LoadedModel } from './loaded-model.ts';

export interface LoadLanguageOptions {
  /** Cancels the load. */
  readonly signal?: AbortSignal | undefined;
  readonly progress_callback?: ProgressCallback | null | undefined;
}

/** @throws UniSpeechError `bad-option`. */
export function checkLanguageOptions(options: LoadLanguageOptions, where = 'load_adapter'): void {
  rejectUnknownOptions(options, ['signal', 'progress_callback'], where);
  checkSignal(options.signal);
  checkCallback('progress_callback', options.progress_callback);
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
    let weights: LoadedWeights | undefined;
    try {
      weights = await loadWeights(model.context, [opened], { format: WEIGHT_FORMAT[dtype], signal });
      // The callback is the caller's: when it throws, the model must still be of its old language as a whole.
      reported?.finish();
      signal?.throwIfAborted();
      await model.replaceWeights(weights);
    } catch (error) {
      for (const { buffer } of weights?.bindings.values() ?? []) buffer.destroy();
      throw signal?.aborted === true ? error : await model.context.explain(error);
    } finally {
      // A file that fails to close must not hide that the model has its weights.
      await opened.checkpoint.close().catch(() => undefined);
    }
    onUse(language);
    return opened.config;
  };
