/**
 * The head of pre-training: a quantizer beside the encoder (`UniSpeechForPreTraining` and `UniSpeechGumbelVectorQuantizer` of the reference).
 * It gives the convolutions' features of each frame the nearest codes, padded frames included.
 */
import { UniSpeechError } from '../../base/errors.ts';
import { flatMask, type NumberTable } from '../../base/number-tables.ts';
import type { Tensor } from '../../base/tensor.ts';
import type { TensorId } from '../../graph/graph.ts';
import { lossTensor } from '../../losses/loss-tensor.ts';
import { perplexityOf } from '../../losses/perplexity.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { linear, plain } from '../encoder/weight-buffers.ts';
import type { Head } from './head.ts';
import { encoderOutputs, outputNamed, type EncoderOutputs } from './read-outputs.ts';

/** Output of `UniSpeechForPreTraining` (`UniSpeechForPreTrainingOutput`); B batch, T frames. */
export interface UniSpeechForPreTrainingOutput extends EncoderOutputs {
  /** [B, T, hidden]: the encoder's output. In spite of its name it is not projected. */
  readonly projected_states: Tensor<'float32'>;
  /** [B, T, hidden]: the quantized features, projected twice. */
  readonly projected_quantized_states: Tensor<'float32'>;
  /**
   * Dims []: how many codes are in use, summed over the groups; from the number of groups to that of all codes. It is of the whole
   * batch, padded frames included, also where the batch is run in parts.
   */
  readonly codevector_perplexity: Tensor<'float32'>;
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
  argumentNames: ['mix_mask'],
  prepare({ config, shape: { items, frames }, inputs: { mix_mask: mask } }) {
    const hasMask = mask !== undefined && mask !== null;
    const codes = hasMask && Uint32Array.from(flatMask(mask, 'mix_mask', items, frames));
    return {
      ...(codes && { graphInputs: new Map([['mix_codes', codes]]) }),
      readOutputs(outputs) {
        const { data: counts } = outputNamed(outputs, 'code_counts');
        const logits = outputs.get('logits');
        return {
          projected_states: outputNamed(outputs, 'projected_states'),
          projected_quantized_states: outputNamed(outputs, 'projected_quantized_states'),
          codevector_perplexity: lossTensor(
            perplexityOf(counts, config.num_codevector_groups, items * frames),
          ),
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
    const chosen = graph.add('choice of codes', groups, {
      kind: 'choose_codes',
      ...codebook,
      x,
      noise: undefined,
    });
    const counts = graph.add(
      'counts of codes',
      groups * codeCount,
      { kind: 'count_codes', ...codebook, chosen, counted: undefined },
      'batch',
    );
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
