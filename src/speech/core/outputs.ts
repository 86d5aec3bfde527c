/** From memory to tensors: drops the channel padding and gives outputs their names and shapes. */
import { Tensor } from '../../base/tensor.ts';
import { ceil4 } from '../../gpu/kernel.ts';
import type { GraphTensor } from '../../graph/graph.ts';
import type { RunShape } from '../../graph/shape.ts';

/** Output of `UniSpeechModel` (`Wav2Vec2BaseModelOutput`); B batch, T frames. */
export interface BaseModelOutput {
  /** [B, T, hidden] */
  readonly last_hidden_state: Tensor<'float32'>;
  /** [B, T, last conv width]: convolution features after the projection's layer norm. */
  readonly extract_features: Tensor<'float32'>;
  /** One [B, T, hidden] before the first layer and one after each; when asked for. */
  readonly hidden_states?: readonly Tensor<'float32'>[];
  /** One [B, heads, T, T] a layer, after softmax; when asked for. */
  readonly attentions?: readonly Tensor<'float32'>[];
}

/** Output of `UniSpeechForCTC` (`CausalLMOutput`). */
export interface CausalLMOutput extends Pick<BaseModelOutput, 'hidden_states' | 'attentions'> {
  /** [B, T, vocabulary], raw: no softmax. */
  readonly logits: Tensor<'float32'>;
}

/** The tensor that an output's memory holds. */
export function toTensor(
  memory: Float32Array<ArrayBuffer>,
  { extent, channels }: GraphTensor,
  { items, frames }: RunShape,
): Tensor<'float32'> {
  const isAttention = extent === 'attention';
  const rows = extent === 'items' ? [items] : [items, frames];
  const dims = isAttention ? [items, channels, frames, frames] : [...rows, channels];
  const stride = ceil4(channels);
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (isAttention || stride === channels) return new Tensor('float32', memory.subarray(0, size), dims);
  const data = new Float32Array(size);
  for (let row = 0; row < size / channels; row++)
    data.set(memory.subarray(row * stride, row * stride + channels), row * channels);
  return new Tensor('float32', data, dims);
}

/** Concatenates the outputs of sub-batches along the first axis. */
export function concatenate(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to concatenate');
  if (parts.length === 1) return first;
  const data = new Float32Array(parts.reduce((sum, { size }) => sum + size, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part.data, offset);
    offset += part.size;
  }
  const items = parts.reduce((sum, { dims }) => sum + (dims[0] ?? 0), 0);
  return new Tensor('float32', data, [items, ...first.dims.slice(1)]);
}

/** `hidden_states.0`, `hidden_states.1`, … as a list, or `undefined` when the run made none. */
export function collect(
  outputs: ReadonlyMap<string, Tensor<'float32'>>,
  prefix: string,
): readonly Tensor<'float32'>[] | undefined {
  const list = [...outputs].filter(([name]) => name.startsWith(`${prefix}.`)).map(([, tensor]) => tensor);
  return list.length > 0 ? list : undefined;
}
