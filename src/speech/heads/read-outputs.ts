/** Helpers with which heads make typed results from output tensors. */
import type { Tensor } from '../../base/tensor.ts';
import type { OutputTensors } from './head.ts';

/** Outputs that every model gives on request; B batch, T frames. */
export interface EncoderOutputs {
  /** One [B, T, hidden] before the first layer and one after each layer, on request. */
  readonly hidden_states?: readonly Tensor<'float32'>[];
  /** One [B, heads, T, T] per layer, after softmax, on request. */
  readonly attentions?: readonly Tensor<'float32'>[];
}

/** An output that only a loss needs: the products of the logits with the vector of each speaker, [item, num_labels]. */
export const SPEAKER_PRODUCTS = 'speaker_products';

export function outputNamed(outputs: OutputTensors, name: string): Tensor<'float32'> {
  const tensor = outputs.get(name);
  if (!tensor) throw new Error(`the graph lacks the output ${name}`);
  return tensor;
}

export function encoderOutputs(outputs: OutputTensors): EncoderOutputs {
  const hidden_states = outputList(outputs, 'hidden_states');
  const attentions = outputList(outputs, 'attentions');
  return { ...(hidden_states && { hidden_states }), ...(attentions && { attentions }) };
}

/** `hidden_states.0`, `hidden_states.1`, … as a list, or `undefined` when the run made none. */
function outputList(outputs: OutputTensors, prefix: string): readonly Tensor<'float32'>[] | undefined {
  const list = [...outputs].filter(([name]) => name.startsWith(`${prefix}.`)).map(([, tensor]) => tensor);
  return list.length > 0 ? list : undefined;
}
