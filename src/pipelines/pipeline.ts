/** `pipeline(task, model)`, as in transformers.js (`pipelines.js`). */
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { checkCallback, checkSignal } from '../base/option-checks.ts';
import { checkLocation, PRETRAINED_OPTION_NAMES } from '../speech/core/load-options.ts';
import { checkDecoderChoice } from './choose-decoder.ts';
import type { PipelineOptions } from './load-pipeline.ts';
import { type PipelineTask, TASKS, type Tasks } from './registry.ts';

/**
 * Loads model, feature extractor and tokenizer in parallel, and compiles the kernels in the meantime.
 * @param model a Hugging Face id (`owner/name`), the base URL of a model, or a path. In Node that is the path of a folder. In browsers
 * it is relative to the page; a path with one slash must begin with `./` or end with a slash there.
 * @param options the last event of `progress_callback` is `{ status: 'ready', task, model }`.
 * @throws UniSpeechError that says what is wrong and what to do. Nothing stays allocated then.
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
  rejectUnknownOptions(options, [...PRETRAINED_OPTION_NAMES, 'decoder'], 'pipeline');
  checkDecoderChoice(options.decoder);
  const { decoder, ...others } = options;
  const isSpeechRecognition = TASKS[task] === TASKS.asr;
  if (decoder && !isSpeechRecognition)
    throw new UniSpeechError(
      'bad-option',
      `decoder is of use only in speech recognition, and the task is ${task}.`,
    );
  checkSignal(options.signal);
  checkCallback('progress_callback', options.progress_callback);
  return TASKS[task](model, isSpeechRecognition ? options : others);
}
