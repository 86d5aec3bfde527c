/** A feature extractor and a tokenizer in one object. */
import { type AudioFeatures, type FeaturesToPad } from '../audio/features.ts';
import { type AudioInput } from '../audio/clips.ts';
import {
  type FeatureOptions,
  type PadOptions,
  Wav2Vec2FeatureExtractor,
} from '../audio/feature-extractor.ts';
import { Callable } from '../base/callable.ts';
import { isRecord } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import { badInput, checkObject } from '../base/option-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { warningsTo } from '../base/warnings.ts';
import { type Batched, type EncodeOptions, type TensorEncoding } from '../text/tokenizer-options.ts';
import { type CTCDecoded, type CTCDecodeOptions, Wav2Vec2CTCTokenizer } from '../text/ctc-tokenizer.ts';
import { loadTokenizer, type Tokenizer } from '../text/load-tokenizer.ts';
import {
  type PhonemeDecoded,
  type PhonemeDecodeOptions,
  type PhonemeTokenizeOptions,
  Wav2Vec2PhonemeCTCTokenizer,
} from '../text/phoneme-tokenizer.ts';
import { type TokenIdBatch, type TokenIds } from '../text/token-ids.ts';
import type { WithOffsets, WithoutOffsets } from '../text/tokenizer-options.ts';
import { readPreprocessor } from './read-preprocessor.ts';
import { loadFrom, type TokenizerLoadOptions } from './pretrained.ts';

export interface ProcessorOptions extends FeatureOptions {
  /** Options of the tokenizer. `padding` defaults to the audio's. */
  readonly text_kwargs?: (Omit<EncodeOptions, 'return_tensor'> & PhonemeTokenizeOptions) | undefined;
}

/** Input of a processor that names audio and text. */
export interface AudioAndText {
  readonly audio?: AudioInput | null | undefined;
  readonly text?: string | readonly string[] | null | undefined;
}

/** Features with the token ids of the text, `[batch, length]`; padded with the pad id. */
export interface LabelledFeatures extends AudioFeatures {
  readonly labels: Tensor<'int64'>;
}

export interface ProcessorPadOptions extends PadOptions {
  /** Token ids, padded to the longest with the pad id. */
  readonly labels?: TokenIdBatch | null | undefined;
}

/** Options of `decode` of either tokenizer. */
export type ProcessorDecodeOptions = CTCDecodeOptions & PhonemeDecodeOptions;
export type ProcessorDecoded = CTCDecoded | PhonemeDecoded;

/** `processor(audio, options)`, `processor({ audio, text }, options)`. */
export interface ProcessorCall {
  (
    inputs: { readonly audio: AudioInput; readonly text: string | readonly string[] },
    options?: ProcessorOptions,
  ): Promise<LabelledFeatures>;
  (
    inputs: AudioInput | { readonly audio: AudioInput; readonly text?: null | undefined },
    options?: ProcessorOptions,
  ): Promise<AudioFeatures>;
  (
    inputs: { readonly audio?: null | undefined; readonly text: string | readonly string[] },
    options?: ProcessorOptions,
  ): Promise<TensorEncoding>;
}

// `Callable` knows one call signature; the call of a processor has three.
const CallableProcessor = Callable as unknown as abstract new () => ProcessorCall;

/**
 * Turns audio into features for a model, and token ids into text. It combines a feature extractor with a tokenizer
 * (`transformers/models/wav2vec2/processing_wav2vec2.py`) and is callable:
 *
 *     const processor = await Wav2Vec2Processor.from_pretrained('owner/model');
 *     const { input_values, attention_mask } = await processor(samples, { sampling_rate: 16000 });
 *     const text = processor.decode(ids);
 *
 * Samples are mono, at the rate of the model's feature extractor (16 kHz for all of these models): one array, or a list of them.
 * `input_values` and `attention_mask` have dims `[clips, samples]`; `labels` and `input_ids` of texts have dims `[texts, tokens]`.
 * Text and decoding need a tokenizer; without one they throw a UniSpeechError `not-found`. The other errors of a call are
 * `bad-input` and `bad-option`.
 */
export class Wav2Vec2Processor extends CallableProcessor {
  readonly feature_extractor: Wav2Vec2FeatureExtractor;
  /** Undefined if the model has no tokenizer. */
  readonly tokenizer: Tokenizer | undefined;
  /** The names of a call's outputs. */
  readonly model_input_names = ['input_values', 'attention_mask', 'labels'] as const;

  /** @throws UniSpeechError `bad-input` if an argument is not a feature extractor or not a tokenizer. */
  constructor(feature_extractor: Wav2Vec2FeatureExtractor, tokenizer?: Tokenizer) {
    super();
    if (!(feature_extractor instanceof Wav2Vec2FeatureExtractor))
      throw badInput('feature_extractor', feature_extractor, 'a Wav2Vec2FeatureExtractor');
    const isTokenizer =
      tokenizer instanceof Wav2Vec2CTCTokenizer || tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer;
    if (tokenizer !== undefined && !isTokenizer) throw badInput('tokenizer', tokenizer, 'a tokenizer');
    this.feature_extractor = feature_extractor;
    this.tokenizer = tokenizer;
  }

  /**
   * Loads the processor of a model.
   * @param location folder or base URL with `processor_config.json` or `preprocessor_config.json`, and the files of the
   * tokenizer, if the model has one.
   * @throws UniSpeechError `not-found`, `bad-config`, `unsupported`, `network`, `bad-option`.
   */
  static from_pretrained(
    location: string | URL,
    options: TokenizerLoadOptions = {},
  ): Promise<Wav2Vec2Processor> {
    return loadFrom(location, options, loadProcessor);
  }

  /**
   * Implements a call. Audio gives `{ input_values, attention_mask? }`, text gives `{ input_ids, attention_mask }`. Both together
   * give the audio's output and `labels`. The options are those of the feature extractor, and `text_kwargs`.
   * @throws UniSpeechError `bad-input` if there is neither audio nor text.
   */
  async _call(
    inputs: AudioInput | AudioAndText,
    options: ProcessorOptions = {},
  ): Promise<AudioFeatures | LabelledFeatures | TensorEncoding> {
    checkObject('The options of a processor', options);
    const { text_kwargs, ...audioOptions } = options;
    if (text_kwargs !== undefined) checkObject('text_kwargs', text_kwargs);
    const { audio, text } = isAudioAndText(inputs) ? inputs : { audio: inputs, text: undefined };
    const features =
      audio === undefined || audio === null ? undefined : await this.feature_extractor(audio, audioOptions);
    if (text === undefined || text === null) {
      if (features) return features;
      throw new UniSpeechError(
        'bad-input',
        'You need to specify either an `audio` or `text` input to process.',
      );
    }
    const encoded = this.#requireTokenizer('Encoding text')(text, {
      ...(options.padding !== undefined && { padding: options.padding }),
      ...text_kwargs,
    });
    return features ? { ...features, labels: encoded.input_ids } : encoded;
  }

  /**
   * Pads features and labels of earlier calls.
   * @param features null to pad only labels.
   */
  pad(
    features: FeaturesToPad,
    options: ProcessorPadOptions & { readonly labels: TokenIdBatch },
  ): LabelledFeatures;
  pad(features: FeaturesToPad, options?: PadOptions): AudioFeatures;
  pad(
    features: null,
    options: ProcessorPadOptions & { readonly labels: TokenIdBatch },
  ): Pick<LabelledFeatures, 'labels'>;
  pad(features: FeaturesToPad | null, options: ProcessorPadOptions = {}): Partial<LabelledFeatures> {
    checkObject('The options of pad', options);
    const { labels, ...audioOptions } = options;
    if (features === null && (labels === undefined || labels === null))
      throw new UniSpeechError('bad-input', 'pad() needs features, labels, or both.');
    return {
      ...(features !== null && this.feature_extractor.pad(features, audioOptions)),
      ...(labels && { labels: this.#requireTokenizer('Padding labels').pad(labels).input_ids }),
    };
  }

  decode(ids: TokenIds, options: ProcessorDecodeOptions & WithOffsets): ProcessorDecoded;
  decode(ids: TokenIds, options?: ProcessorDecodeOptions & WithoutOffsets): string;
  decode(ids: TokenIds, options?: ProcessorDecodeOptions): string | ProcessorDecoded;
  /** Calls the tokenizer's `decode`. @throws UniSpeechError `not-found` if the model has no tokenizer. */
  decode(ids: TokenIds, options?: ProcessorDecodeOptions): string | ProcessorDecoded {
    const tokenizer = this.#requireTokenizer('Decoding');
    return tokenizer instanceof Wav2Vec2CTCTokenizer
      ? tokenizer.decode(ids, options)
      : tokenizer.decode(ids, options);
  }

  batch_decode(batch: TokenIdBatch, options: ProcessorDecodeOptions & WithOffsets): Batched<ProcessorDecoded>;
  batch_decode(batch: TokenIdBatch, options?: ProcessorDecodeOptions & WithoutOffsets): string[];
  batch_decode(
    batch: TokenIdBatch,
    options?: ProcessorDecodeOptions,
  ): string[] | Batched<CTCDecoded> | Batched<PhonemeDecoded>;
  /** Calls the tokenizer's `batch_decode`. @throws UniSpeechError `not-found` if the model has no tokenizer. */
  batch_decode(
    batch: TokenIdBatch,
    options?: ProcessorDecodeOptions,
  ): string[] | Batched<CTCDecoded> | Batched<PhonemeDecoded> {
    const tokenizer = this.#requireTokenizer('Decoding');
    return tokenizer instanceof Wav2Vec2CTCTokenizer
      ? tokenizer.batch_decode(batch, options)
      : tokenizer.batch_decode(batch, options);
  }

  #requireTokenizer(purpose: string): Tokenizer {
    if (this.tokenizer) return this.tokenizer;
    throw new UniSpeechError(
      'not-found',
      `${purpose} needs a tokenizer, but this processor was loaded from a model without one.`,
      'Put the vocab.json (and tokenizer_config.json) of the model beside its config.json.',
    );
  }
}

/** What the files of a processor hold. */
export interface ProcessorFiles {
  readonly processor: Wav2Vec2Processor;
  /** The class that transformers has for it, where a file names it. */
  readonly processorClass: string | undefined;
}

/** Reads the processor from a model's files. */
export async function readProcessor(
  files: ModelFiles,
  { signal, target_lang }: TokenizerLoadOptions,
): Promise<ProcessorFiles> {
  const [{ extractor, processorClass }, tokenizer] = await Promise.all([
    readPreprocessor(files, signal),
    loadTokenizer(files, signal, { target_lang }),
  ]);
  return { processor: new Wav2Vec2Processor(extractor, tokenizer), processorClass };
}

/** The same where no decoder is asked for. */
export async function loadProcessor(
  files: ModelFiles,
  options: TokenizerLoadOptions,
): Promise<Wav2Vec2Processor> {
  const { processor, processorClass } = await readProcessor(files, options);
  if (processorClass?.endsWith('WithLM') === true) {
    warningsTo(options.progress_callback, files.location)(
      'language-model-unused',
      `${files.location} has a language model (${processorClass}), but texts are decoded without it: other words may be likelier with it.`,
    );
  }
  return processor;
}

function isAudioAndText(inputs: AudioInput | AudioAndText): inputs is AudioAndText {
  return isRecord(inputs) && !(inputs instanceof Tensor) && !ArrayBuffer.isView(inputs);
}
