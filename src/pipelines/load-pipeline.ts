/** Loads a pipeline of any task: the model and its processor in parallel. If one fails, nothing stays allocated. */
import { abortWith } from '../base/abortable.ts';
import type { ProgressCallback } from '../base/files.ts';
import { warningsTo } from '../base/warnings.ts';
import type { PretrainedOptions } from '../speech/core/load-options.ts';
import type { PipelineParts } from './audio-pipeline.ts';
import type { DecoderChoice } from './choose-decoder.ts';
import { joinProgress } from './joined-progress.ts';
import type { TokenizerLoadOptions } from './pretrained.ts';
import type { Wav2Vec2Processor } from './processor.ts';

export interface PipelineOptions extends PretrainedOptions {
  /**
   * Of speech recognition: what makes text of the model's frames. Default: the language model that comes with the model, as in transformers
   * (`Wav2Vec2ProcessorWithLM`), else the likeliest token of each frame.
   */
  readonly decoder?: DecoderChoice | null | undefined;
}

/** How the parts of a task are loaded and put together. */
export interface PipelineRecipe<Model, Pipeline> {
  /** The class that loads the model. */
  readonly modelClass: {
    from_pretrained(location: string | URL, options: PretrainedOptions): Promise<Model>;
  };
  readonly loadProcessor: (
    location: string | URL,
    options: TokenizerLoadOptions,
  ) => Promise<Wav2Vec2Processor>;
  /** Makes the pipeline. If it throws, the model is freed. */
  readonly create: (parts: PipelineParts<Model>) => Pipeline;
}

const warnOnConsole: ProgressCallback = (info) => {
  if (info.status === 'warning') console.warn(info.message);
};

/** @returns the pipeline. The last event of `progress_callback` is `{ status: 'ready', task, model }`. */
export async function loadPipeline<
  Model extends { dispose(): Promise<void> },
  Pipeline extends { readonly task: string },
>(
  { modelClass, loadProcessor, create }: PipelineRecipe<Model, Pipeline>,
  location: string | URL,
  options: PretrainedOptions,
): Promise<Pipeline> {
  const { progress_callback, signal } = options;
  // Without a listener, both parts would print the same warnings to the console.
  const nextCallback = joinProgress(progress_callback ?? warnOnConsole);
  // If one part fails, the other is stopped, so that nobody waits for a useless download.
  const stop = new AbortController();
  const stopOnError = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  abortWith(stop, signal);
  const loadOptions = () => ({ ...options, progress_callback: nextCallback(), signal: stop.signal });
  const loadingProcessor = loadProcessor(location, loadOptions()).catch(stopOnError);
  const loadingModel = modelClass.from_pretrained(location, loadOptions()).catch(stopOnError);
  const [, loadedModel] = await Promise.allSettled([loadingProcessor, loadingModel]);
  try {
    // The reason of an abort is the first error, whichever part it came from.
    stop.signal.throwIfAborted();
    const pipeline = create({
      model: await loadingModel,
      processor: await loadingProcessor,
      onWarning: warningsTo(progress_callback, String(location)),
    });
    progress_callback?.({ status: 'ready', task: pipeline.task, model: String(location) });
    return pipeline;
  } catch (error) {
    if (loadedModel.status === 'fulfilled') await loadedModel.value.dispose();
    throw error;
  } finally {
    stop.abort();
  }
}
