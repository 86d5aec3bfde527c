/** Which other frames stand against a frame in the contrastive loss, drawn from a seed. */
import { isCount } from '../base/checks.ts';
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { flatMask, type NumberTable } from '../base/number-tables.ts';
import { badOption } from '../base/option-checks.ts';
import { Tensor } from '../base/tensor.ts';
import { batchShape, MAX_INDEX_COUNT } from './batch-shape.ts';
import { randomOf } from './seed.ts';

export interface NegativeIndicesOptions {
  /** [batch, frames]. */
  readonly features_shape: readonly number[];
  /** Negatives for each frame. */
  readonly num_negatives: number;
  /** [batch, frames], 1 for a frame that is masked: only these get negatives, and are some. Without it all frames. */
  readonly mask_time_indices?: NumberTable | null;
  /** A whole number from 0 to 2³¹ − 3. */
  readonly seed: number;
}

/**
 * Draws negatives for each masked frame among the other masked frames of its clip (`_sample_negative_indices` of `modeling_wav2vec2.py`: its
 * rules, but other random numbers). A frame may come several times. Equal options give equal negatives.
 * @returns [batch, frames, num_negatives]: `sampled_negative_indices` of a model call. An index counts the frames of the whole batch; frames that
 * are not masked have that of their clip's first frame.
 * @throws UniSpeechError `bad-option`; `bad-input` for a mask of another shape, or a clip with one masked frame, which has no other.
 */
export function sample_negative_indices(options: NegativeIndicesOptions): Tensor<'int32'> {
  const known = ['features_shape', 'num_negatives', 'mask_time_indices', 'seed'];
  rejectUnknownOptions(options, known, 'sample_negative_indices');
  const { num_negatives, mask_time_indices } = options;
  const [batch, frames] = batchShape('features_shape', options.features_shape);
  const most = Math.floor(MAX_INDEX_COUNT / (batch * frames));
  if (!isCount(num_negatives) || num_negatives < 1 || num_negatives > most)
    throw badOption('num_negatives', num_negatives, `a whole number from 1 to ${most}`);
  const mask = mask_time_indices && flatMask(mask_time_indices, 'mask_time_indices', batch, frames);
  const random = randomOf('seed', options.seed);
  const indices = new Int32Array(batch * frames * num_negatives);
  for (let item = 0; item < batch; item++) {
    const first = item * frames;
    const all = Array.from({ length: frames }, (_, frame) => first + frame);
    indices.fill(first, first * num_negatives, (first + frames) * num_negatives);
    const masked = mask ? all.filter((frame) => mask[frame]) : all;
    if (masked.length === 1) {
      throw new UniSpeechError(
        'bad-input',
        `Item ${item} has one masked frame, but negatives are drawn among the others.`,
        'Mask at least two frames of each item, or none.',
      );
    }
    masked.forEach((frame, own) => {
      for (let i = 0; i < num_negatives; i++) {
        const drawn = random.integer(0, masked.length - 2);
        indices[frame * num_negatives + i] = masked[drawn < own ? drawn : drawn + 1] ?? first;
      }
    });
  }
  return new Tensor('int32', indices, [batch, frames, num_negatives]);
}
