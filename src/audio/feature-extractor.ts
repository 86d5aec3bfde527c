/** Turns samples into the model's `input_values` and `attention_mask`: padding, then normalisation. */
import { Callable } from '../base/callable.ts';
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { badOption, checkBoolean } from '../base/option-checks.ts';
import { toClips } from './clips.ts';
import type { AudioInput } from './clips.ts';
import { featureExtractorConfigFromJson, resolveFeatureExtractorConfig } from './feature-extractor-config.ts';
import type { FeatureExtractorConfig } from './feature-extractor-config.ts';
import { collate, toTensors } from './features.ts';
import type { AudioFeatures, FeatureRows, FeaturesToPad } from './features.ts';
import { normalizeInPlace } from './normalize.ts';
import { PADDING_OPTIONS, paddingStrategy, planPadding } from './padding.ts';
import type { PaddingOptions, PaddingStrategy } from './padding.ts';

export interface FeatureOptions extends PaddingOptions {
  /** Default: the value in the model's configuration. */
  readonly return_attention_mask?: boolean | null;
  /** Rate of the samples in Hz. It is compared with the model's rate; nothing is resampled here. */
  readonly sampling_rate?: number | null;
}

export type PadOptions = Omit<FeatureOptions, 'sampling_rate'>;

const NAME = 'Wav2Vec2FeatureExtractor';
const PAD_OPTIONS = [...PADDING_OPTIONS, 'return_attention_mask'];
const FEATURE_OPTIONS = [...PAD_OPTIONS, 'sampling_rate'];

/**
 * The feature extractor of wav2vec2-like models (`transformers/models/wav2vec2/feature_extraction_wav2vec2.py`),
 * callable: `const { input_values } = await extractor(samples, { sampling_rate: 16000 })`.
 *
 * Two things differ from the reference: a call without `sampling_rate` prints no warning, and empty clips, empty
 * batches and samples that are not finite are errors.
 */
export class Wav2Vec2FeatureExtractor extends Callable<
  [audio: AudioInput, options?: FeatureOptions],
  Promise<AudioFeatures>
> {
  readonly config: FeatureExtractorConfig;

  /** @throws UniSpeechError `bad-option` naming the option. */
  constructor(config: Partial<FeatureExtractorConfig> = {}) {
    super();
    this.config = resolveFeatureExtractorConfig(config, NAME);
  }

  /**
   * Creates an extractor from the parsed `preprocessor_config.json`, or from the `feature_extractor` object of `processor_config.json`.
   * Entries that this class does not know are ignored: real files carry many.
   *
   * @throws UniSpeechError `bad-config` naming the file and the entry.
   */
  static fromConfig(json: unknown, fileName: string): Wav2Vec2FeatureExtractor {
    return new Wav2Vec2FeatureExtractor(featureExtractorConfigFromJson(json, fileName));
  }

  /**
   * Computes the features of one clip or a batch. Results always have a leading batch axis: dims `[clips, samples]`.
   *
   * @throws UniSpeechError `bad-input` for audio that cannot form a tensor, such as clips of different lengths without
   * padding; `bad-option`.
   */
  override _call(audio: AudioInput, options: FeatureOptions = {}): Promise<AudioFeatures> {
    return Promise.resolve().then(() => toTensors(this.extract(audio, options)));
  }

  /** Like a call, but returns one array per clip, so that clips of different lengths need no padding. */
  extract(audio: AudioInput, options: FeatureOptions = {}): FeatureRows {
    rejectUnknownOptions(options, FEATURE_OPTIONS, NAME);
    this.#checkSamplingRate(options.sampling_rate);
    const strategy = paddingStrategy(options.padding ?? false);
    const features = this.#padRows(toClips(audio, NAME), undefined, strategy, options);
    if (!this.config.do_normalize) return features;

    // Models without a mask were trained with statistics of the padded row, zeros included.
    const masks = strategy === 'do_not_pad' ? undefined : features.attention_mask;
    for (const [index, row] of features.input_values.entries()) {
      const mask = masks?.[index];
      const sampleCount = mask === undefined ? row.length : mask.reduce((sum, bit) => sum + bit, 0);
      normalizeInPlace(row, sampleCount);
      row.fill(this.config.padding_value ?? 0, sampleCount);
    }
    return features;
  }

  /**
   * Pads features that were extracted before, without normalising. Masks that come with the features are
   * padded with zeros and returned.
   *
   * @param options `padding` is on by default.
   * @throws UniSpeechError `bad-input`, `bad-option`.
   */
  pad(features: FeaturesToPad, options: PadOptions = {}): AudioFeatures {
    rejectUnknownOptions(options, PAD_OPTIONS, `${NAME}.pad`);
    const { rows, masks } = collate(features, `${NAME}.pad`);
    return toTensors(this.#padRows(rows, masks, paddingStrategy(options.padding ?? true), options));
  }

  #checkSamplingRate(given: number | null | undefined): void {
    const own = this.config.sampling_rate;
    if (given === undefined || given === null || given === own) return;
    if (typeof given !== 'number') throw badOption('sampling_rate', given, 'a number of Hz');
    throw new UniSpeechError(
      'bad-input',
      `The model corresponding to this feature extractor: ${NAME} was trained using a sampling rate of ${own}. ` +
        `Please make sure that the provided \`raw_speech\` input was sampled with ${own} and not ${given}.`,
      `resample(samples, ${given}, ${own}) converts it.`,
    );
  }

  /** Copies rows into their padded lengths. Adds masks if they are given or requested. */
  #padRows(
    rows: readonly Float32Array[],
    masks: readonly ArrayLike<number>[] | undefined,
    strategy: PaddingStrategy,
    options: PadOptions,
  ): FeatureRows {
    const { padding_value, padding_side, return_attention_mask } = this.config;
    checkBoolean('return_attention_mask', options.return_attention_mask);
    if (strategy !== 'do_not_pad' && padding_value === null) {
      throw new UniSpeechError(
        'bad-option',
        `Padding needs a padding value, but the configuration of this ${NAME} has padding_value null.`,
        'Create it with padding_value: 0.',
      );
    }
    const lengths = planPadding(
      rows.map((row) => row.length),
      strategy,
      options,
    );
    const place = <T extends Float32Array | Int32Array>(
      padded: T,
      values: ArrayLike<number>,
      kept: number,
    ): T => {
      const start = padding_side === 'left' ? padded.length - kept : 0;
      for (let index = 0; index < kept; index += 1) padded[start + index] = values[index] ?? 0;
      return padded;
    };
    const input_values = lengths.map(({ kept, total }, index) =>
      place(new Float32Array(total).fill(padding_value ?? 0), rows[index] ?? [], kept),
    );
    if (masks === undefined && !(options.return_attention_mask ?? return_attention_mask)) {
      return { input_values };
    }
    const attention_mask = lengths.map(({ kept, total }, index) =>
      place(new Int32Array(total), masks?.[index] ?? new Int32Array(kept).fill(1), kept),
    );
    return { input_values, attention_mask };
  }
}
