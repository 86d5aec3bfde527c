/** From the logits of a clip to its labels. Pure. Source: `postprocess` of `transformers/pipelines/audio_classification.py`. */
import { softmax } from '../base/softmax.ts';

/** One label of a clip. */
export interface AudioClassificationSingle {
  readonly label: string;
  /** After the function that is applied: a probability, or the logit. */
  readonly score: number;
}

/** The labels of a clip, the likeliest first. */
export type AudioClassificationOutput = AudioClassificationSingle[];

/** What makes scores of logits. */
export const SCORE_FUNCTIONS = ['softmax', 'sigmoid', 'none'] as const;
export type ScoreFunction = (typeof SCORE_FUNCTIONS)[number];

/**
 * Labels of equal scores come in the order of their classes.
 * @param logits one for each class.
 * @param id2label the names of the classes; a class without one is `LABEL_` and its number.
 * @param topK the most labels that are returned.
 */
export function labelScores(
  logits: Float32Array,
  id2label: Readonly<Record<number, string>>,
  scoreFunction: ScoreFunction,
  topK: number,
): AudioClassificationOutput {
  return scoresOf(logits, scoreFunction)
    .map((score, index) => ({ label: id2label[index] ?? `LABEL_${index}`, score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, topK);
}

function scoresOf(logits: Float32Array, scoreFunction: ScoreFunction): number[] {
  if (scoreFunction === 'softmax') return softmax(logits);
  const values = Array.from(logits);
  return scoreFunction === 'none' ? values : values.map((value) => 1 / (1 + Math.exp(-value)));
}
