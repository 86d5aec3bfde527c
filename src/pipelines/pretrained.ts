/** The common part of every `from_pretrained` of this layer: opens the location, reports progress, reads. */
import { platform } from '#platform';
import { rejectUnknownOptions } from '../base/errors.ts';
import type { ModelFiles, ProgressCallback } from '../base/files.ts';
import { checkSignal } from '../base/option-checks.ts';
import { openFilesOptions, PRETRAINED_OPTION_NAMES } from '../speech/core/load-options.ts';
import { withProgress } from '../files/progress.ts';

/** Options of loading the small files of a model: processor, tokenizer, feature extractor. */
export interface ProcessorLoadOptions {
  readonly progress_callback?: ProgressCallback | null | undefined;
  /** Cancels the load. The promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the files are stored and read from there: see `PretrainedOptions`. Default: true. */
  readonly cache?: boolean | undefined;
  /** Node: the folder for Hugging Face ids. */
  readonly cache_dir?: string | null | undefined;
  /** Requests nothing. */
  readonly local_files_only?: boolean | null | undefined;
  /** Branch, tag, commit or `refs/pr/N` of a Hugging Face repository. Default: `'main'`. */
  readonly revision?: string | null | undefined;
  /** Grants access to a Hugging Face repository: see `PretrainedOptions`. */
  readonly token?: string | boolean | null | undefined;
  /** A download that brings no byte for this many seconds is resumed. Default: 30. */
  readonly stall_timeout_s?: number | null | undefined;
  /** Accepted but unused, so that one options object serves model and processor. */
  readonly device?: unknown;
  readonly dtype?: unknown;
  readonly tune?: unknown;
  readonly variant?: unknown;
  readonly target_lang?: unknown;
}

/** Options for loading anything that has a tokenizer. */
export interface TokenizerLoadOptions extends ProcessorLoadOptions {
  /** The language to use from a vocabulary that is nested by language. Default: the language in tokenizer_config.json. */
  readonly target_lang?: string | null | undefined;
}

/** Runs `load` on the files of a folder or URL. Takes the options of a model, so that one options object serves model and processor. */
export async function loadFrom<T, O extends ProcessorLoadOptions>(
  location: string | URL,
  options: O,
  load: (files: ModelFiles, options: O) => Promise<T>,
): Promise<T> {
  rejectUnknownOptions(options, PRETRAINED_OPTION_NAMES, 'from_pretrained');
  checkSignal(options.signal);
  options.signal?.throwIfAborted();
  const files = platform.openModelFiles(location, openFilesOptions(location, options));
  if (!options.progress_callback) return load(files, options);
  const reported = withProgress(files, options.progress_callback);
  const loaded = await load(reported, options);
  reported.finish();
  return loaded;
}
