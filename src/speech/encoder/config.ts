/** `UniSpeechConfig`: what config.json says of a model, checked (`configuration_unispeech.py`). */
import { activationNamed, activationNames } from '../../../kernels/activation.ts';
import { describeValue, UniSpeechError } from '../../base/errors.ts';
import { checkString } from '../../base/option-checks.ts';
import { JsonFile } from '../../base/json-file.ts';
import { isQuantizedDtype, QUANTIZATION, QUANTIZED_DTYPES, type QuantizedDtype } from './weight-dtype.ts';
import { convLength, receptiveField, type ConvGeometry } from '../../graph/shape.ts';

/**
 * Whole numbers: default, least and most. The most are several times those of the largest wav2vec 2.0 models (XLS-R 2B has 48
 * layers, 1,920 channels, 7,680 in between; multilingual vocabularies some hundred thousand tokens): what is beyond
 * them is a mistake, or was made to have the engine build something without end.
 */
const INTEGERS = {
  vocab_size: [32, 1, 2 ** 19],
  hidden_size: [768, 1, 2 ** 14],
  num_hidden_layers: [12, 0, 512],
  num_attention_heads: [12, 1, 2 ** 10],
  intermediate_size: [3072, 1, 2 ** 16],
  num_conv_pos_embeddings: [128, 1, 2 ** 12],
  num_conv_pos_embedding_groups: [16, 1, 2 ** 14],
  pad_token_id: [0, 0, 2 ** 31 - 1],
  bos_token_id: [1, 0, 2 ** 31 - 1],
  eos_token_id: [2, 0, 2 ** 31 - 1],
} as const;
const NUMBERS = {
  layer_norm_eps: [1e-5, 0, 1],
  mask_time_prob: [0.05, 0, 1],
  mask_feature_prob: [0, 0, 1],
} as const;
const BOOLEANS = {
  conv_bias: false,
  do_stable_layer_norm: false,
  apply_spec_augment: true,
  output_hidden_states: false,
  output_attentions: false,
} as const;
const NORMS = { feat_extract_norm: 'group' } as const;
const ACTIVATIONS = { feat_extract_activation: 'gelu', hidden_act: 'gelu' } as const;
/** Lists with an entry a convolution: default and the most of an entry. */
const LISTS = {
  conv_dim: [[512, 512, 512, 512, 512, 512, 512], 2 ** 14],
  conv_stride: [[5, 2, 2, 2, 2, 2, 2], 2 ** 10],
  conv_kernel: [[10, 3, 3, 3, 3, 2, 2], 2 ** 10],
} as const;
const MAX_CONV_COUNT = 64;
/** A minute at 16 kHz; of real models a frame comes of 25 ms, 20 ms after the one before. */
const MAX_SAMPLES_PER_FRAME = 960_000;
type Fields = Readonly<Record<keyof typeof INTEGERS | keyof typeof NUMBERS, number>> & {
  readonly [K in keyof typeof BOOLEANS]: boolean;
} & { readonly [K in keyof typeof NORMS]: 'group' | 'layer' } & {
  readonly [K in keyof typeof ACTIVATIONS]: string;
} & { readonly [K in keyof typeof LISTS]: readonly number[] };

/** Tells the compiler that instances hold the fields themselves: `config.hidden_size` reads as in transformers.js. */
const WithFields = Object as unknown as new () => Fields;

/**
 * A checked configuration. Keys of the reference that change nothing in a forward pass (dropouts, training options) and
 * keys that nobody knows stay in `json`.
 */
export class UniSpeechConfig extends WithFields {
  readonly model_type = 'unispeech';

  private constructor(
    fields: Fields,
    /** Everything that config.json says, as it is there. */
    readonly json: Readonly<Record<string, unknown>>,
  ) {
    super();
    Object.assign(this, fields);
  }

  /**
   * @param name of the file, shown in errors.
   * @throws UniSpeechError `bad-config` naming the key, what it is and what it may be; `unsupported` for adapters.
   */
  static fromJson(value: unknown, name = 'config.json'): UniSpeechConfig {
    checkString('name', name);
    const file = new JsonFile(name, value);
    const fields: Fields = {
      ...readFields(file, INTEGERS, (range) => numberRule(range, 'a whole number', Number.isInteger)),
      ...readFields(file, NUMBERS, (range) => numberRule(range, 'a number', Number.isFinite)),
      ...readFields(file, BOOLEANS, (fallback) => ({
        fallback,
        expected: 'true or false',
        accepts: isBoolean,
      })),
      ...readFields(file, NORMS, (fallback) => ({
        fallback,
        expected: '"group" or "layer"',
        accepts: isNorm,
      })),
      ...readFields(file, ACTIVATIONS, (fallback) => ({
        fallback,
        expected: `one of ${activationNames().join(', ')}`,
        accepts: isActivation,
      })),
      ...readFields(file, LISTS, listRule),
    };
    checkFields(fields, file);
    return new UniSpeechConfig(fields, value as Readonly<Record<string, unknown>>);
  }

  /** Kernel and stride of each convolution. */
  get convGeometry(): readonly ConvGeometry[] {
    const { conv_kernel, conv_stride } = this;
    return conv_kernel.map((kernel, i) => ({ kernel, stride: conv_stride[i] ?? 1 }));
  }

  /** Samples a frame: the product of the strides, 320 by default. */
  get inputs_to_logits_ratio(): number {
    return product(this.conv_stride);
  }

  /** Samples that the shortest clip needs, 400 by default. */
  get minimumSampleCount(): number {
    return receptiveField(this.convGeometry);
  }

  /** Frames of a clip; zero or less when it is shorter than the receptive field. */
  frameCount(sampleCount: number): number {
    return convLength(sampleCount, this.convGeometry);
  }

  /** What the weights were quantized to by `unispeech quantize`, where they were. */
  get quantizedDtype(): QuantizedDtype | undefined {
    const { quantization_config: quantization } = this.json as {
      quantization_config?: { dtype: QuantizedDtype };
    };
    return quantization?.dtype;
  }

  /** Whether a checkpoint of this configuration holds `masked_spec_embed`. */
  get hasMaskEmbedding(): boolean {
    return this.mask_time_prob > 0 || this.mask_feature_prob > 0;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { json, ...values } = this;
    return { ...json, ...values };
  }
}

const product = (factors: readonly number[]): number => factors.reduce((total, factor) => total * factor, 1);
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isNorm = (value: unknown): value is 'group' | 'layer' => value === 'group' || value === 'layer';
const isActivation = (value: unknown): value is string =>
  typeof value === 'string' && activationNamed(value) !== undefined;

/** What the value of a key may be. */
interface Rule<V> {
  readonly fallback: V;
  readonly expected: string;
  readonly accepts: (value: unknown) => value is V;
}

function numberRule(
  [fallback, min, max]: readonly [fallback: number, min: number, max: number],
  what: string,
  isOfKind: (value: unknown) => boolean,
): Rule<number> {
  return {
    fallback,
    expected: `${what} from ${min} to ${max}`,
    accepts: (value): value is number => isOfKind(value) && Number(value) >= min && Number(value) <= max,
  };
}

function listRule([fallback, max]: readonly [fallback: readonly number[], max: number]): Rule<
  readonly number[]
> {
  const entry = numberRule([1, 1, max], 'whole numbers', Number.isInteger);
  return {
    fallback,
    expected: `a list of 1 to ${MAX_CONV_COUNT} ${entry.expected}`,
    accepts: (value): value is readonly number[] =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.length <= MAX_CONV_COUNT &&
      value.every((item) => entry.accepts(item)),
  };
}

/** The values of some keys, or their defaults where the file has none. */
function readFields<K extends string, D, V>(
  file: JsonFile,
  defaults: Readonly<Record<K, D>>,
  ruleOf: (entry: D) => Rule<V>,
): Record<K, V> {
  const entries = (Object.entries(defaults) as [K, D][]).map(([key, entry]): [K, V] => {
    const { fallback, expected, accepts } = ruleOf(entry);
    const value = file.get(key);
    // Old files leave ids open with null; the engine never needs them in that case.
    if (value === undefined || (value === null && key.endsWith('_token_id'))) return [key, fallback];
    if (!accepts(value)) throw file.wrong(key, expected);
    return [key, value];
  });
  return Object.fromEntries(entries) as Record<K, V>;
}

function checkFields(fields: Fields, file: JsonFile): void {
  const fail = (message: string): never => {
    throw new UniSpeechError('bad-config', `${file.name}: ${message}.`);
  };
  const modelType = file.get('model_type');
  if (modelType !== undefined && modelType !== 'unispeech')
    fail(`"model_type" is ${describeValue(modelType)}, but this engine runs "unispeech" models only`);
  const { conv_dim, conv_stride, conv_kernel } = fields;
  if (conv_dim.length !== conv_stride.length || conv_dim.length !== conv_kernel.length) {
    fail(
      `"conv_dim", "conv_stride" and "conv_kernel" must have the same length, but they have ` +
        `${conv_dim.length}, ${conv_stride.length} and ${conv_kernel.length} entries`,
    );
  }
  const geometry = conv_kernel.map((kernel, i) => ({ kernel, stride: conv_stride[i] ?? 1 }));
  // Kernels of 1 leave a receptive field of 1 sample whatever the strides.
  const sampleCount = Math.max(receptiveField(geometry), product(conv_stride));
  if (sampleCount > MAX_SAMPLES_PER_FRAME) {
    fail(
      `"conv_kernel" and "conv_stride" make one frame of ${sampleCount} samples, ` +
        `but it may be at most ${MAX_SAMPLES_PER_FRAME}`,
    );
  }
  for (const key of ['num_attention_heads', 'num_conv_pos_embedding_groups'] as const) {
    if (fields.hidden_size % fields[key] === 0) continue;
    fail(`"hidden_size" (${fields.hidden_size}) must be divisible by "${key}" (${fields[key]})`);
  }
  checkQuantization(file);
  for (const key of ['adapter_attn_dim', 'add_adapter']) {
    const value = file.get(key);
    if (value === undefined || value === null || value === false) continue;
    throw new UniSpeechError(
      'unsupported',
      `${file.name}: "${key}" is ${describeValue(value)}, but UniSpeech models with adapters are not supported.`,
    );
  }
}

/** Weights that somebody else's tool quantized have layouts of their own. */
function checkQuantization(file: JsonFile): void {
  const quantization = file.object('quantization_config');
  if (quantization === undefined) return;
  const [method, dtype, version] = ['quant_method', 'dtype', 'version'].map((key) => quantization.get(key));
  if (method === QUANTIZATION.method && version === QUANTIZATION.version && isQuantizedDtype(dtype)) return;
  throw new UniSpeechError(
    'unsupported',
    `${quantization.name} says ${describeValue(method)}, version ${describeValue(version)}, dtype ${describeValue(dtype)}, which this engine does not read.`,
    `Take the original checkpoint: the dtype option and "unispeech quantize" make ${QUANTIZED_DTYPES.join(', ')} from it.`,
  );
}
