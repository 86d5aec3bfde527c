/** What a model takes of clips: enough samples for a frame, each clip normalised by itself. */
import type { Wav2Vec2FeatureExtractor } from '../audio/feature-extractor.ts';
import { UniSpeechError } from '../base/errors.ts';
import { vouchFinite } from '../base/finite-samples.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import type { PreparedClip } from './prepared-clip.ts';

/**
 * @param sampleRate rate of the clip in Hz, shown in the error.
 * @throws UniSpeechError `bad-audio` for a clip that is too short.
 */
export function checkLength(
  { sampleCount, name }: { readonly sampleCount: number; readonly name: string },
  { minimumSampleCount: minimum }: Pick<EncoderConfig, 'minimumSampleCount'>,
  sampleRate: number,
): void {
  if (sampleCount >= minimum) return;
  throw new UniSpeechError(
    'bad-audio',
    `${name} is too short: ${sampleCount} samples at ${sampleRate} Hz, this model needs at least ${minimum}.`,
  );
}

/** The `input_values` of a batch: clips of any lengths, which the model pads with zeros and masks. */
export function modelAudio(
  clips: readonly Pick<PreparedClip, 'samples'>[],
  extractor: Pick<Wav2Vec2FeatureExtractor, 'extract'>,
): readonly Float32Array[] {
  const input_values = clips.flatMap(({ samples }) => extractor.extract(samples).input_values);
  // These are copies, which nothing else references, of samples that the feature extractor has checked.
  input_values.forEach(vouchFinite);
  return input_values;
}
