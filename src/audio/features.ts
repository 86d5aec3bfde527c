/** The feature extractor's results, as rows and as tensors. */
import { isRecord } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { maskRows } from '../base/number-tables.ts';
import { Tensor } from '../base/tensor.ts';
import { toClips } from './clips.ts';
import type { AudioInput, AudioSamples } from './clips.ts';

/** One row per clip. Rows may have different lengths if nothing was padded. */
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

/** Input of `pad`: the features of a batch, or a list of the features of single clips. */
export type FeaturesToPad =
  | { readonly input_values: AudioInput; readonly attention_mask?: Tensor<'int32'> | readonly MaskValues[] }
  | readonly { readonly input_values: AudioSamples; readonly attention_mask?: MaskValues }[];

/**
 * Returns the rows of `features`, and their masks if they have any.
 *
 * @param consumer the class that takes the features, shown in errors.
 * @throws UniSpeechError `bad-input`.
 */
export function collate(
  features: FeaturesToPad,
  consumer: string,
): { readonly rows: readonly Float32Array[]; readonly masks?: readonly Uint8Array[] } {
  const items: readonly unknown[] = isList(features) ? Array.from(features) : [features];
  for (const item of items) {
    if (isRecord(item) && 'input_values' in item) continue;
    const keys = isRecord(item) ? `[${Object.keys(item).slice(0, 8).join(', ')}]` : describeValue(item);
    throw new UniSpeechError(
      'bad-input',
      `You should supply features or a list of features that includes input_values, but you provided ${keys}.`,
    );
  }
  const rows = toClips(
    isList(features) ? features.map((item) => item.input_values) : features.input_values,
    consumer,
  );
  const given = isList(features)
    ? features.map((item) => item.attention_mask ?? undefined).filter((mask) => mask !== undefined)
    : (features.attention_mask ?? undefined);
  // In a list any item may have the mask. An empty mask of the whole batch is a mask that does not fit.
  if (given === undefined || (isList(features) && Array.isArray(given) && given.length === 0))
    return { rows };
  const masks = maskRows(given, 'attention_mask');
  const found = masks.map((mask) => mask.length);
  const expected = rows.map((row) => row.length);
  if (found.join() !== expected.join()) {
    throw new UniSpeechError(
      'bad-input',
      `${consumer} got attention masks of ${found.join(', ')} values, expected ${expected.join(', ')} as in input_values.`,
    );
  }
  return { rows, masks };
}

/** @throws UniSpeechError `bad-input` when the rows have different lengths. */
export function toTensors({ input_values, attention_mask }: FeatureRows): AudioFeatures {
  const lengths = [...new Set(input_values.map((row) => row.length))];
  const [length = 0] = lengths;
  if (lengths.length > 1) {
    throw new UniSpeechError(
      'bad-input',
      `Clips of different lengths (${lengths.slice(0, 4).join(', ')} samples) make no tensor.`,
      'Pass padding: true, or use extract() for one array per clip.',
    );
  }
  const dims = [input_values.length, length];
  const stack = <T extends Float32Array | Int32Array>(rows: readonly T[], stacked: T): T => {
    rows.forEach((row, index) => stacked.set(row, index * length));
    return stacked;
  };
  const values = stack(input_values, new Float32Array(input_values.length * length));
  const tensor = new Tensor('float32', values, dims);
  if (attention_mask === undefined) return { input_values: tensor };
  const bits = stack(attention_mask, new Int32Array(values.length));
  return { input_values: tensor, attention_mask: new Tensor('int32', bits, dims) };
}

/** `Array.isArray` for readonly arrays. */
function isList(features: FeaturesToPad): features is Extract<FeaturesToPad, readonly unknown[]> {
  return Array.isArray(features);
}
