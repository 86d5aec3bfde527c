/** Token id lists of unequal length → one batch with its mask. */
import { isCount } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { Tensor } from '../base/tensor.ts';

export interface TokenPadOptions {
  /** `true` or `'longest'`: to the longest sequence; `'max_length'`: to `max_length`. Default: no padding. */
  readonly padding?: boolean | 'longest' | 'max_length' | 'do_not_pad' | undefined;
  /** Cut sequences to `max_length` ids. Default false. */
  readonly truncation?: boolean | undefined;
  readonly max_length?: number | undefined;
}
export const PAD_OPTION_NAMES = ['padding', 'truncation', 'max_length'] as const;

export interface PaddedIds {
  readonly input_ids: readonly (readonly number[])[];
  /** 1 for ids, 0 for padding. */
  readonly attention_mask: readonly (readonly number[])[];
}

/** In ids, of a padded batch: 64 MB of them. */
const MAX_PADDED_LENGTH = 2 ** 23;

const badOption = (message: string, fix?: string) => new UniSpeechError('bad-option', message, fix);

/**
 * Truncates, then pads, as `tokenization_utils_base.py` does. Without padding, rows keep their lengths.
 * @param padId the tokenizer's pad id; null when it has none.
 * @throws UniSpeechError `bad-option`.
 */
export function padTokenIds(
  rows: readonly (readonly number[])[],
  { padding = false, truncation = false, max_length }: TokenPadOptions,
  padId: number | null,
  side: 'left' | 'right',
): PaddedIds {
  if (![true, false, 'longest', 'max_length', 'do_not_pad'].includes(padding))
    throw badOption(
      `padding is ${describeValue(padding)}, but it is true, false, 'longest', 'max_length' or 'do_not_pad'.`,
    );
  if (typeof truncation !== 'boolean')
    throw badOption(`truncation is ${describeValue(truncation)}, but it must be true or false.`);
  if (max_length !== undefined && !isCount(max_length))
    throw badOption(`max_length is ${describeValue(max_length)}, but it is a non-negative integer.`);
  if ((truncation || padding === 'max_length') && max_length === undefined)
    throw badOption(`${truncation ? 'truncation: true' : "padding: 'max_length'"} needs max_length.`);
  const input_ids = truncation ? rows.map((row) => row.slice(0, max_length)) : rows;
  const pads = padding !== false && padding !== 'do_not_pad';
  const longest = input_ids.reduce((length, row) => Math.max(length, row.length), 0);
  const target = !pads ? 0 : padding === 'max_length' ? (max_length ?? 0) : longest;
  if (target * rows.length > MAX_PADDED_LENGTH) {
    throw badOption(
      `Padding ${rows.length} sequences to ${target} ids makes more than ${MAX_PADDED_LENGTH} of them.`,
      'Pad fewer sequences at once, or to a smaller max_length.',
    );
  }
  const extend = (row: readonly number[], fill: number): number[] => {
    const extra = new Array<number>(Math.max(0, target - row.length)).fill(fill);
    return side === 'right' ? [...row, ...extra] : [...extra, ...row];
  };
  if (pads && padId === null)
    throw badOption('Padding needs a pad token, but this tokenizer has none.', 'Set pad_token.');
  return {
    input_ids: input_ids.map((row) => extend(row, padId ?? 0)),
    attention_mask: input_ids.map(({ length }) => extend(new Array<number>(length).fill(1), 0)),
  };
}

/**
 * `[batch, length]` of rows of one length.
 * @throws UniSpeechError `bad-input` when the lengths differ.
 */
export function idTensor(rows: readonly (readonly number[])[]): Tensor<'int64'> {
  const length = rows[0]?.length ?? 0;
  const odd = rows.find((row) => row.length !== length);
  if (odd !== undefined) {
    throw new UniSpeechError(
      'bad-input',
      `A tensor needs sequences of one length, but these have ${length} and ${odd.length} ids.`,
      'Pass padding: true, or return_tensor: false for plain arrays.',
    );
  }
  return new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, length]);
}
