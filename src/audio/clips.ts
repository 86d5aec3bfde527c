/** The forms in which callers may pass audio samples, and their conversion to a batch of clips. */
import { isList, isView } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { nonFiniteIndex } from '../base/finite-samples.ts';
import { Tensor } from '../base/tensor.ts';

/** The samples of one mono clip. Integers are not rescaled, because normalisation makes their scale irrelevant. */
export type AudioSamples = Float32Array | Float64Array | Int16Array | Int32Array | readonly number[];

/** One clip (samples, or a tensor `[samples]`) or a batch (a list of clips, or a tensor `[clips, samples]`). */
export type AudioInput = AudioSamples | Tensor<'float32'> | readonly (AudioSamples | Tensor<'float32'>)[];

/**
 * Returns the clips of `input` in float32: at least one, none of them empty. An array whose first element is not a number
 * is a batch, as in `transformers/models/wav2vec2/feature_extraction_wav2vec2.py`. Clips that are already
 * float32 are not copied.
 *
 * @param consumer the class that takes the input, shown in errors.
 * @throws UniSpeechError `bad-input` for anything else, and for samples that are not finite.
 */
export function toClips(input: AudioInput, consumer: string): Float32Array[] {
  const clips =
    input instanceof Tensor && input.dims.length === 2
      ? Array.from({ length: input.dims[0] ?? 0 }, (_, row) => input.at(row))
      : isList(input) && typeof input[0] !== 'number'
        ? input
        : [input];
  if (clips.length === 0) throw new UniSpeechError('bad-input', `${consumer} got an empty batch.`);
  // Not `map`, which skips the holes of an array.
  return Array.from(clips as readonly unknown[], (clip, index) => {
    const samples = toSamples(clip, consumer);
    const where = clips.length === 1 ? 'a clip' : `clip ${index + 1} of ${clips.length}`;
    if (samples.length === 0)
      throw new UniSpeechError('bad-input', `${consumer} got ${where} without samples.`);
    const invalidIndex = nonFiniteIndex(samples);
    if (invalidIndex >= 0) {
      throw new UniSpeechError(
        'bad-input',
        `${consumer} got ${where} whose sample ${invalidIndex} is ${samples[invalidIndex]}, expected finite numbers.`,
      );
    }
    return samples;
  });
}

function toSamples(clip: unknown, consumer: string): Float32Array {
  if (isView(clip, 'Float32Array')) return clip;
  if (isSampleArray(clip)) return Float32Array.from(clip);
  const isTensor = clip instanceof Tensor && isView(clip.data, 'Float32Array');
  if (isTensor && clip.dims.length === 1) return clip.data;
  if (isList(clip) && clip.every((sample) => typeof sample === 'number')) return Float32Array.from(clip);
  const isNested = isList(clip) && (isList(clip[0]) || isSampleArray(clip[0]));
  throw isTensor || isNested
    ? new UniSpeechError(
        'bad-input',
        `Only mono-channel audio is supported for input to ${consumer}.`,
        'Pass one array of samples per clip; toMono() mixes channels.',
      )
    : new UniSpeechError(
        'bad-input',
        `${consumer} takes samples as Float32Array, Float64Array, Int16Array, Int32Array, array of numbers or ` +
          `float32 Tensor, or a list of these, found ${describeValue(clip)}.`,
      );
}

/** Whether a value is one of the typed arrays that may hold samples. */
export const isSampleArray = (value: unknown): value is Exclude<AudioSamples, readonly number[]> =>
  isView(value, 'Float32Array', 'Float64Array', 'Int16Array', 'Int32Array');
