/** `pipeline(task, model)`, as in transformers.js (`pipelines.js`). */
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import type { ProgressCallback } from '../base/files.ts';
import { checkCallback, checkSignal } from '../base/option-checks.ts';
import {
  checkLocation,
  PRETRAINED_OPTION_NAMES,
  type PretrainedOptions,
} from '../speech/core/load-options.ts';
import { UniSpeechForCTC } from '../speech/models.ts';
import { AutomaticSpeechRecognitionPipeline } from './automatic-speech-recognition.ts';
import { warningsTo } from '../base/warnings.ts';
import { joinProgress } from './joined-progress.ts';
import { Wav2Vec2Processor } from './processor.ts';

const TASKS = ['automatic-speech-recognition', 'asr'] as const;

/** Tasks and their short names. */
export type PipelineTask = (typeof TASKS)[number];
export type PipelineOptions = PretrainedOptions;

const warnOnConsole: ProgressCallback = (info) => {
  if (info.status === 'warning') console.warn(info.message);
};

/**
 * Loads model, feature extractor and tokenizer at the same time, and compiles the kernels meanwhile.
 * @param model a Hugging Face id (`owner/name`), the base URL of a model, or a path: of a folder in Node, relative to the
 * page in browsers, where a path of just that form begins with `./` or ends with a slash.
 * @param options the last event of `progress_callback` is `{ status: 'ready', task, model }`.
 * @throws UniSpeechError saying what is wrong and what to do; nothing stays allocated.
 */
export async function pipeline(
  task: PipelineTask,
  model: string | URL,
  options: PipelineOptions = {},
): Promise<AutomaticSpeechRecognitionPipeline> {
  if (!TASKS.includes(task)) {
    throw new UniSpeechError(
      'bad-option',
      `Unsupported pipeline: ${describeValue(task)}.`,
      `Must be one of [${TASKS.join(', ')}].`,
    );
  }
  checkLocation(model);
  rejectUnknownOptions(options, PRETRAINED_OPTION_NAMES, 'pipeline');
  checkSignal(options.signal);
  checkCallback('progress_callback', options.progress_callback);

  const { progress_callback, signal, cache, revision, stall_timeout_s, ...deviceOptions } = options;
  // Without a listener the parts would each put the same warnings on the console.
  const nextCallback = joinProgress(progress_callback ?? warnOnConsole);
  // One part that fails stops the other, so that nobody waits for a download in vain.
  const stop = new AbortController();
  const stopOnError = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const loadOptions = () => ({
    ...(cache !== undefined && { cache }),
    ...(revision !== undefined && { revision }),
    ...(stall_timeout_s !== undefined && { stall_timeout_s }),
    progress_callback: nextCallback(),
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  });
  const loadingProcessor = Wav2Vec2Processor.from_pretrained(model, loadOptions()).catch(stopOnError);
  const loadingModel = UniSpeechForCTC.from_pretrained(model, { ...deviceOptions, ...loadOptions() }).catch(
    stopOnError,
  );
  const [, loadedModel] = await Promise.allSettled([loadingProcessor, loadingModel]);
  try {
    // The reason of an abort is the first error, whichever part it came from.
    stop.signal.throwIfAborted();
    const recognizer = new AutomaticSpeechRecognitionPipeline({
      model: await loadingModel,
      processor: await loadingProcessor,
      onWarning: warningsTo(progress_callback, String(model)),
    });
    progress_callback?.({ status: 'ready', task: recognizer.task, model: String(model) });
    return recognizer;
  } catch (error) {
    if (loadedModel.status === 'fulfilled') await loadedModel.value.dispose();
    throw error;
  }
}
