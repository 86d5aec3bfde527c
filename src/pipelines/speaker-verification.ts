/** Tells whether two clips are of one speaker, and gives the embeddings that tell it. */
import { checkBoolean } from '../base/option-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { minimumSamples } from '../speech/heads/head.ts';
import { X_VECTOR_HEAD } from '../speech/heads/x-vector.ts';
import type { ModelForXVector } from '../speech/model-types.ts';
import { AudioPipeline, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import { type CallOptions, checkCallOptions } from './call-options.ts';
import {
  compareSpeakers,
  type SpeakerComparison,
  type SpeakerComparisonOptions,
} from './compare-speakers.ts';
import { normalizeRows } from './pool-frames.ts';
import { withClipLimit } from './clip-limit.ts';
import { runClips } from './run-clips.ts';

export interface SpeakerEmbeddingOptions extends CallOptions {
  /**
   * Scale every embedding to a Euclidean length of 1, as the pages of the models do and as stores of vectors expect. Default: false, the
   * `embeddings` of the model. Cosines are the same.
   */
  readonly normalize?: boolean | null | undefined;
}

/** `verify(audio)` gives embeddings, `verify.compare(a, b)` a verdict. */
export interface SpeakerVerificationCall {
  /** [clips, xvector_output_dim], [1, xvector_output_dim] for one clip. */
  (
    audio: AudioSource | readonly AudioSource[],
    options?: SpeakerEmbeddingOptions,
  ): Promise<Tensor<'float32'>>;
  /** The same. */
  embed(
    audio: AudioSource | readonly AudioSource[],
    options?: SpeakerEmbeddingOptions,
  ): Promise<Tensor<'float32'>>;
  /** Whether two clips are of one speaker: the cosine of their embeddings, and a threshold. */
  compare(
    first: AudioSource,
    second: AudioSource,
    options?: SpeakerComparisonOptions,
  ): Promise<SpeakerComparison>;
}

// The base knows nothing of the task's call.
const CallablePipeline = AudioPipeline as unknown as abstract new (
  ...args: ConstructorParameters<typeof AudioPipeline<ModelForXVector>>
) => AudioPipeline<ModelForXVector> & SpeakerVerificationCall;

/**
 * Speaker verification with an x-vector head, such as the `-sv` models of WavLM and UniSpeech-SAT and SUPERB's. Neither transformers nor
 * transformers.js has a pipeline for these models.
 *
 * Clips run together only if they are equally long: x-vectors of padded clips are others than those of the clips alone, in the reference,
 * too. So no result depends on the other clips of a batch.
 */
export class SpeakerVerificationPipeline extends CallablePipeline {
  readonly task = 'speaker-verification';

  /** @throws UniSpeechError `bad-input`. */
  constructor(parts: PipelineParts<ModelForXVector>) {
    super(parts, [X_VECTOR_HEAD], 'a model of speakers, such as a WavLMForXVector');
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: SpeakerEmbeddingOptions = {},
  ): Promise<Tensor<'float32'>> {
    const checked = checkCallOptions(options, ['normalize'], 'A speaker embedding call');
    const { normalize } = options;
    checkBoolean('normalize', normalize);
    const { config } = this.model;
    const { xvector_output_dim: width } = config;
    const minimumSampleCount = minimumSamples(config, X_VECTOR_HEAD);
    const batches = { ...checked, ofOneLength: true, minimumSampleCount };
    const running = runClips(this.clips(audio, checked), this, batches, ({ embeddings }, row) =>
      embeddings.at(row).data.slice(),
    );
    const rows = await withClipLimit(this.model, this.sampleRate, running);
    const all = new Float32Array(rows.length * width);
    rows.forEach((embedding, index) => all.set(embedding, index * width));
    if (normalize) normalizeRows(all, width);
    return new Tensor('float32', all, [rows.length, width]);
  }

  override embed(
    audio: AudioSource | readonly AudioSource[],
    options?: SpeakerEmbeddingOptions,
  ): Promise<Tensor<'float32'>> {
    return this._call(audio, options);
  }

  override compare(
    first: AudioSource,
    second: AudioSource,
    options?: SpeakerComparisonOptions,
  ): Promise<SpeakerComparison> {
    return compareSpeakers((audio, others) => this._call(audio, others), first, second, options);
  }
}
