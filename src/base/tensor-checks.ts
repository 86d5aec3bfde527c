/** Errors for callers' tensors. Apart from the other checks, so that entries without tensors stay small. */
import { describeValue, UniSpeechError } from './errors.ts';
import { Tensor } from './tensor.ts';

/** Like `describeValue`; of a tensor it says more. */
export const describeInput = (value: unknown): string =>
  value instanceof Tensor
    ? `a tensor of type ${value.type} and dims [${value.dims.join(', ')}]`
    : describeValue(value);

/** Like `badInput`; of a tensor it says more. */
export const badTensor = (name: string, value: unknown, expected: string): UniSpeechError =>
  new UniSpeechError('bad-input', `${name} is ${describeInput(value)}, but it must be ${expected}.`);
