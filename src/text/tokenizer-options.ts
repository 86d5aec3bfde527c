/** Options and results of the tokenizers, with the names that transformers and transformers.js use. */
import { isCount, isListOf, isRecord } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption, checkBoolean } from '../base/option-checks.ts';
import type { Tensor } from '../base/tensor.ts';
import type { TokenPadOptions } from './pad-token-ids.ts';
import type { AddedToken } from './vocabulary.ts';

/** Options of every tokenizer. `null` means that there is no such token; left out means the default. */
export interface TokenizerOptions {
  /** Default `<s>`. */
  readonly bos_token?: string | null | undefined;
  /** Default `</s>`. */
  readonly eos_token?: string | null | undefined;
  /** What unknown tokens and ids become. Default `<unk>`. */
  readonly unk_token?: string | null | undefined;
  /** The CTC blank. Default `<pad>`. */
  readonly pad_token?: string | null | undefined;
  readonly extra_special_tokens?: readonly string[] | undefined;
  readonly added_tokens?: readonly AddedToken[] | undefined;
  /** Default of the option of `decode`. Default false. */
  readonly clean_up_tokenization_spaces?: boolean | undefined;
  readonly padding_side?: 'left' | 'right' | undefined;
  /** Default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface EncodeOptions extends TokenPadOptions {
  /** Accepted for transformers.js; no effect, as CTC tokenizers put nothing around a sequence. */
  readonly add_special_tokens?: boolean | undefined;
  /** False gives plain arrays, which may differ in length. Default true. */
  readonly return_tensor?: boolean | undefined;
}

export interface TensorEncoding {
  /** `[batch, length]`. */
  readonly input_ids: Tensor<'int64'>;
  /** `[batch, length]`: 1 for ids, 0 for padding. */
  readonly attention_mask: Tensor<'int64'>;
}
/** Of one text: two lists; of several: two lists of lists. */
export interface ListEncoding {
  readonly input_ids: readonly number[] | readonly (readonly number[])[];
  readonly attention_mask: readonly number[] | readonly (readonly number[])[];
}

/** Options of `decode` that all tokenizers have. */
export interface DecodeOptions {
  /**
   * Drops special tokens, **the blank included, before equal tokens are merged**: double letters are lost and
   * offsets count only what is left. Leave it off to decode what a CTC model says. Default false.
   */
  readonly skip_special_tokens?: boolean | undefined;
  /** Removes spaces before English punctuation. Default: the tokenizer's option. */
  readonly clean_up_tokenization_spaces?: boolean | undefined;
  /** Merges equal neighbours. Default true. */
  readonly group_tokens?: boolean | undefined;
  readonly spaces_between_special_tokens?: boolean | undefined;
  /** Also return each character with its frames. Default false. */
  readonly output_char_offsets?: boolean | undefined;
}
export type WithOffsets = { readonly output_char_offsets: true } | { readonly output_word_offsets: true };
export interface WithoutOffsets {
  readonly output_char_offsets?: false | undefined;
  readonly output_word_offsets?: false | undefined;
}
/** An object of lists: what `batch_decode` makes of objects. */
export type Batched<Decoded> = { readonly [Key in keyof Decoded]: Decoded[Key][] };

/** @throws UniSpeechError `bad-option` where one of these options is neither true nor false nor left out. */
export function checkFlags(options: object, names: readonly string[], where: string): void {
  for (const [name, value] of Object.entries(options))
    if (names.includes(name)) checkBoolean(`${where}: ${name}`, value);
}

export const DECODE_OPTION_NAMES = [
  'skip_special_tokens',
  'clean_up_tokenization_spaces',
  'group_tokens',
  'spaces_between_special_tokens',
  'output_char_offsets',
] as const satisfies (keyof DecodeOptions)[];

/** Options that every tokenizer has, and their defaults. */
export const TOKENIZER_DEFAULTS: Complete<TokenizerOptions> = {
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '<unk>',
  pad_token: '<pad>',
  extra_special_tokens: [],
  added_tokens: [],
  clean_up_tokenization_spaces: false,
  padding_side: 'right',
  onWarning: (message: string) => console.warn(message),
};

/** Options of which none is left out. */
export type Complete<Options> = {
  readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined>;
};

/**
 * The options with the defaults of those that are left out, or null without being a token.
 * @throws UniSpeechError `bad-option` for options that have no default, and for values of another kind than that.
 */
export function withDefaults<Options extends object>(
  options: Options,
  defaults: Complete<Options>,
  className: string,
): Complete<Options> {
  rejectUnknownOptions(options, Object.keys(defaults), className);
  const given = Object.entries(options).filter(
    ([name, value]) => value !== undefined && (value !== null || name.endsWith('_token')),
  );
  for (const [name, value] of given) {
    const [expected, accepts] = kindOf(name, (defaults as Readonly<Record<string, unknown>>)[name]);
    if (!accepts(value)) throw badOption(`${className}: ${name}`, value, expected);
  }
  return { ...defaults, ...Object.fromEntries(given) };
}

/** What an option may be, told by its name or its default. */
function kindOf(name: string, fallback: unknown): [expected: string, accepts: (value: unknown) => boolean] {
  if (name === 'padding_side') return ['"left" or "right"', (value) => value === 'left' || value === 'right'];
  if (name === 'added_tokens')
    return ['a list of { content, id?, lstrip?, rstrip? }', (value) => isListOf(value, isAddedToken)];
  if (name === 'extra_special_tokens') return ['a list of strings', (value) => isListOf(value, isString)];
  if (typeof fallback === 'boolean') return ['true or false', (value) => typeof value === 'boolean'];
  if (typeof fallback === 'function') return ['a function', (value) => typeof value === 'function'];
  return ['a string or null', (value) => value === null || isString(value)];
}

const isString = (value: unknown): value is string => typeof value === 'string';

function isAddedToken(value: unknown): value is AddedToken {
  if (!isRecord(value)) return false;
  const { content, id = 0, lstrip = false, rstrip = false } = value;
  return isString(content) && isCount(id) && typeof lstrip === 'boolean' && typeof rstrip === 'boolean';
}
