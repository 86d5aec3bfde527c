/** Which frames a model has to guess in pre-training, drawn from a seed (SpecAugment, Park et al., 2019). */
import { isCount } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { countOnes, flatMask, type NumberTable } from '../base/number-tables.ts';
import { badOption } from '../base/option-checks.ts';
import type { SeededRandom } from '../base/seeded-random.ts';
import { Tensor } from '../base/tensor.ts';
import { batchShape } from './batch-shape.ts';
import { randomOf } from './seed.ts';

export interface MaskIndicesOptions {
  /** [batch, frames]. */
  readonly shape: readonly number[];
  /** Share of the frames that spans would cover if none overlapped. */
  readonly mask_prob: number;
  /** Frames of a span, at most all. */
  readonly mask_length: number;
  /** [batch, frames], 1 for frames that are not padding. Without it all frames may be masked. */
  readonly attention_mask?: NumberTable | null;
  /** Least number of spans in a row. Default 0. */
  readonly min_masks?: number;
  /** A whole number from 0 to 2³¹ − 3. */
  readonly seed: number;
}

/**
 * Draws spans of frames to mask (`_compute_mask_indices` of `modeling_wav2vec2.py`: its rules, but other random numbers). Equal options
 * give equal masks. A row that gets no span has its last frame masked, as in the reference; `sample_negative_indices` refuses such a row.
 * @returns [batch, frames], 1 for a frame that is masked: `mask_time_indices` of a model call.
 * @throws UniSpeechError `bad-option`, `bad-input`.
 */
export function compute_mask_indices(options: MaskIndicesOptions): Tensor<'bool'> {
  const known = ['shape', 'mask_prob', 'mask_length', 'attention_mask', 'min_masks', 'seed'];
  rejectUnknownOptions(options, known, 'compute_mask_indices');
  const { mask_prob, mask_length, attention_mask, min_masks = 0 } = options;
  const [batch, frames] = batchShape('shape', options.shape);
  if (!(Number.isFinite(mask_prob) && mask_prob >= 0))
    throw badOption('mask_prob', mask_prob, 'a number of at least 0');
  if (!isCount(mask_length) || mask_length < 1 || mask_length > frames)
    throw badOption('mask_length', mask_length, `a whole number from 1 to the number of frames, ${frames}`);
  if (!isCount(min_masks)) throw badOption('min_masks', min_masks, 'a whole number of at least 0');
  const isReal = attention_mask && flatMask(attention_mask, 'attention_mask', batch, frames);

  const random = randomOf('seed', options.seed);
  // One for the whole batch: it rounds up or down by chance.
  const rounding = random.uniform();
  const spanCount = (length: number): number => {
    const wanted = Math.max(Math.floor((mask_prob * length) / mask_length + rounding), min_masks);
    const fitting = Math.min(wanted, Math.floor(frames / mask_length));
    return Math.max(Math.min(fitting, length - mask_length + 1), 0);
  };
  const mask = new Uint8Array(batch * frames);
  const mostSpans = spanCount(frames);
  for (let row = 0; row < batch && mostSpans > 0; row++) {
    const length = isReal ? countOnes(isReal.subarray(row * frames, (row + 1) * frames)) : frames;
    const starts = distinct(length - mask_length + 1, spanCount(length), random);
    // A row without a span is shorter than the others, so its last frame is padding: the reference masks that one.
    if (starts.length === 0) starts.push(frames - 1);
    for (const start of starts)
      mask.fill(1, row * frames + start, row * frames + Math.min(start + mask_length, frames));
  }
  return new Tensor('bool', mask, [batch, frames]);
}

/** Different whole numbers below a limit, in random order. */
function distinct(limit: number, count: number, random: SeededRandom): number[] {
  const numbers = Array.from({ length: Math.max(limit, 0) }, (_, number) => number);
  for (let i = 0; i < count; i++) {
    const j = random.integer(i, limit - 1);
    [numbers[i], numbers[j]] = [numbers[j] ?? 0, numbers[i] ?? 0];
  }
  return numbers.slice(0, count);
}
