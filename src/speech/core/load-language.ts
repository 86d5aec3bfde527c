/** Loads the weights of another language for a loaded model. */
import type { ModelFiles } from '../../base/files.ts';
import { withProgress } from '../../files/progress.ts';
import { WEIGHT_FORMAT, type Dtype } from '../encoder/weight-dtype.ts';
import type { Architecture } from '../heads/architecture.ts';
import type { LoadLanguage } from './language-options.ts';
import { openLanguage } from './language.ts';
import { loadWeights, type LoadedWeights } from './load-weights.ts';

/** @param onUse called with a language once the model has its weights. */
export const languageLoader =
  (
    files: ModelFiles,
    architecture: Architecture,
    dtype: Dtype,
    onUse: (language: string) => void,
  ): LoadLanguage =>
  async (model, language, { signal, progress_callback }) => {
    const reported = progress_callback ? withProgress(files, progress_callback) : undefined;
    const opened = await openLanguage(reported ?? files, language, architecture, signal);
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
