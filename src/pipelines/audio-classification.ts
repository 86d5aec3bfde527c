/** Tells which of a model's classes a clip belongs to. Source: `transformers/pipelines/audio_classification.py`. */
import { isCount } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../speech/heads/sequence-classification.ts';
import type { ModelForSequenceClassification } from '../speech/model-types.ts';
import { AudioPipeline, oneOrAll, type PipelineParts } from './audio-pipeline.ts';
import type { AudioSource } from './audio-source.ts';
import { type CallOptions, checkCallOptions } from './call-options.ts';
import { type LabelGroups, labelGroupsOf } from './label-groups.ts';
import {
  type AudioClassificationOutput,
  groupedScores,
  labelScores,
  SCORE_FUNCTIONS,
  type ScoreFunction,
} from './label-scores.ts';
import { runClips } from './run-clips.ts';

export interface AudioClassificationOptions extends CallOptions {
  /** The most labels that are returned, of each group if there are groups; null for all. Default: 5, as in transformers.js; of a group 1. */
  readonly top_k?: number | null | undefined;
  /** What makes scores of logits. `'sigmoid'` is for models whose classes exclude nothing, `'none'` gives logits. Default: `'softmax'`. */
  readonly function_to_apply?: ScoreFunction | null | undefined;
  /**
   * Groups of classes that have scores and a best label of their own: `[[0, 6], [6, 20], [20, 24]]`, or by name `{ action: [0, 6], … }`. Each
   * result then has its `group`. Default: one group, but those of SUPERB's intent classification where the labels of the model are its
   * actions, objects and locations; false is one group there, too.
   */
  readonly label_groups?: LabelGroups | false | null | undefined;
}

/** `classify(audio, options)`. A list of clips gives a list of results. */
export interface AudioClassificationCall {
  (audio: AudioSource, options?: AudioClassificationOptions): Promise<AudioClassificationOutput>;
  (audio: readonly AudioSource[], options?: AudioClassificationOptions): Promise<AudioClassificationOutput[]>;
}

// The base knows nothing of the task's call.
const CallablePipeline = AudioPipeline as unknown as abstract new (
  ...args: ConstructorParameters<typeof AudioPipeline<ModelForSequenceClassification>>
) => AudioPipeline<ModelForSequenceClassification> & AudioClassificationCall;

const DEFAULT_TOP_K = 5;
const OPTION_NAMES = ['top_k', 'function_to_apply', 'label_groups'];

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
      [SEQUENCE_CLASSIFICATION_HEAD],
      'a model that classifies clips, such as a Wav2Vec2ForSequenceClassification',
    );
  }

  async _call(
    audio: AudioSource | readonly AudioSource[],
    options: AudioClassificationOptions = {},
  ): Promise<AudioClassificationOutput | AudioClassificationOutput[]> {
    const checked = checkCallOptions(options, OPTION_NAMES, 'An audio classification call');
    const { config } = this.model;
    const groups = labelGroupsOf(options.label_groups, config);
    const { top_k: topK = groups ? 1 : DEFAULT_TOP_K } = options;
    if (topK !== null && !isCount(topK))
      throw badOption('top_k', topK, 'a whole number of at least 0, or null for all labels');
    const scoreFunction = options.function_to_apply ?? 'softmax';
    if (!SCORE_FUNCTIONS.includes(scoreFunction)) {
      throw new UniSpeechError(
        'bad-option',
        `Invalid value for \`function_to_apply\`: ${describeValue(scoreFunction)}.`,
        `Valid options are ${SCORE_FUNCTIONS.map((name) => `'${name}'`).join(', ')}.`,
      );
    }
    const outputs = await runClips(this.clips(audio, checked), this, checked, ({ logits }, row) => {
      const scored = [logits.at(row).data, config.id2label, scoreFunction, topK ?? Infinity] as const;
      return groups ? groupedScores(...scored, groups) : labelScores(...scored);
    });
    return oneOrAll(audio, outputs);
  }
}
