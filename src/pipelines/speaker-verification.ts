/** Tells whether two clips are of one speaker, and gives the embeddings that tell it. */
import { keepUnread } from '../base/keep-unread.ts';
import type { Tensor } from '../base/tensor.ts';
import type { ModelForXVector } from '../speech/model-types.ts';
import { AudioPipeline, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import type { SpeakerComparison, SpeakerComparisonOptions } from './compare-speakers.ts';
import type { SpeakerEmbeddingOptions } from './embed-speakers.ts';
import { compareSpeakers, embedSpeakers } from './later-tasks.ts';

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
    super(parts, ['x-vector'], 'a model of speakers, such as a WavLMForXVector');
  }

  _call(
    audio: AudioSource | readonly AudioSource[],
    options: SpeakerEmbeddingOptions = {},
  ): Promise<Tensor<'float32'>> {
    return embedSpeakers(this.run(audio), options);
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
    keepUnread([first, second]);
    return compareSpeakers((audio, others) => this._call(audio, others), first, second, options);
  }
}
