/** Losses of calls with `labels`, as the classes of the reference compute them. This file is loaded with the first such call. */
import { UniSpeechError } from '../../base/errors.ts';
import { Tensor } from '../../base/tensor.ts';
import { amSoftmaxLoss } from '../../losses/am-softmax.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { ctcLoss } from '../../losses/ctc-loss.ts';
import { readClassLabels, readFrameLabels, readTextLabels } from '../../losses/labels.ts';
import type { HeadCall, OutputTensors } from './head.ts';
import { outputNamed, SPEAKER_PRODUCTS } from './read-outputs.ts';

/**
 * What labels stand for: the tokens of a text (the loss is CTC), one class for each item or for each frame (cross-entropy), or the speaker of
 * each item (AM-softmax).
 */
export type LabelKind = 'text' | 'class' | 'frame' | 'speaker';

type LossOf = (outputs: OutputTensors) => Tensor<'float32'>;

/**
 * Checks the labels of a call.
 * @returns what makes their loss of the outputs.
 * @throws UniSpeechError `bad-input` for labels that do not fit; `bad-config` if there is no blank for a text.
 */
export function labelLoss(call: HeadCall, kind: LabelKind): LossOf {
  switch (kind) {
    case 'text':
      return textLoss(call);
    case 'class':
      return classLoss(call);
    case 'frame':
      return frameLoss(call);
    case 'speaker':
      return speakerLoss(call);
  }
}

function textLoss({ config, shape, sampleCounts, inputs }: HeadCall): LossOf {
  const { vocab_size, pad_token_id: blank } = config;
  if (blank >= vocab_size) {
    throw new UniSpeechError(
      'bad-config',
      `config.json: "pad_token_id" is ${blank}, but as the blank of the CTC loss it must be below "vocab_size", ${vocab_size}.`,
    );
  }
  const labels = readTextLabels(inputs.labels, shape.items, vocab_size);
  const frameCounts = sampleCounts.map((count) => config.maskedFrameCount(count));
  const short = frameCounts.findIndex((count) => count < 0);
  if (short >= 0) {
    throw new UniSpeechError(
      'bad-input',
      `Row ${short} of the batch has ${sampleCounts[short] ?? 0} real samples, too few for a loss.`,
      `Give every clip at least ${config.minimumSampleCount} samples.`,
    );
  }
  const frames = config.outputFrameCount(shape.samples);
  const long = frameCounts.findIndex((count) => count > frames);
  if (long >= 0) {
    throw new UniSpeechError(
      'bad-input',
      `Row ${long} of the batch counts ${frameCounts[long] ?? 0} frames in the CTC loss, but the adapter of this model leaves ${frames}.`,
      'As in transformers there is a loss where "adapter_kernel_size" is 3.',
    );
  }
  const options = { reduction: config.ctc_loss_reduction, zeroInfinity: config.ctc_zero_infinity };
  return (outputs) =>
    ctcLoss({ logits: outputNamed(outputs, 'logits'), labels, frameCounts, blank }, options);
}

function classLoss({ config, shape, inputs }: HeadCall): LossOf {
  const labels = readClassLabels(inputs.labels, shape.items, config.num_labels);
  return (outputs) => crossEntropy(outputNamed(outputs, 'logits'), labels);
}

function frameLoss({ config, shape, inputs }: HeadCall): LossOf {
  const { items, frames } = shape;
  const labels = readFrameLabels(inputs.labels, [items, frames, config.num_labels]);
  return (outputs) => {
    const { data } = outputNamed(outputs, 'logits');
    return crossEntropy(new Tensor('float32', data, [items * frames, config.num_labels]), labels);
  };
}

function speakerLoss({ config, shape, inputs }: HeadCall): LossOf {
  const labels = readClassLabels(inputs.labels, shape.items, config.num_labels);
  return (outputs) =>
    amSoftmaxLoss(outputNamed(outputs, 'logits'), outputNamed(outputs, SPEAKER_PRODUCTS), labels);
}
