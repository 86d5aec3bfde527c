/** Tells which of a model's classes a clip belongs to. Source: `transformers/pipelines/audio_classification.py`. */
import type { ModelForSequenceClassification } from '../speech/model-types.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import type { AudioClassificationOptions } from './classify-clips.ts';
import type { AudioClassificationOutput } from './label-scores.ts';
import { classifyClips } from './later-tasks.ts';

/** `classify(audio, options)`. A list of clips gives a list of results. */
export interface AudioClassificationCall {
  (audio: AudioSource, options?: AudioClassificationOptions): Promise<AudioClassificationOutput>;
  (audio: readonly AudioSource[], options?: AudioClassificationOptions): Promise<AudioClassificationOutput[]>;
}

// The base knows nothing of the task's call.
const CallablePipeline = AudioPipeline as unknown as abstract new (
  ...args: ConstructorParameters<typeof AudioPipeline<ModelForSequenceClassification>>
) => AudioPipeline<ModelForSequenceClassification> & AudioClassificationCall;

/**
 * Audio classification with a head for whole clips.
 *
 * It deviates from the reference on purpose:
 * - Without `top_k` there are five labels, as documented there and as transformers.js gives; the reference returns all.
 * - Models of SUPERB's intent classification (`ic`) get the best action, object and location. One softmax over their 24 labels would mean
 *   nothing, as each clip has three.
 * - Clips of a batch are masked whatever the feature extractor says, so that no clip is mixed with its padding.
 *
 * As in speech recognition, scores of a model with `feat_extract_norm: "group"` can depend on the other clips of the batch, and those of the
 * few models with `"layer"` that are named there.
 */
export class AudioClassificationPipeline extends CallablePipeline {
  readonly task = 'audio-classification';

  /** @throws UniSpeechError `bad-input`. */
  constructor(parts: PipelineParts<ModelForSequenceClassification>) {
    super(
      parts,
      ['sequence-classification'],
      'a model that classifies clips, such as a Wav2Vec2ForSequenceClassification',
    );
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: AudioClassificationOptions = {},
  ): Promise<AudioClassificationOutput | AudioClassificationOutput[]> {
    return oneOrAll(audio, await classifyClips(this.run(audio), options));
  }
}
