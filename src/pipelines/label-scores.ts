/** From the logits of a clip to its labels. Pure. Source: `postprocess` of `transformers/pipelines/audio_classification.py`. */
import { sigmoid, softmax } from '../base/softmax.ts';
import type { LabelGroup } from './label-groups.ts';

/** One label of a clip. */
export interface AudioClassificationSingle {
  readonly label: string;
  /** After the function that is applied: a probability, or the logit. */
  readonly score: number;
  /** The name of the group, where the classes are divided into groups. */
  readonly group?: string;
}

/** The labels of a clip, the likeliest first; those of a group stand together, and groups are in their order. */
export type AudioClassificationOutput = AudioClassificationSingle[];

/** What makes scores of logits. */
export const SCORE_FUNCTIONS = ['softmax', 'sigmoid', 'none'] as const;
export type ScoreFunction = (typeof SCORE_FUNCTIONS)[number];

/**
 * Labels of equal scores come in the order of their classes.
 * @param logits one for each class.
 * @param id2label the names of the classes; a class without one is `LABEL_` and its number.
 * @param topK the most labels that are returned.
 * @param firstIndex the class of the first logit.
 */
export function labelScores(
  logits: Float32Array,
  id2label: Readonly<Record<number, string>>,
  scoreFunction: ScoreFunction,
  topK: number,
  firstIndex = 0,
): AudioClassificationOutput {
  return scoresOf(logits, scoreFunction)
    .map((score, index) => ({
      label: id2label[firstIndex + index] ?? `LABEL_${firstIndex + index}`,
      score,
    }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}

/**
 * The same for each group of classes, with scores among the classes of that group.
 * @param topK the most labels of a group.
 */
export function groupedScores(
  logits: Float32Array,
  id2label: Readonly<Record<number, string>>,
  scoreFunction: ScoreFunction,
  topK: number,
  groups: readonly LabelGroup[],
): AudioClassificationOutput {
  return groups.flatMap(({ name, from, to }) =>
    labelScores(logits.subarray(from, to), id2label, scoreFunction, topK, from).map((each) => ({
      ...each,
      group: name,
    })),
  );
}

function scoresOf(logits: Float32Array, scoreFunction: ScoreFunction): number[] {
  if (scoreFunction === 'softmax') return softmax(logits);
  const values = Array.from(logits);
  return scoreFunction === 'none' ? values : values.map(sigmoid);
}
