/** Runs feature extraction: the hidden states of clips, or their means. */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { checkBoolean } from '../base/option-checks.ts';
import { Tensor } from '../base/tensor.ts';
import type { ModelWithoutHead } from '../speech/model-types.ts';
import type { TaskRun } from './audio-pipeline.ts';
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

/**
 * @returns [1, frames, width] for each clip; with pooling one tensor of all clips.
 * @throws UniSpeechError `bad-option`, and what the clips and the model throw.
 */
export async function extractFeatures(
  run: TaskRun<ModelWithoutHead>,
  options: FeatureExtractionOptions,
): Promise<Tensor<'float32'> | Tensor<'float32'>[]> {
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
  const { config } = run.model;
  const width = config.outputWidth;
  const wanted = { pooled: pooling === 'mean', normalized: normalize === true };
  const clips = await runClips(run.clips(checked), run, checked, (output, row, { samples }) =>
    vectorsOf(output.last_hidden_state, row, config.outputFrameCount(samples.length), wanted),
  );
  if (wanted.pooled) {
    const all = new Float32Array(clips.length * width);
    clips.forEach((vector, index) => all.set(vector, index * width));
    return new Tensor('float32', all, [clips.length, width]);
  }
  return clips.map((data) => new Tensor('float32', data, [1, data.length / width, width]));
}
