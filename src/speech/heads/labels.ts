/** Heads whose calls may have `labels`: they return logits, and with labels the loss. */
import type { Tensor } from '../../base/tensor.ts';
import type { HeadCall, HeadRun } from './head.ts';
import type { LabelKind } from './label-losses.ts';
import { labelLoss } from './later-losses.ts';
import { encoderOutputs, outputNamed, type EncoderOutputs } from './read-outputs.ts';

export interface LabelledOutputs extends EncoderOutputs {
  /** Given with `labels`. */
  readonly loss?: Tensor<'float32'>;
  readonly logits: Tensor<'float32'>;
}

/** Prepares a call of such a head. */
export async function prepareLabelled(call: HeadCall, kind: LabelKind): Promise<HeadRun<LabelledOutputs>> {
  const { labels } = call.inputs;
  const lossOf = labels === undefined || labels === null ? undefined : await labelLoss(call, kind);
  return {
    readOutputs(outputs) {
      const logits = outputNamed(outputs, 'logits');
      return { ...(lossOf && { loss: lossOf(outputs) }), logits, ...encoderOutputs(outputs) };
    },
  };
}
