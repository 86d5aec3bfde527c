/** The options of a queue and of its clips, checked by name and value. */
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { badOption, checkCallback, checkChoice, checkObject } from '../base/option-checks.ts';
import type { SpeechRecognitionOptions } from './recognition-options.ts';

/** Options of `queue()`. */
export interface RecognitionQueueOptions {
  /** The most pieces of a batch. Default: 8. */
  readonly max_batch?: number | undefined;
  /** The most seconds of a batch, padding included; a longer piece runs alone. Default: as many as the adapter has memory for, at most 30. */
  readonly max_batch_seconds?: number | undefined;
  /** So many milliseconds a batch that is not full waits for more clips while another one runs. Default: 5. */
  readonly linger_ms?: number | undefined;
  /** Called before and after each batch. What it throws is an uncaught error of the program; no clip fails. */
  readonly batch_callback?: ((batch: QueueBatch) => void) | undefined;
}

/** Options of a clip in a queue. Which clips share a batch is the queue's affair. */
export interface QueuedClipOptions extends Omit<SpeechRecognitionOptions, 'batch_size'> {
  /** `low` waits while clips of `normal` priority have pieces or wait to be opened. Default: `normal`. */
  readonly priority?: 'normal' | 'low' | undefined;
  /** Stands for the clip in `batch_callback`. */
  readonly id?: string | undefined;
}

/** A batch that begins or has ended, however it did. */
export interface QueueBatch {
  readonly status: 'begin' | 'end';
  /** Of the clips that have pieces in it and an `id`. */
  readonly ids: readonly string[];
  readonly piece_count: number;
  readonly audio_seconds: number;
  /** The same with padding. */
  readonly padded_seconds: number;
  /** At the end: since the beginning, or the end of the batch before it. */
  readonly milliseconds?: number;
}

export interface CheckedQueueOptions {
  readonly maxBatch: number;
  readonly maxBatchSeconds: number | undefined;
  readonly lingerMilliseconds: number;
  readonly onBatch: ((batch: QueueBatch) => void) | undefined;
}

const MAX_LINGER_MILLISECONDS = 10_000;

/** @throws UniSpeechError `bad-option`. */
export function checkQueueOptions(options: RecognitionQueueOptions): CheckedQueueOptions {
  const names = ['max_batch', 'max_batch_seconds', 'linger_ms', 'batch_callback'];
  rejectUnknownOptions(options, names, 'queue()');
  const { max_batch: maxBatch = 8, max_batch_seconds: maxBatchSeconds } = options;
  const { linger_ms: lingerMilliseconds = 5, batch_callback: onBatch } = options;
  if (!Number.isInteger(maxBatch) || maxBatch < 1)
    throw badOption('max_batch', maxBatch, 'a whole number of at least 1');
  if (maxBatchSeconds !== undefined && !(Number.isFinite(maxBatchSeconds) && maxBatchSeconds > 0))
    throw badOption('max_batch_seconds', maxBatchSeconds, 'a positive number of seconds');
  if (!(lingerMilliseconds >= 0 && lingerMilliseconds <= MAX_LINGER_MILLISECONDS))
    throw badOption('linger_ms', lingerMilliseconds, `from 0 to ${MAX_LINGER_MILLISECONDS} milliseconds`);
  checkCallback('batch_callback', onBatch);
  return { maxBatch, maxBatchSeconds, lingerMilliseconds, onBatch };
}

/** @returns `call`: the options that every call has, unchecked. @throws UniSpeechError `bad-option`. */
export function checkQueuedClip(options: QueuedClipOptions): {
  readonly isLow: boolean;
  readonly id: string | undefined;
  readonly call: SpeechRecognitionOptions;
} {
  checkObject('The options of a clip in a queue', options);
  const { priority = 'normal', id, ...call } = options;
  checkChoice('priority', priority, ['normal', 'low']);
  const name: unknown = id;
  if (name !== undefined && typeof name !== 'string') throw badOption('id', name, 'a text');
  if ('batch_size' in call)
    throw new UniSpeechError(
      'bad-option',
      `batch_size is ${describeValue(call.batch_size)}, but a queue makes batches of many clips.`,
      'Set max_batch of queue() instead.',
    );
  return { isLow: priority === 'low', id: name, call };
}
