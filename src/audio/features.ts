/** The feature extractor's results, as rows and as tensors. */
import { UniSpeechError } from '../base/errors.ts';
import { Tensor } from '../base/tensor.ts';
import { toClips } from './clips.ts';
import type { AudioInput, AudioSamples } from './clips.ts';

/** One row a clip; rows of different lengths where nothing was padded. */
export interface FeatureRows {
  readonly input_values: readonly Float32Array[];
  /** 1 for samples, 0 for padding. */
  readonly attention_mask?: readonly Int32Array[];
}

/** Tensors of dims `[clips, samples]`. */
export interface AudioFeatures {
  readonly input_values: Tensor<'float32'>;
  /** 1 for samples, 0 for padding. */
  readonly attention_mask?: Tensor<'int32'>;
}

export type MaskValues = Int32Array | readonly number[];

/** What `pad` takes: the features of a batch, or a list of the features of single clips. */
export type FeaturesToPad =
  | { readonly input_values: AudioInput; readonly attention_mask?: Tensor<'int32'> | readonly MaskValues[] }
  | readonly { readonly input_values: AudioSamples; readonly attention_mask?: MaskValues }[];

/**
 * The rows of `features`, and their masks where they have any.
 *
 * @param consumer shown in errors: who takes the features.
 * @throws UniSpeechError `bad-input`.
 */
export function collate(
  features: FeaturesToPad,
  consumer: string,
): { readonly rows: readonly Float32Array[]; readonly masks?: readonly MaskValues[] } {
  const items: readonly object[] = isList(features) ? features : [features];
  for (const item of items) {
    if (!('input_values' in item)) {
      throw new UniSpeechError(
        'bad-input',
        'You should supply features or a list of features that includes input_values, ' +
          `but you provided [${Object.keys(item).join(', ')}].`,
      );
    }
  }
  if (!isList(features)) {
    const rows = toClips(features.input_values, consumer);
    const { attention_mask: mask } = features;
    if (mask === undefined) return { rows };
    const masks = mask instanceof Tensor ? rows.map((_, index) => mask.at(index).data) : mask;
    return { rows, masks: checkMasks(rows, masks, consumer) };
  }
  const rows = toClips(
    features.map((item) => item.input_values),
    consumer,
  );
  const masks = features.flatMap((item) => (item.attention_mask === undefined ? [] : [item.attention_mask]));
  return masks.length === 0 ? { rows } : { rows, masks: checkMasks(rows, masks, consumer) };
}

/** @throws UniSpeechError `bad-input` when the rows have different lengths. */
export function toTensors({ input_values, attention_mask }: FeatureRows): AudioFeatures {
  const lengths = [...new Set(input_values.map((row) => row.length))];
  const [length = 0] = lengths;
  if (lengths.length > 1) {
    throw new UniSpeechError(
      'bad-input',
      `Clips of different lengths (${lengths.slice(0, 4).join(', ')} samples) make no tensor.`,
      'Pass padding: true, or use extract() for one array a clip.',
    );
  }
  const dims = [input_values.length, length];
  const values = new Float32Array(input_values.length * length);
  input_values.forEach((row, index) => values.set(row, index * length));
  const tensor = new Tensor('float32', values, dims);
  if (attention_mask === undefined) return { input_values: tensor };
  const bits = new Int32Array(values.length);
  attention_mask.forEach((row, index) => bits.set(row, index * length));
  return { input_values: tensor, attention_mask: new Tensor('int32', bits, dims) };
}

function checkMasks(
  rows: readonly Float32Array[],
  masks: readonly MaskValues[],
  consumer: string,
): readonly MaskValues[] {
  const found = masks.map((mask) => mask.length);
  const expected = rows.map((row) => row.length);
  if (found.join() !== expected.join()) {
    throw new UniSpeechError(
      'bad-input',
      `${consumer} got attention masks of ${found.join(', ')} values, expected ${expected.join(', ')} as in input_values.`,
    );
  }
  return masks;
}

/** `Array.isArray` for readonly arrays. */
function isList(features: FeaturesToPad): features is Extract<FeaturesToPad, readonly unknown[]> {
  return Array.isArray(features);
}
