/** The checked configuration of a model (config.json). Configurations of all families have the same fields. */
import { checkString } from '../../base/option-checks.ts';
import { describeValue, UniSpeechError } from '../../base/errors.ts';
import { JsonFile } from '../../base/json-file.ts';
import {
  convLength,
  framesAfter,
  framesFor,
  poolWindow,
  receptiveField,
  type ConvGeometry,
} from '../../graph/shape.ts';
import { adapterWindows, outputWidth } from './adapter-windows.ts';
import { readFields, type ConfigFields } from './config-fields.ts';
import { chooseByModelType, type Family } from './family.ts';
import { isQuantizedDtype, QUANTIZATION, QUANTIZED_DTYPES, type QuantizedDtype } from './weight-dtype.ts';

/** One minute at 16 kHz. In real models a frame covers 25 ms and starts 20 ms after the previous one. */
const MAX_SAMPLES_PER_FRAME = 960_000;

/** Tells the compiler that instances hold the fields themselves: `config.hidden_size` reads as in transformers.js. */
const WithFields = Object as unknown as new () => ConfigFields;

/**
 * A checked configuration. Keys of the reference that change nothing in a forward pass (dropouts, training options) and
 * keys that nobody knows stay in `json`.
 */
export class EncoderConfig extends WithFields {
  declare static readonly family: Family;
  readonly model_type: string;
  /** The unchanged content of config.json. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly #family: Family;

  /**
   * @param value the parsed file.
   * @param name name of the file, shown in errors.
   * @throws UniSpeechError `bad-config` naming the key, what it is and what it may be; `unsupported` for adapters that models of this family
   * do not have.
   */
  constructor(value: unknown, name = 'config.json') {
    super();
    const { family } = new.target;
    checkString('name', name);
    const file = new JsonFile(name, value);
    chooseByModelType(file, [{ family }]);
    Object.assign(this, readFields(file, family.fields()));
    this.model_type = family.model_type;
    this.json = file.value;
    this.#family = family;
    checkConfig(this, file);
  }

  /** The same as the constructor. */
  static fromJson<C extends EncoderConfig>(
    this: new (value: unknown, name?: string) => C,
    value: unknown,
    name?: string,
  ): C {
    return new this(value, name);
  }

  /**
   * The same configuration with another vocabulary: languages of one model have heads of different sizes.
   * @param name of the file that says so, shown in errors.
   */
  withVocabSize<C extends EncoderConfig>(this: C, vocab_size: number, name: string): C {
    const configClass = this.constructor as ConfigClass<C>;
    return new configClass({ ...this.json, vocab_size }, name);
  }

  get family(): Family {
    return this.#family;
  }

  /** Kernel and stride of each convolution. */
  get convGeometry(): readonly ConvGeometry[] {
    const { conv_kernel, conv_stride } = this;
    return conv_kernel.map((kernel, i) => ({ kernel, stride: conv_stride[i] ?? 1 }));
  }

  /**
   * Samples per frame of the encoder: the product of the strides, 320 by default. As in the reference it leaves an adapter out, so use
   * `samplesPerOutputFrame` to place frames of an output in time.
   */
  get inputs_to_logits_ratio(): number {
    return this.conv_stride.reduce((product, stride) => product * stride, 1);
  }

  /** Samples from one frame of the last hidden state to the next. */
  get samplesPerOutputFrame(): number {
    return adapterWindows(this).reduce(
      (samples, { stride }) => samples * stride,
      this.inputs_to_logits_ratio,
    );
  }

  /** Channels of the last hidden state: `hidden_size`, or those of the adapter. */
  get outputWidth(): number {
    return outputWidth(this);
  }

  /** Frames that become one before the layers; undefined where each stays its own. */
  get pooledFrames(): number | undefined {
    return this.#family.pooledFrames?.(this);
  }

  /** Whether what a clip gives in a batch depends on its padding, mask or no mask, as in the reference. */
  get readsPadding(): boolean {
    const { feat_extract_norm, add_adapter } = this;
    return feat_extract_norm === 'group' || add_adapter || this.#family.readsPadding?.(this) === true;
  }

  /** Samples that the shortest clip needs, 400 by default. */
  get minimumSampleCount(): number {
    return this.samplesFor(this.pooledFrames ?? framesFor(1, adapterWindows(this)));
  }

  /** The fewest samples that give so many frames. */
  samplesFor(frameCount: number): number {
    return receptiveField([...this.convGeometry, poolWindow(frameCount)]);
  }

  /** Frames of a clip; zero or less if it is shorter than the receptive field. */
  frameCount(sampleCount: number): number {
    return convLength(sampleCount, this.convGeometry);
  }

  /** Frames of the last hidden state of a clip: those of the encoder, or what an adapter leaves of them. */
  outputFrameCount(sampleCount: number): number {
    return framesAfter(this.frameCount(sampleCount), adapterWindows(this));
  }

  /**
   * Frames of the last hidden state of a clip that a mask lets count (`_get_feat_extract_output_lengths`): the formula takes the kernels of an
   * adapter for 1, so it differs from `outputFrameCount` unless they are 3.
   */
  maskedFrameCount(sampleCount: number): number {
    const strides = adapterWindows(this).map(({ stride }) => ({ kernel: 1, stride }));
    return convLength(this.frameCount(sampleCount), strides);
  }

  /** The dtype that `unispeech quantize` gave the weights; undefined if they are not quantized. */
  get quantizedDtype(): QuantizedDtype | undefined {
    const { quantization_config: quantization } = this.json as {
      quantization_config?: { dtype: QuantizedDtype };
    };
    return quantization?.dtype;
  }

  /** Whether a checkpoint of this configuration holds `masked_spec_embed`. */
  get hasMaskEmbedding(): boolean {
    return (
      this.#family.alwaysHasMaskEmbedding === true || this.mask_time_prob > 0 || this.mask_feature_prob > 0
    );
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { json, ...values } = this;
    return { ...json, ...values };
  }
}

/** The part of a configuration class that loading needs. */
export interface ConfigClass<C extends EncoderConfig = EncoderConfig> {
  new (value: unknown, name?: string): C;
  readonly family: Family;
}

/** Checks that the fields fit each other, and that nothing unsupported is set. */
function checkConfig(config: EncoderConfig, file: JsonFile): void {
  const fail = (message: string): never => {
    throw new UniSpeechError('bad-config', `${file.name}: ${message}.`);
  };
  const { conv_dim, conv_stride, conv_kernel, hidden_size } = config;
  if (conv_dim.length !== conv_stride.length || conv_dim.length !== conv_kernel.length) {
    fail(
      `"conv_dim", "conv_stride" and "conv_kernel" must have the same length, but they have ` +
        `${conv_dim.length}, ${conv_stride.length} and ${conv_kernel.length} entries`,
    );
  }
  // Kernels of 1 leave a receptive field of 1 sample whatever the strides.
  const sampleCount = Math.max(config.minimumSampleCount, config.samplesPerOutputFrame);
  if (sampleCount > MAX_SAMPLES_PER_FRAME) {
    fail(
      `"conv_kernel" and "conv_stride"${config.add_adapter ? ', with the adapter,' : ''} make one frame of ${sampleCount} samples, ` +
        `but it may be at most ${MAX_SAMPLES_PER_FRAME}`,
    );
  }
  for (const key of ['num_attention_heads', 'num_conv_pos_embedding_groups'] as const) {
    if (hidden_size % config[key] === 0) continue;
    fail(`"hidden_size" (${hidden_size}) must be divisible by "${key}" (${config[key]})`);
  }
  checkQuantization(file);
  for (const key of ['adapter_attn_dim', 'add_adapter'] as const) {
    const value = config[key];
    if (value === null || value === false || config.family.adapters?.includes(key) === true) continue;
    throw new UniSpeechError(
      'unsupported',
      `${file.name}: "${key}" is ${describeValue(value)}, but ${config.family.className} models with adapters are not supported.`,
    );
  }
}

/** Weights quantized by other tools have other layouts. */
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
