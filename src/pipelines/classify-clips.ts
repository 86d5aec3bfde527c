/** Runs audio classification: scores and names of the classes of clips. */
import { isCount } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import type { ModelForSequenceClassification } from '../speech/model-types.ts';
import type { TaskRun } from './audio-pipeline.ts';
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

const DEFAULT_TOP_K = 5;
const OPTION_NAMES = ['top_k', 'function_to_apply', 'label_groups'];

/** @throws UniSpeechError `bad-option`, and what the clips and the model throw. */
export async function classifyClips(
  run: TaskRun<ModelForSequenceClassification>,
  options: AudioClassificationOptions,
): Promise<AudioClassificationOutput[]> {
  const checked = checkCallOptions(options, OPTION_NAMES, 'An audio classification call');
  const { config } = run.model;
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
  return runClips(run.clips(checked), run, checked, ({ logits }, row) => {
    const scored = [logits.at(row).data, config.id2label, scoreFunction, topK ?? Infinity] as const;
    return groups ? groupedScores(...scored, groups) : labelScores(...scored);
  });
}
