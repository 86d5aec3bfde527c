/** Runs whole clips in batches, for tasks that give one result for each clip. */
import type { Wav2Vec2FeatureExtractor } from '../audio/feature-extractor.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ModelInputs } from '../speech/core/runner.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import type { PreparedClip } from './prepared-clip.ts';
import type { CheckedCall } from './call-options.ts';
import { checkLength, modelAudio } from './model-audio.ts';

/** The parts of a pipeline that are needed here. */
export interface ClipRunner<Output> {
  readonly processor: { readonly feature_extractor: Pick<Wav2Vec2FeatureExtractor, 'config' | 'extract'> };
  readonly model: ((inputs: ModelInputs) => Promise<Output>) & {
    readonly config: Pick<EncoderConfig, 'minimumSampleCount'>;
  };
}

/** Which clips run together. */
export interface ClipBatches extends Pick<CheckedCall, 'batchSize' | 'signal'> {
  /** Only clips of one length, which need no padding, so that no result depends on the other clips. Default: false. */
  readonly ofOneLength?: boolean;
  /** Samples that a clip needs. Default: those of one frame. */
  readonly minimumSampleCount?: number;
}

/**
 * Clips of different lengths are padded with zeros after normalisation, and masked.
 * @param resultOf makes the result of a clip from the output of its batch. The result must not be a view on that output.
 * @throws UniSpeechError `bad-audio` for a clip that is too short, `bad-input` for one with a stride.
 */
export async function runClips<Output, Result>(
  clips: AsyncIterable<PreparedClip>,
  { processor: { feature_extractor }, model }: ClipRunner<Output>,
  {
    batchSize,
    signal,
    ofOneLength = false,
    minimumSampleCount = model.config.minimumSampleCount,
  }: ClipBatches,
  resultOf: (output: Output, row: number, clip: PreparedClip) => Result,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting: PreparedClip[] = [];
  const run = async (batch: readonly PreparedClip[]): Promise<void> => {
    const input_values = modelAudio(batch, feature_extractor);
    const output = await model({ input_values, ...(signal && { signal }) });
    results.push(...batch.map((clip, row) => resultOf(output, row, clip)));
  };
  for await (const clip of clips) {
    checkLength(
      { name: clip.name, sampleCount: clip.samples.length },
      { minimumSampleCount },
      feature_extractor.config.sampling_rate,
    );
    if (clip.stride !== undefined) {
      throw new UniSpeechError(
        'bad-input',
        `${clip.name} has a stride, which only speech recognition leaves out of its result.`,
        'Cut the samples.',
      );
    }
    if (ofOneLength && waiting[0] && waiting[0].samples.length !== clip.samples.length)
      await run(waiting.splice(0));
    waiting.push(clip);
    if (waiting.length === batchSize) await run(waiting.splice(0));
  }
  if (waiting.length > 0) await run(waiting);
  return results;
}
