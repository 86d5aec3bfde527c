/** Turns audio into vectors: the hidden states of its frames, or one embedding for each clip. */
import type { Tensor } from '../base/tensor.ts';
import type { ModelWithoutHead } from '../speech/model-types.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import type { FeatureExtractionOptions } from './extract-features.ts';
import { extractFeatures } from './later-tasks.ts';

type Vectors = Tensor<'float32'>;
type Pooled = FeatureExtractionOptions & { readonly pooling: 'mean' };
type Unpooled = FeatureExtractionOptions & { readonly pooling?: 'none' | null | undefined };

/**
 * `extract(audio, options)`. Each clip gives a tensor [1, frames, hidden_size]. With `pooling: 'mean'` there is one tensor for all clips,
 * [clips, hidden_size].
 */
export interface FeatureExtractionCall {
  (audio: AudioSource, options?: FeatureExtractionOptions): Promise<Vectors>;
  (audio: readonly AudioSource[], options: Pooled): Promise<Vectors>;
  (audio: readonly AudioSource[], options?: Unpooled): Promise<Vectors[]>;
  (audio: readonly AudioSource[], options?: FeatureExtractionOptions): Promise<Vectors | Vectors[]>;
}

// The base knows nothing of the task's call.
const CallablePipeline = AudioPipeline as unknown as abstract new (
  ...args: ConstructorParameters<typeof AudioPipeline<ModelWithoutHead>>
) => AudioPipeline<ModelWithoutHead> & FeatureExtractionCall;

/**
 * The last hidden states of a model, as `transformers/pipelines/feature_extraction.py` gives them for text, with the options of
 * transformers.js (`pipelines/feature-extraction.js`).
 *
 * A clip of a batch gives its own frames only, and is divided by their number. As in speech recognition, results of a model with
 * `feat_extract_norm: "group"` can depend on the other clips of the batch, and those of the few models with `"layer"` that are named there.
 */
export class FeatureExtractionPipeline extends CallablePipeline {
  readonly task = 'feature-extraction';

  /** @throws UniSpeechError `bad-input`. */
  constructor(parts: PipelineParts<ModelWithoutHead>) {
    super(parts, ['none', 'states'], 'a model without head, such as a Wav2Vec2Model');
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: FeatureExtractionOptions = {},
  ): Promise<Vectors | Vectors[]> {
    const vectors = await extractFeatures(this.run(audio), options);
    return Array.isArray(vectors) ? oneOrAll(audio, vectors) : vectors;
  }
}
