/** Turns audio into vectors: the hidden states of its frames, or one embedding for each clip. */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { checkBoolean } from '../base/option-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { NO_HEAD, STATES_HEAD } from '../speech/heads/none.ts';
import type { ModelWithoutHead } from '../speech/model-types.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import { type CallOptions, checkCallOptions } from './call-options.ts';
import { vectorsOf } from './pool-frames.ts';
import { runClips } from './run-clips.ts';

/** The names are those of transformers.js. */
export interface FeatureExtractionOptions extends CallOptions {
  /** `'mean'` gives the mean over the frames of a clip instead of every frame. Default: `'none'`. */
  readonly pooling?: 'none' | 'mean' | null | undefined;
  /** Scale every vector to a Euclidean length of 1. Default: false. */
  readonly normalize?: boolean | null | undefined;
}

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
    super(parts, [NO_HEAD, STATES_HEAD], 'a model without head, such as a Wav2Vec2Model');
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: FeatureExtractionOptions = {},
  ): Promise<Vectors | Vectors[]> {
    const checked = checkCallOptions(options, ['pooling', 'normalize'], 'A feature extraction call');
    const pooling: unknown = options.pooling ?? 'none';
    if (pooling !== 'none' && pooling !== 'mean') {
      throw new UniSpeechError(
        'bad-option',
        `pooling is ${describeValue(pooling)}, but of audio there is only the mean of all frames.`,
        "Set it to 'mean', or to 'none' for every frame.",
      );
    }
    const { normalize } = options;
    checkBoolean('normalize', normalize);
    const { config } = this.model;
    const width = config.outputWidth;
    const wanted = { pooled: pooling === 'mean', normalized: normalize === true };
    const clips = await runClips(this.clips(audio, checked), this, checked, (output, row, { samples }) =>
      vectorsOf(output.last_hidden_state, row, config.outputFrameCount(samples.length), wanted),
    );
    if (wanted.pooled) {
      const all = new Float32Array(clips.length * width);
      clips.forEach((vector, index) => all.set(vector, index * width));
      return new Tensor('float32', all, [clips.length, width]);
    }
    const tensors = clips.map((data) => new Tensor('float32', data, [1, data.length / width, width]));
    return oneOrAll(audio, tensors);
  }
}
