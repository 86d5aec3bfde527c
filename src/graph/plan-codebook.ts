/** Plans the operations of a quantizer. */
import { planChooseCodes, planCountCodes, planGatherCodes } from '../../kernels/codebook.ts';
import { ceil4 } from '../gpu/kernel.ts';
import type { CodebookNode } from './graph-node.ts';
import type { GraphTensor, TensorId } from './graph-tensor.ts';
import type { PlanBuilder } from './plan-builder.ts';

/**
 * @param rows frames of all items.
 * @param place the plan tensor of a graph tensor.
 */
export function planCodebook(
  plan: PlanBuilder,
  node: CodebookNode,
  { name, channels, extent }: GraphTensor,
  rows: number,
  place: (id: TensorId) => number,
): void {
  const { capabilities } = plan;
  const spec = { rows, groups: node.groups, codes: node.codeCount };
  const placeOptional = (id: TensorId | undefined) => (id === undefined ? undefined : place(id));
  const out = place(node.out);
  switch (node.kind) {
    case 'choose_codes': {
      const { x, noise, marksNaN = false } = node;
      const outStride = extent === 'per-frame' ? 1 : ceil4(channels);
      const call = planChooseCodes(
        { ...spec, hasNoise: noise !== undefined, marksNaN, outStride },
        capabilities,
      );
      plan.step(name, call, [place(x), placeOptional(noise), out]);
      return;
    }
    case 'gather_codes': {
      const call = planGatherCodes({ ...spec, size: channels / node.groups }, capabilities);
      plan.step(name, call, [place(node.chosen), node.codevectors, out]);
      return;
    }
    case 'count_codes': {
      const { chosen, counted } = node;
      const call = planCountCodes({ ...spec, hasCounted: counted !== undefined }, capabilities);
      plan.step(name, call, [place(chosen), placeOptional(counted), out]);
    }
  }
}
