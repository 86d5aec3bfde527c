/** Truncation and padding of batches, as in `transformers/feature_extraction_sequence_utils.py`. */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { checkBoolean } from '../base/option-checks.ts';

export type PaddingStrategy = 'longest' | 'max_length' | 'do_not_pad';

export interface PaddingOptions {
  /** `true` is `'longest'`, `false` is `'do_not_pad'`. */
  readonly padding?: boolean | PaddingStrategy;
  /** Length in samples for `padding: 'max_length'` and for `truncation`. */
  readonly max_length?: number | null;
  /** Keeps only the first `max_length` samples of longer clips. */
  readonly truncation?: boolean;
  /** Raises the padded length and `max_length` to a multiple of this many samples. */
  readonly pad_to_multiple_of?: number | null;
}

export const PADDING_OPTIONS = ['padding', 'max_length', 'truncation', 'pad_to_multiple_of'] as const;

/** Samples of one batch after padding: 2 GiB, more than any adapter holds at once. */
const MAX_SAMPLES = 2 ** 29;

const STRATEGIES: readonly PaddingStrategy[] = ['longest', 'max_length', 'do_not_pad'];

/** How one clip is padded. */
export interface PaddedLength {
  /** Samples kept of the clip. */
  readonly kept: number;
  /** Samples after padding. */
  readonly total: number;
}

/** @throws UniSpeechError `bad-option` for anything that is not a strategy. */
export function paddingStrategy(padding: boolean | PaddingStrategy): PaddingStrategy {
  if (padding === true) return 'longest';
  if (padding === false) return 'do_not_pad';
  if (!STRATEGIES.includes(padding)) {
    const names = STRATEGIES.map((name) => `'${name}'`).join(', ');
    throw new UniSpeechError(
      'bad-option',
      `${describeValue(padding)} is not a valid PaddingStrategy, please select one of [${names}].`,
    );
  }
  return padding;
}

/**
 * Plans truncation and padding. Each clip is truncated first; `'longest'` then takes the longest truncated clip. Clips longer than
 * the padded length stay as they are.
 *
 * @param lengths samples per clip.
 * @throws UniSpeechError `bad-option`.
 */
export function planPadding(
  lengths: readonly number[],
  strategy: PaddingStrategy,
  options: PaddingOptions,
): PaddedLength[] {
  checkBoolean('truncation', options.truncation);
  const multiple = positiveInteger('pad_to_multiple_of', options.pad_to_multiple_of) ?? 1;
  const givenMaximum = positiveInteger('max_length', options.max_length);
  const roundUp = (length: number) => Math.ceil(length / multiple) * multiple;
  const maximum = givenMaximum === undefined ? undefined : roundUp(givenMaximum);

  const truncates = options.truncation === true;
  if (maximum === undefined && (truncates || strategy === 'max_length')) {
    throw new UniSpeechError(
      'bad-option',
      truncates
        ? 'When setting `truncation=True`, make sure that `max_length` is defined.'
        : 'When setting `padding=PaddingStrategy.MAX_LENGTH`, make sure that max_length is defined.',
    );
  }
  const kept = lengths.map((length) => Math.min(length, truncates ? (maximum ?? length) : length));
  const longest =
    strategy === 'longest' ? roundUp(kept.reduce((most, length) => Math.max(most, length), 0)) : 0;
  const target = strategy === 'max_length' ? (maximum ?? 0) : longest;
  const planned = kept.map((length) => ({ kept: length, total: Math.max(length, target) }));
  const sampleCount = planned.reduce((sum, { total }) => sum + total, 0);
  if (sampleCount > MAX_SAMPLES) {
    throw new UniSpeechError(
      'bad-option',
      `Padding to ${target} samples would make ${sampleCount} of ${lengths.length} clips, more than the ${MAX_SAMPLES} of one batch.`,
      'Give a smaller max_length or pad_to_multiple_of, or fewer clips.',
    );
  }
  return planned;
}

function positiveInteger(name: string, value: number | null | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Number.isInteger(value) || value <= 0) {
    throw new UniSpeechError(
      'bad-option',
      `${name} must be a positive whole number of samples, found ${describeValue(value)}.`,
    );
  }
  return value;
}
