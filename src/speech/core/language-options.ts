/** The call that gives a loaded model another language, and its options. */
import { rejectUnknownOptions } from '../../base/errors.ts';
import type { ProgressCallback } from '../../base/files.ts';
import { checkCallback, checkSignal } from '../../base/option-checks.ts';
import type { EncoderConfig } from '../encoder/config.ts';
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
