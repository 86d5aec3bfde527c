/** `pipeline(task, model)`, as in transformers.js (`pipelines.js`). */
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { checkCallback, checkSignal } from '../base/option-checks.ts';
import { checkLocation, PRETRAINED_OPTION_NAMES } from '../speech/core/load-options.ts';
import type { PipelineOptions } from './load-pipeline.ts';
import { type PipelineTask, TASKS, type Tasks } from './registry.ts';

/**
 * Loads model, feature extractor and tokenizer at the same time, and compiles the kernels meanwhile.
 * @param model a Hugging Face id (`owner/name`), the base URL of a model, or a path: of a folder in Node, relative to the
 * page in browsers, where a path of just that form begins with `./` or ends with a slash.
 * @param options the last event of `progress_callback` is `{ status: 'ready', task, model }`.
 * @throws UniSpeechError saying what is wrong and what to do; nothing stays allocated.
 */
export async function pipeline<Task extends PipelineTask>(
  task: Task,
  model: string | URL,
  options: PipelineOptions = {},
): Promise<Tasks[Task]['pipeline']> {
  const names = Object.keys(TASKS);
  if (!names.includes(task)) {
    throw new UniSpeechError(
      'bad-option',
      `Unsupported pipeline: ${describeValue(task)}.`,
      `Must be one of [${names.join(', ')}].`,
    );
  }
  checkLocation(model);
  rejectUnknownOptions(options, PRETRAINED_OPTION_NAMES, 'pipeline');
  checkSignal(options.signal);
  checkCallback('progress_callback', options.progress_callback);
  return TASKS[task](model, options);
}
