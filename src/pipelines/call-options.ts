/** The options that a call has in every task, checked by name and value. */
import { isDuration } from '../audio/duration.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption, checkSignal } from '../base/option-checks.ts';

export interface CallOptions {
  /** Number of clips that the model runs together; in speech recognition of pieces, of one clip or of several. Default: 1. */
  readonly batch_size?: number | undefined;
  /**
   * Maximum duration of audio in seconds. Longer audio is an error, after its first block if its header tells the length. The limit does not
   * apply to samples in memory. Default: none where speech is recognised in pieces, which reads clips bit by bit. 14400, four hours, where
   * all of a clip is needed at once: in one piece (`chunk_length_s: 0`) and in other tasks. Of a part (`start_s`), the part counts.
   */
  readonly max_duration_s?: number | undefined;
  /** Cancels the call, which rejects with the signal's reason. Work that the GPU has begun still ends there. */
  readonly signal?: AbortSignal | undefined;
}

export interface CheckedCall {
  readonly batchSize: number;
  /** Undefined: the default. */
  readonly maxSeconds: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * @param names the task's own options.
 * @param where shown in errors.
 * @throws UniSpeechError `bad-option`.
 */
export function checkCallOptions(options: CallOptions, names: readonly string[], where: string): CheckedCall {
  rejectUnknownOptions(options, [...names, 'batch_size', 'max_duration_s', 'signal'], where);
  const { batch_size: batchSize = 1, max_duration_s: maxSeconds, signal } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw badOption('batch_size', batchSize, 'a whole number of at least 1');
  if (maxSeconds !== undefined && !isDuration(maxSeconds))
    throw badOption('max_duration_s', maxSeconds, 'a positive number of seconds');
  checkSignal(signal);
  return { batchSize, maxSeconds, signal };
}
