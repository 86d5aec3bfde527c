/**
 * The quantizer of pre-training (`Wav2Vec2GumbelVectorQuantizer` and its twin of UniSpeech): for each frame a linear layer chooses a code of
 * each group from the convolutions' features, for padded frames, too.
 */
import { UniSpeechError } from '../../base/errors.ts';
import { countOnes } from '../../base/number-tables.ts';
import type { RunInputs } from '../../graph/run.ts';
import { countCodes, gatherCodes } from '../../graph/codebook.ts';
import type { TensorId } from '../../graph/graph-tensor.ts';
import { gumbelSoftmax } from '../../losses/gumbel-softmax.ts';
import { lossTensor } from '../../losses/loss-tensor.ts';
import { perplexityOf, softPerplexity } from '../../losses/perplexity.ts';
import type { Tensor } from '../../base/tensor.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { linear, plain, type WeightBuffer } from '../encoder/weight-buffers.ts';
import { addLayer } from './add-layer.ts';
import { refuseAdapter } from './adapter-refusal.ts';
import type { HeadCall, HeadGraph, OutputTensors } from './head.ts';
import {
  drawCodeNoise,
  type GumbelOptions,
  type NegativeIndices,
  preTrainingLosses,
  readLossRequest,
} from './pre-training-loss.ts';
import { encoderOutputs, outputNamed, type EncoderOutputs } from './read-outputs.ts';

/** What every model with a quantizer returns; B batch, T frames. */
export interface QuantizedOutputs extends EncoderOutputs {
  /** [B, T, P]: what the encoder predicts. */
  readonly projected_states: Tensor<'float32'>;
  /** [B, T, P]: the quantized features. */
  readonly projected_quantized_states: Tensor<'float32'>;
  /** []: how many codes are in use, summed over the groups; from the number of groups to that of all codes. */
  readonly codevector_perplexity: Tensor<'float32'>;
  /**
   * [], with `mask_time_indices` and `sampled_negative_indices`: `contrastive_loss` + `diversity_loss_weight` · `diversity_loss` of the two
   * states above, over masked frames (`Wav2Vec2ForPreTraining`).
   */
  readonly loss?: Tensor<'float32'>;
  /**
   * []: Σ over masked frames of −ln softmax(cosine similarities of `projected_states` with the frame's own quantized states and with its
   * negatives, divided by `contrastive_logits_temperature`)[own]. Negatives that equal the frame's own states do not count.
   */
  readonly contrastive_loss?: Tensor<'float32'>;
  /** []: the share of the codes that the masked frames leave unused, by their perplexity, times the number of masked frames. With `gumbel` it is the perplexity of the softmax. */
  readonly diversity_loss?: Tensor<'float32'>;
  /** [B, T, groups · codes]: softmax((logits of the codes + noise) / temperature) of each group; only with `gumbel`. */
  readonly codevector_probs?: Tensor<'float32'>;
}

/** What a call takes in addition. */
export interface QuantizerArguments {
  /**
   * [batch, frames, negatives]: for each frame the frames of the batch, 0 to batch · frames − 1, from which its own has to be told
   * (`sample_negative_indices`). With `mask_time_indices` they give the loss.
   */
  readonly sampled_negative_indices?: NegativeIndices | null;
  /** Chooses codes by their logits plus noise, as in training. */
  readonly gumbel?: GumbelOptions | null;
}

/** Numbers of the vector of one code. @throws UniSpeechError `bad-config`. */
function codeSize({ codevector_dim: dim, num_codevector_groups: groups }: EncoderConfig): number {
  if (dim % groups === 0) return dim / groups;
  throw new UniSpeechError(
    'bad-config',
    `config.json: "codevector_dim" (${dim}) must be divisible by "num_codevector_groups" (${groups}).`,
  );
}

/** The weights of the quantizer and of the projection of its codes. */
export function quantizerLayout(config: EncoderConfig): readonly WeightBuffer[] {
  const { num_codevector_groups, num_codevectors_per_group, codevector_dim, proj_codevector_dim } = config;
  refuseAdapter(config, 'pre-training');
  const codeCount = num_codevector_groups * num_codevectors_per_group;
  const codevectors = 'quantizer.codevectors';
  return [
    plain(codevectors, [{ name: codevectors, shape: [1, codeCount, codeSize(config)] }]),
    ...linear('quantizer.weight_proj', codeCount, config.conv_dim.at(-1) ?? 1),
    ...linear('project_q', proj_codevector_dim, codevector_dim),
  ];
}

/**
 * Adds the quantizer, and outputs from which its perplexity follows.
 * @param features [item, frame, last conv width].
 * @returns the projected vectors of the codes, [item, frame, P].
 */
export function addQuantizer(target: HeadGraph, features: TensorId): TensorId {
  const { graph, config, given } = target;
  const { num_codevector_groups: groups, num_codevectors_per_group: codeCount } = config;
  const x = addLayer(target, 'quantizer.weight_proj', groups * codeCount, features);
  const codebook = { groups, codeCount };
  const noise = given.has('code_noise') ? graph.input('code_noise', 'frames', groups * codeCount) : undefined;
  const chosen = graph.add('choice of codes', groups, { kind: 'choose_codes', ...codebook, x, noise });
  const addCounts = (name: string, counted: TensorId | undefined): TensorId =>
    graph.add(name, groups * codeCount, countCodes(codebook, chosen, counted), 'batch');
  graph.output('code_counts', addCounts('counts of codes', undefined));
  if (given.has('masked_frames')) {
    const masked = graph.input('masked_frames', 'per-frame');
    graph.output('masked_code_counts', addCounts('counts of masked frames', masked));
  }
  if (noise !== undefined) graph.output('code_logits', x);
  const gathered = gatherCodes(codebook, chosen, 'quantizer.codevectors');
  const codevectors = graph.add('vectors of codes', config.codevector_dim, gathered);
  return addLayer(target, 'project_q', config.proj_codevector_dim, codevectors);
}

/** A call of a model with a quantizer. */
interface QuantizerRun {
  readonly graphInputs: RunInputs;
  readonly readOutputs: (outputs: OutputTensors) => QuantizedOutputs;
}

/**
 * Checks the arguments of a call.
 * @param counted B · T entries, 1 at the frames of which `codevector_perplexity` tells; without it all frames.
 * @throws UniSpeechError `bad-input`.
 */
export function prepareQuantizer(call: HeadCall, counted: Uint8Array | undefined): QuantizerRun {
  const { config, shape } = call;
  const groups = config.num_codevector_groups;
  const wanted = readLossRequest(call);
  const masked = counted ?? wanted?.masked;
  const noise = drawCodeNoise(call);
  const graphInputs = new Map<string, Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>();
  if (noise) graphInputs.set('code_noise', noise.rows);
  else if (masked) graphInputs.set('masked_frames', Uint32Array.from(masked));
  return {
    graphInputs,
    readOutputs(outputs) {
      const predicted = outputNamed(outputs, 'projected_states');
      const quantized = outputNamed(outputs, 'projected_quantized_states');
      const codeLogits = outputs.get('code_logits');
      const perplexity = (frames: Uint8Array | undefined): number =>
        codeLogits
          ? softPerplexity(codeLogits, groups, frames)
          : perplexityOf(
              outputNamed(outputs, frames ? 'masked_code_counts' : 'code_counts').data,
              groups,
              frames ? countOnes(frames) : shape.items * shape.frames,
            );
      return {
        ...(wanted && preTrainingLosses(config, { predicted, quantized }, wanted, perplexity(wanted.masked))),
        projected_states: predicted,
        projected_quantized_states: quantized,
        codevector_perplexity: lossTensor(perplexity(counted)),
        ...(codeLogits &&
          noise && { codevector_probs: gumbelSoftmax(codeLogits, noise.rows, { ...noise, groups }) }),
        ...encoderOutputs(outputs),
      };
    },
  };
}
