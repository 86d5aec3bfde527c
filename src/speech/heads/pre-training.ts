/**
 * The head of pre-training: a quantizer beside the encoder (`UniSpeechForPreTraining` and `UniSpeechGumbelVectorQuantizer` of the reference).
 * For each frame a linear layer chooses a code of each group from the convolutions' features, for padded frames, too.
 */
import { UniSpeechError } from '../../base/errors.ts';
import { countOnes, flatMask, type NumberTable } from '../../base/number-tables.ts';
import type { Tensor } from '../../base/tensor.ts';
import type { TensorId } from '../../graph/graph.ts';
import { gumbelSoftmax } from '../../losses/gumbel-softmax.ts';
import { lossTensor } from '../../losses/loss-tensor.ts';
import { perplexityOf, softPerplexity } from '../../losses/perplexity.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { linear, plain } from '../encoder/weight-buffers.ts';
import type { Head } from './head.ts';
import {
  drawCodeNoise,
  type GumbelOptions,
  type NegativeIndices,
  preTrainingLosses,
  readLossRequest,
} from './pre-training-loss.ts';
import { encoderOutputs, outputNamed, type EncoderOutputs } from './read-outputs.ts';

/** Output of `UniSpeechForPreTraining` (`UniSpeechForPreTrainingOutput`); B batch, T frames. */
export interface UniSpeechForPreTrainingOutput extends EncoderOutputs {
  /** [B, T, hidden]: the encoder's output. In spite of its name it is not projected. */
  readonly projected_states: Tensor<'float32'>;
  /** [B, T, hidden]: the quantized features, projected twice. */
  readonly projected_quantized_states: Tensor<'float32'>;
  /**
   * Dims []: how many codes are in use, summed over the groups; from the number of groups to that of all codes. It is of the whole
   * batch, padded frames included, also where the batch is run in parts. With `gumbel` it is that of the softmax of the codes' logits.
   */
  readonly codevector_perplexity: Tensor<'float32'>;
  /**
   * [], with `mask_time_indices` and `sampled_negative_indices`: the loss of wav2vec 2.0 (`Wav2Vec2ForPreTraining`), as transformers has none for
   * this class. It is `contrastive_loss` + `diversity_loss_weight` · `diversity_loss` of the two states below, over masked frames.
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
  /** [B, T, num_ctc_classes]: raw logits of `ctc_proj` over the mixed states; only if the call has a `mix_mask`. */
  readonly logits?: Tensor<'float32'>;
}

/** Arguments of a call of `UniSpeechForPreTraining`. */
export interface PreTrainingArguments {
  /**
   * [batch, frames]: 1 for a frame at which `ctc_proj` reads the quantized features in place of the encoder's output. The reference draws
   * it with the probability `replace_prob`, and drops the logits.
   */
  readonly mix_mask?: NumberTable | null;
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

export const PRE_TRAINING_HEAD: Head<UniSpeechForPreTrainingOutput> = {
  argumentNames: ['mix_mask', 'sampled_negative_indices', 'gumbel'],
  prepare(call) {
    const { config, shape } = call;
    const { items, frames } = shape;
    const { mix_mask: mixMask } = call.inputs;
    const wanted = readLossRequest(call);
    const noise = drawCodeNoise(call);
    const graphInputs = new Map<string, Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>>();
    if (mixMask !== undefined && mixMask !== null)
      graphInputs.set('mix_codes', Uint32Array.from(flatMask(mixMask, 'mix_mask', items, frames)));
    if (noise) graphInputs.set('code_noise', noise.rows);
    else if (wanted) graphInputs.set('masked_frames', Uint32Array.from(wanted.masked));
    return {
      graphInputs,
      readOutputs(outputs) {
        const groups = config.num_codevector_groups;
        const predicted = outputNamed(outputs, 'projected_states');
        const quantized = outputNamed(outputs, 'projected_quantized_states');
        const logits = outputs.get('logits');
        const codeLogits = outputs.get('code_logits');
        const perplexity = (masked?: Uint8Array): number =>
          codeLogits
            ? softPerplexity(codeLogits, groups, masked)
            : perplexityOf(
                outputNamed(outputs, masked ? 'masked_code_counts' : 'code_counts').data,
                groups,
                masked ? countOnes(masked) : items * frames,
              );
        return {
          ...(wanted &&
            preTrainingLosses(config, { predicted, quantized }, wanted, perplexity(wanted.masked))),
          projected_states: predicted,
          projected_quantized_states: quantized,
          codevector_perplexity: lossTensor(perplexity()),
          ...(codeLogits &&
            noise && { codevector_probs: gumbelSoftmax(codeLogits, noise.rows, { ...noise, groups }) }),
          ...(logits && { logits }),
          ...encoderOutputs(outputs),
        };
      },
    };
  },
  layout(config) {
    const { hidden_size, num_codevector_groups, num_codevectors_per_group } = config;
    const { codevector_dim, proj_codevector_dim, num_ctc_classes } = config;
    const codeCount = num_codevector_groups * num_codevectors_per_group;
    const codevectors = 'quantizer.codevectors';
    return [
      plain(codevectors, [{ name: codevectors, shape: [1, codeCount, codeSize(config)] }]),
      ...linear('quantizer.weight_proj', codeCount, config.conv_dim.at(-1) ?? 1),
      ...linear('project_q', proj_codevector_dim, codevector_dim),
      ...linear('project_hid', hidden_size, proj_codevector_dim),
      ...linear('ctc_proj', num_ctc_classes, hidden_size),
    ];
  },
  sizes: [
    ['codevector_dim', 'project_q.weight', 1, 2],
    ['proj_codevector_dim', 'project_q.weight', 0, 2],
    ['num_ctc_classes', 'ctc_proj.weight', 0, 2],
  ],
  addTo({ graph, config, given, addEncoder }) {
    const { hidden_size: hidden, num_codevector_groups: groups } = config;
    const { num_codevectors_per_group: codeCount } = config;
    const { lastHiddenState, features } = addEncoder();
    const layer = (name: string, channels: number, x: TensorId): TensorId =>
      graph.add(name, channels, { kind: 'linear', x, weight: `${name}.weight`, bias: `${name}.bias` });
    const x = layer('quantizer.weight_proj', groups * codeCount, features);
    const codebook = { groups, codeCount };
    const noise = given.has('code_noise')
      ? graph.input('code_noise', 'frames', groups * codeCount)
      : undefined;
    const chosen = graph.add('choice of codes', groups, {
      kind: 'choose_codes',
      ...codebook,
      x,
      noise,
    });
    const addCounts = (name: string, counted: TensorId | undefined): TensorId =>
      graph.add(name, groups * codeCount, { kind: 'count_codes', ...codebook, chosen, counted }, 'batch');
    const counts = addCounts('counts of codes', undefined);
    const maskedCounts = given.has('masked_frames')
      ? addCounts('counts of masked frames', graph.input('masked_frames', 'per-frame'))
      : undefined;
    const codevectors = graph.add('vectors of codes', config.codevector_dim, {
      kind: 'gather_codes',
      ...codebook,
      chosen,
      codevectors: 'quantizer.codevectors',
    });
    const projected = layer('project_q', config.proj_codevector_dim, codevectors);
    const quantized = layer('project_hid', hidden, projected);
    graph.output('projected_states', lastHiddenState);
    graph.output('projected_quantized_states', quantized);
    graph.output('code_counts', counts);
    if (maskedCounts !== undefined) graph.output('masked_code_counts', maskedCounts);
    if (noise !== undefined) graph.output('code_logits', x);
    if (!given.has('mix_codes')) return;
    const mixed = graph.add('mixed states', hidden, {
      kind: 'mask_frames',
      x: lastHiddenState,
      codes: graph.input('mix_codes', 'per-frame'),
      replacement: quantized,
    });
    graph.output('logits', layer('ctc_proj', config.num_ctc_classes, mixed));
  },
};
