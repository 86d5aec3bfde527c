/** A processor that decodes with beams and a language model. Source: `transformers/models/wav2vec2_with_lm/processing_wav2vec2_with_lm.py`. */
import type { AudioFeatures, FeaturesToPad } from '../audio/features.ts';
import type { AudioInput } from '../audio/clips.ts';
import type { FeatureOptions, PadOptions, Wav2Vec2FeatureExtractor } from '../audio/feature-extractor.ts';
import { UniSpeechError } from '../base/errors.ts';
import { loadPart } from '../base/load-part.ts';
import { badOption, checkBoolean, checkObject } from '../base/option-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { badTensor } from '../base/tensor-checks.ts';
import type { BeamHypothesis, BeamSearchDecoder } from '../beam/beam-decoder.ts';
import type { BeamOptions } from '../beam/beam-options.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import type { WordOffset } from '../text/word-offsets.ts';
import { openFilesOptions } from '../speech/core/load-options.ts';
import { loadFrom, type TokenizerLoadOptions } from './pretrained.ts';
import { readProcessor, type Wav2Vec2Processor } from './processor.ts';

export interface BeamDecodeOptions extends BeamOptions {
  /** Also return the frames of each word. Default: false. */
  readonly output_word_offsets?: boolean | undefined;
}

/** What `decode` gives. With `n_best` above 1 every value is a list, the likeliest text first. */
export interface BeamDecoded<Value extends 'one' | 'list' = 'one'> {
  readonly text: Value extends 'one' ? string : string[];
  readonly logit_score: Value extends 'one' ? number : number[];
  /** As in transformers the score of all: log p of the sound, with what the words are worth. */
  readonly lm_score: Value extends 'one' ? number : number[];
  /** Null when not asked for. */
  readonly word_offsets: (Value extends 'one' ? WordOffset[] : WordOffset[][]) | null;
}

/** Logits of padded clips have rows of this value, which `batch_decode` leaves out. */
const PADDING = -100;

/**
 * A feature extractor, a tokenizer and a decoder, as transformers' class of this name, from the files that it saves.
 *
 *     const processor = await Wav2Vec2ProcessorWithLM.from_pretrained('owner/model');
 *     const { logits } = await model(await processor.process(samples));
 *     processor.batch_decode(logits).text;
 *
 * Weights of a call hold for that call; in transformers they stay set.
 */
export class Wav2Vec2ProcessorWithLM {
  readonly feature_extractor: Wav2Vec2FeatureExtractor;
  readonly tokenizer: Tokenizer;
  readonly decoder: BeamSearchDecoder;
  readonly #processor: Wav2Vec2Processor;

  /** @throws UniSpeechError `not-found` for a processor without a tokenizer. */
  constructor(processor: Wav2Vec2Processor, decoder: BeamSearchDecoder) {
    const { feature_extractor, tokenizer } = processor;
    if (!tokenizer)
      throw new UniSpeechError(
        'not-found',
        'A processor with a language model needs a tokenizer, and there is none.',
      );
    this.feature_extractor = feature_extractor;
    this.tokenizer = tokenizer;
    this.decoder = decoder;
    this.#processor = processor;
  }

  /**
   * Loads the processor of a model, with `alphabet.json` and the folder `language_model`.
   * @throws UniSpeechError `not-found`, `bad-config`, `bad-checkpoint`, `unsupported`, `network`, `bad-option`.
   */
  static from_pretrained(
    location: string | URL,
    options: TokenizerLoadOptions = {},
  ): Promise<Wav2Vec2ProcessorWithLM> {
    return loadFrom(location, options, async (files, { signal }) => {
      const { processor } = await readProcessor(files, options);
      const { tokenizer } = processor;
      const decoder =
        tokenizer &&
        (await (
          await loadPart(import('../beam/pipeline-decoder.ts'), 'searches for the likeliest text')
        ).pipelineDecoder(undefined, {
          files,
          tokenizer,
          hasDecoder: true,
          filesOptions: openFilesOptions(location, options),
          signal,
        }));
      if (decoder) return new Wav2Vec2ProcessorWithLM(processor, decoder);
      throw new UniSpeechError(
        'not-found',
        tokenizer
          ? `The server of ${files.location} does not list the files of its language model.`
          : `${files.location} has no tokenizer.`,
        "Use createBeamDecoder({ labels, language_model: URL }) of 'unispeech-webgpu/beam'.",
      );
    });
  }

  /** Features for a model: see `Wav2Vec2Processor`. */
  process(audio: AudioInput, options?: FeatureOptions): Promise<AudioFeatures> {
    return this.#processor(audio, options);
  }

  /** See `Wav2Vec2Processor`. */
  pad(features: FeaturesToPad, options?: PadOptions): AudioFeatures {
    return this.#processor.pad(features, options);
  }

  decode(
    logits: Tensor<'float32'>,
    options: BeamDecodeOptions & { readonly n_best: number },
  ): BeamDecoded | BeamDecoded<'list'>;
  decode(logits: Tensor<'float32'>, options?: BeamDecodeOptions): BeamDecoded;
  /**
   * Decodes the logits of one clip.
   * @param logits `[frames, labels]` or `[1, frames, labels]`.
   * @throws UniSpeechError `bad-input`, `bad-option`.
   */
  decode(logits: Tensor<'float32'>, options: BeamDecodeOptions = {}): BeamDecoded | BeamDecoded<'list'> {
    const { count, hasOffsets, search } = checked(options);
    const beams = this.decoder.decode_beams(logits, { ...search, n_best: count });
    const all = beams.map((beam) => decodedOf(beam, hasOffsets));
    const [best] = all;
    return count === 1 && best ? best : asLists(all);
  }

  /**
   * Decodes the logits of several clips, `[clips, frames, labels]`. Rows with a value of -100 are padding.
   * @returns the same as `decode`, with a list entry for each clip.
   * @throws UniSpeechError `bad-input`, `bad-option`.
   */
  batch_decode(
    logits: Tensor<'float32'>,
    options: BeamDecodeOptions = {},
  ): {
    readonly text: (string | string[])[];
    readonly logit_score: (number | number[])[];
    readonly lm_score: (number | number[])[];
    readonly word_offsets: (WordOffset[] | WordOffset[][])[] | null;
  } {
    if (!(logits instanceof Tensor) || logits.dims.length !== 3)
      throw badTensor('logits', logits, 'a float32 tensor [clips, frames, labels]');
    const [clipCount = 0] = logits.dims;
    const decoded = Array.from({ length: clipCount }, (_, clip) =>
      this.decode(withoutPadding(logits.at(clip)), options),
    );
    return {
      text: decoded.map(({ text }) => text),
      logit_score: decoded.map(({ logit_score }) => logit_score),
      lm_score: decoded.map(({ lm_score }) => lm_score),
      word_offsets: checked(options).hasOffsets
        ? decoded.map(({ word_offsets }) => word_offsets ?? [])
        : null,
    };
  }
}

function checked(options: BeamDecodeOptions) {
  checkObject('The options of decode', options);
  const { output_word_offsets: hasOffsets = false, n_best, ...search } = options;
  checkBoolean('output_word_offsets', hasOffsets);
  const count = n_best ?? 1;
  if (!Number.isInteger(count) || count < 1)
    throw badOption('n_best', n_best, 'a whole number of at least 1');
  return { count, hasOffsets, search };
}

const decodedOf = (
  { text, logit_score, score, words }: BeamHypothesis,
  hasOffsets: boolean,
): BeamDecoded => ({
  text,
  logit_score,
  lm_score: score,
  word_offsets: hasOffsets ? [...words] : null,
});

const asLists = (all: readonly BeamDecoded[]): BeamDecoded<'list'> => ({
  text: all.map(({ text }) => text),
  logit_score: all.map(({ logit_score }) => logit_score),
  lm_score: all.map(({ lm_score }) => lm_score),
  word_offsets: all.some(({ word_offsets }) => word_offsets)
    ? all.map(({ word_offsets }) => word_offsets ?? [])
    : null,
});

/** @param logits `[frames, labels]`. */
function withoutPadding(logits: Tensor<'float32'>): Tensor<'float32'> {
  const [frameCount = 0, labelCount = 0] = logits.dims;
  const rows = Array.from({ length: frameCount }, (_, frame) =>
    logits.data.subarray(frame * labelCount, (frame + 1) * labelCount),
  ).filter((row) => !row.includes(PADDING));
  if (rows.length === frameCount) return logits;
  const data = new Float32Array(rows.length * labelCount);
  for (const [frame, row] of rows.entries()) data.set(row, frame * labelCount);
  return new Tensor('float32', data, [rows.length, labelCount]);
}
