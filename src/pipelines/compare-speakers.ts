/** Whether two clips are of one speaker, by their embeddings. Shared by the pipeline and its client for a worker. */
import { isList } from '../base/checks.ts';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import type { Tensor } from '../base/tensor.ts';
import type { AudioSource } from './audio-source.ts';
import type { CallOptions } from './call-options.ts';
import { cos_sim } from './cosine.ts';

export interface SpeakerComparisonOptions extends Omit<CallOptions, 'batch_size'> {
  /**
   * The least similarity at which two clips count as of one speaker. Default: 0.86, which the pages of `microsoft/wavlm-base-plus-sv` and its
   * siblings name. The best value depends on model and recordings: measure it on some of yours.
   */
  readonly threshold?: number | null | undefined;
}

export interface SpeakerComparison {
  /** The cosine of the two embeddings, from −1 to 1. */
  readonly similarity: number;
  /** Whether the similarity reaches the threshold. */
  readonly same: boolean;
  readonly threshold: number;
}

const DEFAULT_THRESHOLD = 0.86;

/**
 * @param embed gives the embeddings of a list of clips, [clips, width].
 * @throws UniSpeechError `bad-option`, `bad-input`, and what `embed` throws.
 */
export async function compareSpeakers(
  embed: (audio: readonly AudioSource[], options: CallOptions) => Promise<Tensor<'float32'>>,
  first: AudioSource,
  second: AudioSource,
  options: SpeakerComparisonOptions = {},
): Promise<SpeakerComparison> {
  rejectUnknownOptions(options, ['threshold', 'max_duration_s', 'signal'], 'A comparison of speakers');
  const { threshold: given, ...callOptions } = options;
  const threshold = given ?? DEFAULT_THRESHOLD;
  if (typeof threshold !== 'number' || !(Math.abs(threshold) <= 1))
    throw badOption('threshold', threshold, 'a number from -1 to 1');
  const list = [first, second].find(isList);
  if (list !== undefined) {
    throw new UniSpeechError(
      'bad-input',
      `A comparison of speakers got ${describeValue(list)} as one of its two clips.`,
      'Give one clip each, or compare rows of embed(list) by cos_sim.',
    );
  }
  const embeddings = await embed([first, second], callOptions);
  const similarity = cos_sim(embeddings.at(0).data, embeddings.at(1).data);
  return { similarity, same: similarity >= threshold, threshold };
}
