/** What a call of a model for pre-training asks for beyond its outputs: a loss, and codes chosen as in training. */
import { isRecord } from '../../base/checks.ts';
import { rejectUnknownOptions, UniSpeechError } from '../../base/errors.ts';
import { countOnes, flatMask } from '../../base/number-tables.ts';
import { badOption } from '../../base/option-checks.ts';
import type { Tensor } from '../../base/tensor.ts';
import { ceil4 } from '../../gpu/kernel.ts';
import { contrastiveLoss, diversityLoss } from '../../losses/contrastive-loss.ts';
import { gumbelNoise } from '../../losses/gumbel-softmax.ts';
import { readNegativeIndices } from '../../losses/labels.ts';
import { lossTensor } from '../../losses/loss-tensor.ts';
import { randomOf } from '../../losses/seed.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import type { HeadCall } from './head.ts';

/** Chooses codes as in training. */
export interface GumbelOptions {
  /** Of the noise: a whole number from 0 to 2³¹ − 3. */
  readonly seed: number;
  /** Of `codevector_probs`; default 2, as in transformers. The choice of the codes does not depend on it. */
  readonly temperature?: number | undefined;
}

/** Indices of negatives, [B, T, K]: a tensor, or nested lists. */
export type NegativeIndices = Tensor | readonly (readonly (ArrayLike<number> | ArrayLike<bigint>)[])[];

export interface PreTrainingLosses {
  /** []: `contrastive_loss` + `diversity_loss_weight` · `diversity_loss`. */
  readonly loss: Tensor<'float32'>;
  readonly contrastive_loss: Tensor<'float32'>;
  readonly diversity_loss: Tensor<'float32'>;
}

/** The loss that a call asks for. */
export interface LossRequest {
  /** B · T entries, 1 at masked frames: only these count. */
  readonly masked: Uint8Array;
  readonly negatives: Tensor<'int32'>;
}

/**
 * @returns undefined if the call has no negatives.
 * @throws UniSpeechError `bad-input`.
 */
export function readLossRequest({ shape, inputs }: HeadCall): LossRequest | undefined {
  const { sampled_negative_indices: indices, mask_time_indices: mask } = inputs;
  if (indices === undefined || indices === null) return undefined;
  if (mask === undefined || mask === null) {
    throw new UniSpeechError(
      'bad-input',
      'sampled_negative_indices needs mask_time_indices, as only masked frames count in the loss.',
    );
  }
  const { items, frames } = shape;
  const masked = flatMask(mask, 'mask_time_indices', items, frames);
  return { masked, negatives: readNegativeIndices(indices, items, frames) };
}

/**
 * The losses of `Wav2Vec2ForPreTraining`, which transformers leaves out of other classes. Sums are float64.
 * @param states what the encoder predicts and what the quantizer gives, [B, T, P] each.
 * @param perplexity of the masked frames.
 */
export function preTrainingLosses(
  config: EncoderConfig,
  states: { readonly predicted: Tensor<'float32'>; readonly quantized: Tensor<'float32'> },
  { masked, negatives }: LossRequest,
  perplexity: number,
): PreTrainingLosses {
  const temperature = config.contrastive_logits_temperature;
  const contrastive = contrastiveLoss({ ...states, masked, negatives, temperature });
  const codeCount = config.num_codevector_groups * config.num_codevectors_per_group;
  const diversity = diversityLoss(perplexity, codeCount, countOnes(masked));
  return {
    loss: lossTensor(contrastive + config.diversity_loss_weight * diversity),
    contrastive_loss: lossTensor(contrastive),
    diversity_loss: lossTensor(diversity),
  };
}

/** Noise for the logits of all codes. */
export interface CodeNoise {
  readonly temperature: number;
  /** A row for each frame of the batch. */
  readonly rows: Float32Array<ArrayBuffer>;
  readonly rowStride: number;
}

/**
 * @returns undefined if the call chooses codes as in evaluation.
 * @throws UniSpeechError `bad-option`.
 */
export function drawCodeNoise({ config, shape, inputs }: HeadCall): CodeNoise | undefined {
  const { gumbel } = inputs;
  if (gumbel === undefined || gumbel === null) return undefined;
  if (!isRecord(gumbel)) throw badOption('gumbel', gumbel, 'an object with a seed');
  rejectUnknownOptions(gumbel, ['seed', 'temperature'], 'gumbel');
  const { seed, temperature = 2 } = gumbel;
  if (typeof temperature !== 'number' || !(temperature >= 1e-6 && temperature <= 1e6))
    throw badOption('The temperature of gumbel', temperature, 'a number from 1e-6 to 1e6');
  const random = randomOf('The seed of gumbel', seed);
  const codeCount = config.num_codevector_groups * config.num_codevectors_per_group;
  const rowStride = ceil4(codeCount);
  const rows = new Float32Array(shape.items * shape.frames * rowStride);
  for (let start = 0; start < rows.length; start += rowStride)
    for (let code = 0; code < codeCount; code++) rows[start + code] = gumbelNoise(random);
  return { temperature, rows, rowStride };
}
