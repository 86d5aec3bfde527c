/** Losses as tensors. */
import { Tensor } from '../base/tensor.ts';

/** A number gives a tensor of dims [], as in transformers; a list one of dims [length]. */
export const lossTensor = (loss: number | readonly number[]): Tensor<'float32'> =>
  typeof loss === 'number'
    ? new Tensor('float32', Float32Array.of(loss), [])
    : new Tensor('float32', Float32Array.from(loss), [loss.length]);
