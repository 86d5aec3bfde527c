/** Runs speaker verification: the embeddings of clips. */
import { checkBoolean } from '../base/option-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { minimumSamples } from '../speech/heads/head.ts';
import type { ModelForXVector } from '../speech/model-types.ts';
import type { TaskRun } from './audio-pipeline.ts';
import { type CallOptions, checkCallOptions } from './call-options.ts';
import { withClipLimit } from './clip-limit.ts';
import { normalizeRows } from './pool-frames.ts';
import { runClips } from './run-clips.ts';

export interface SpeakerEmbeddingOptions extends CallOptions {
  /**
   * Scale every embedding to a Euclidean length of 1, as the pages of the models do and as stores of vectors expect. Default: false, the
   * `embeddings` of the model. Cosines are the same.
   */
  readonly normalize?: boolean | null | undefined;
}

/** @throws UniSpeechError `bad-option`, and what the clips and the model throw. */
export async function embedSpeakers(
  run: TaskRun<ModelForXVector>,
  options: SpeakerEmbeddingOptions,
): Promise<Tensor<'float32'>> {
  const checked = checkCallOptions(options, ['normalize'], 'A speaker embedding call');
  const { normalize } = options;
  checkBoolean('normalize', normalize);
  const { config } = run.model;
  const { xvector_output_dim: width } = config;
  const minimumSampleCount = minimumSamples(config, run.model.runner.head);
  const batches = { ...checked, ofOneLength: true, minimumSampleCount };
  const running = runClips(run.clips(checked), run, batches, ({ embeddings }, row) =>
    embeddings.at(row).data.slice(),
  );
  const rows = await withClipLimit(run.model, run.sampleRate, running);
  const all = new Float32Array(rows.length * width);
  rows.forEach((embedding, index) => all.set(embedding, index * width));
  if (normalize) normalizeRows(all, width);
  return new Tensor('float32', all, [rows.length, width]);
}
