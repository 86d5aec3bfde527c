/** The losses of labels, loaded with the first call that has any. */
import { loadPart } from '../../base/load-part.ts';
import type { Tensor } from '../../base/tensor.ts';
import type { HeadCall, OutputTensors } from './head.ts';
import type { LabelKind } from './label-losses.ts';

/** `labelLoss` of `label-losses.ts`. */
export const labelLoss = async (
  call: HeadCall,
  kind: LabelKind,
): Promise<(outputs: OutputTensors) => Tensor<'float32'>> =>
  (await loadPart(import('./label-losses.ts'), 'computes losses')).labelLoss(call, kind);
