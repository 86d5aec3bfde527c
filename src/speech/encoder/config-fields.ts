/**
 * The fields of config.json that a forward pass depends on, with the defaults and the bounds that most families share
 * (`configuration_unispeech.py`). A family replaces the rules of the fields in which it differs.
 */
import { activationNamed, activationNames } from '../../../kernels/activation.ts';
import { isListOf } from '../../base/checks.ts';
import type { JsonFile } from '../../base/json-file.ts';
import { readLabels, type LabelFields } from './labels.ts';

/** What the value of a field is where the file has none, and what it may be. */
export interface FieldRule<V> {
  readonly fallback: V;
  /** Whether the value is always the fallback, whatever the file says. */
  readonly isFixed?: boolean;
  /** Completes "it must be". */
  readonly expected: string;
  readonly accepts: (value: unknown) => value is V;
}

const numberRule = (
  [fallback, min, max]: readonly [fallback: number, min: number, max: number],
  what: string,
  isOfKind: (value: unknown) => boolean,
): FieldRule<number> => ({
  fallback,
  expected: `${what} from ${min} to ${max}`,
  accepts: (value): value is number => isOfKind(value) && Number(value) >= min && Number(value) <= max,
});

export const integerField = (...range: readonly [fallback: number, min: number, max: number]) =>
  numberRule(range, 'a whole number', Number.isInteger);

export const numberField = (...range: readonly [fallback: number, min: number, max: number]) =>
  numberRule(range, 'a number', Number.isFinite);

export const booleanField = (fallback: boolean): FieldRule<boolean> => ({
  fallback,
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
});

export const activationField = (fallback: string): FieldRule<string> => ({
  fallback,
  expected: `one of ${activationNames().join(', ')}`,
  accepts: (value): value is string => typeof value === 'string' && activationNamed(value) !== undefined,
});

const MAX_CONV_COUNT = 64;

/** A list with an entry for each convolution. */
export function convolutionsField(fallback: readonly number[], max: number): FieldRule<readonly number[]> {
  const entry = numberRule([1, 1, max], 'whole numbers', Number.isInteger);
  return {
    fallback,
    expected: `a list of 1 to ${MAX_CONV_COUNT} ${entry.expected}`,
    accepts: (value): value is readonly number[] =>
      isListOf(value, entry.accepts) && value.length > 0 && value.length <= MAX_CONV_COUNT,
  };
}

/** One of some names, of which the first is the default. */
export const choiceField = <const V extends string>(...names: readonly [V, ...V[]]): FieldRule<V> => ({
  fallback: names[0],
  expected: names.map((name) => `"${name}"`).join(' or '),
  accepts: (value): value is V => (names as readonly unknown[]).includes(value),
});

/** A whole number that may be left open with null. */
export const optionalIntegerField = (min: number, max: number): FieldRule<number | null> => {
  const rule = integerField(min, min, max);
  return {
    fallback: null,
    expected: `null or ${rule.expected}`,
    accepts: (value) => value === null || rule.accepts(value),
  };
};

/** A field that models of a family read as this value, whatever their files say. */
export const fixedField = <V>(rule: FieldRule<V>, value: V): FieldRule<V> => ({
  ...rule,
  fallback: value,
  isFixed: true,
});

/**
 * The largest whole numbers are several times those of the largest wav2vec 2.0 models (XLS-R 2B has 48 layers, 1,920 channels,
 * 7,680 in between; multilingual vocabularies some hundred thousand tokens): what is beyond them is a mistake, or was made to
 * have the engine build something without end.
 */
const sharedFields = () => ({
  vocab_size: integerField(32, 1, 2 ** 19),
  hidden_size: integerField(768, 1, 2 ** 14),
  num_hidden_layers: integerField(12, 0, 512),
  num_attention_heads: integerField(12, 1, 2 ** 10),
  intermediate_size: integerField(3072, 1, 2 ** 16),
  num_conv_pos_embeddings: integerField(128, 1, 2 ** 12),
  num_conv_pos_embedding_groups: integerField(16, 1, 2 ** 14),
  pad_token_id: integerField(0, 0, 2 ** 31 - 1),
  bos_token_id: integerField(1, 0, 2 ** 31 - 1),
  eos_token_id: integerField(2, 0, 2 ** 31 - 1),
  layer_norm_eps: numberField(1e-5, 0, 1),
  mask_time_prob: numberField(0.05, 0, 1),
  mask_feature_prob: numberField(0, 0, 1),
  conv_bias: booleanField(false),
  adapter_attn_dim: optionalIntegerField(1, 2 ** 14),
  add_adapter: booleanField(false),
  adapter_kernel_size: integerField(3, 1, 2 ** 10),
  adapter_stride: integerField(2, 1, 2 ** 10),
  num_adapter_layers: integerField(3, 0, 64),
  output_hidden_size: optionalIntegerField(1, 2 ** 14),
  do_stable_layer_norm: booleanField(false),
  apply_spec_augment: booleanField(true),
  output_hidden_states: booleanField(false),
  output_attentions: booleanField(false),
  tie_last_hidden_states: booleanField(false),
  use_weighted_layer_sum: booleanField(false),
  tdnn_dim: convolutionsField([512, 512, 512, 512, 1500], 2 ** 14),
  tdnn_kernel: convolutionsField([5, 3, 3, 1, 1], 2 ** 10),
  tdnn_dilation: convolutionsField([1, 2, 3, 1, 1], 2 ** 10),
  xvector_output_dim: integerField(512, 1, 2 ** 16),
  classifier_proj_size: integerField(256, 1, 2 ** 16),
  num_codevectors_per_group: integerField(320, 1, 2 ** 16),
  num_codevector_groups: integerField(2, 1, 2 ** 10),
  codevector_dim: integerField(256, 1, 2 ** 16),
  proj_codevector_dim: integerField(256, 1, 2 ** 16),
  num_ctc_classes: integerField(80, 1, 2 ** 19),
  replace_prob: numberField(0.5, 0, 1),
  ctc_loss_reduction: choiceField('mean', 'sum', 'none'),
  ctc_zero_infinity: booleanField(false),
  mask_time_length: integerField(10, 1, 2 ** 20),
  mask_time_min_masks: integerField(2, 0, 2 ** 20),
  contrastive_logits_temperature: numberField(0.1, 1e-6, 1e6),
  num_negatives: integerField(100, 0, 2 ** 16),
  diversity_loss_weight: numberField(0.1, 0, 1e6),
  feat_extract_norm: choiceField('group', 'layer'),
  feat_extract_activation: activationField('gelu'),
  hidden_act: activationField('gelu'),
  conv_dim: convolutionsField([512, 512, 512, 512, 512, 512, 512], 2 ** 14),
  conv_stride: convolutionsField([5, 2, 2, 2, 2, 2, 2], 2 ** 10),
  conv_kernel: convolutionsField([10, 3, 3, 3, 3, 2, 2], 2 ** 10),
});
type FieldRules = ReturnType<typeof sharedFields>;

/** The values of fields with these rules. */
export type FieldValues<Rules> = {
  readonly [K in keyof Rules]: Rules[K] extends FieldRule<infer V> ? V : never;
};
/** The values of the fields that all families have. */
export type ConfigFields = LabelFields & FieldValues<FieldRules>;
/** Rules that a family has instead of those above, and rules of its own fields. */
export type OwnFieldRules = Readonly<Partial<FieldRules> & Record<string, FieldRule<unknown>>>;

/** @throws UniSpeechError `bad-config` naming the key, what it is and what it may be. */
export function readFields(file: JsonFile, own: OwnFieldRules): ConfigFields {
  const rules = Object.entries<FieldRule<unknown>>({ ...sharedFields(), ...own });
  const entries = rules.map(([key, { fallback, isFixed, expected, accepts }]) => {
    const value = file.get(key);
    // Old files leave ids open with null; the engine never needs them in that case.
    if (isFixed === true || value === undefined || (value === null && key.endsWith('_token_id')))
      return [key, fallback] as const;
    if (!accepts(value)) throw file.wrong(key, expected);
    return [key, value] as const;
  });
  return { ...Object.fromEntries(entries), ...readLabels(file) } as ConfigFields;
}
