/** Losses of calls with `labels`, as the classes of `modeling_unispeech.py` compute them. This file is loaded with the first such call. */
import { UniSpeechError } from '../../base/errors.ts';
import type { Tensor } from '../../base/tensor.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { ctcLoss } from '../../losses/ctc-loss.ts';
import { readClassLabels, readTextLabels } from '../../losses/labels.ts';
import type { HeadCall } from './head.ts';

/** What labels stand for: the tokens of a text (the loss is CTC), or one class for each item (cross-entropy). */
export type LabelKind = 'text' | 'class';

type LossOf = (logits: Tensor<'float32'>) => Tensor<'float32'>;

/**
 * Checks the labels of a call.
 * @returns what makes their loss of the logits.
 * @throws UniSpeechError `bad-input` for labels that do not fit; `bad-config` if there is no blank for a text.
 */
export const labelLoss = (call: HeadCall, kind: LabelKind): LossOf =>
  kind === 'text' ? textLoss(call) : classLoss(call);

function textLoss({ config, shape, sampleCounts, inputs }: HeadCall): LossOf {
  const { vocab_size, pad_token_id: blank } = config;
  if (blank >= vocab_size) {
    throw new UniSpeechError(
      'bad-config',
      `config.json: "pad_token_id" is ${blank}, but as the blank of the CTC loss it must be below "vocab_size", ${vocab_size}.`,
    );
  }
  const labels = readTextLabels(inputs.labels, shape.items, vocab_size);
  const frameCounts = sampleCounts.map((count) => config.frameCount(count));
  const short = frameCounts.findIndex((count) => count < 0);
  if (short >= 0) {
    throw new UniSpeechError(
      'bad-input',
      `Row ${short} of the batch has ${sampleCounts[short] ?? 0} real samples, too few for a loss.`,
      `Give every clip at least ${config.minimumSampleCount} samples.`,
    );
  }
  const options = { reduction: config.ctc_loss_reduction, zeroInfinity: config.ctc_zero_infinity };
  return (logits) => ctcLoss({ logits, labels, frameCounts, blank }, options);
}

function classLoss({ config, shape, inputs }: HeadCall): LossOf {
  const labels = readClassLabels(inputs.labels, shape.items, config.num_labels);
  return (logits) => crossEntropy(logits, labels);
}
