/** The tiny classifiers, and what the pipelines of the reference give with them; see the README of the goldens. */
import { readFileSync } from 'node:fs';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { goldensFolder } from './golden.ts';

interface LabelScore {
  readonly label: string;
  readonly score: number;
}

/** What one clip gives. */
export interface ClipResult {
  readonly item: number;
  readonly sampleCount: number;
  /** All classes, the likeliest first, by the function that is applied. */
  readonly softmax: readonly LabelScore[];
  readonly sigmoid: readonly LabelScore[];
  readonly none: readonly LabelScore[];
  readonly frameCount: number;
  /** The features of the first frame, the second and the last. */
  readonly frames: readonly (readonly number[])[];
  /** Over all frames. */
  readonly mean: readonly number[];
}

export interface PipelineGolden {
  readonly folder: string;
  readonly clips: readonly ClipResult[];
}

const folder = `${goldensFolder}pipelines/`;

export function readPipelineGoldens(): readonly PipelineGolden[] {
  const { models } = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as {
    models: readonly { readonly model: string; readonly clips: readonly ClipResult[] }[];
  };
  return models.map(({ model, clips }) => ({ folder: folder + model, clips }));
}

/** The samples of a clip, which are not normalised. */
export const samplesOf = ({ item, sampleCount }: ClipResult): Float32Array =>
  inputSamples(item, sampleCount).map((sample) => 0.25 * sample + 0.125);
