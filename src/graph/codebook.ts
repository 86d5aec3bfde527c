/** What a quantizer does with the codes that its frames chose, as operations of the graph. */
import { planCountCodes, planGatherCodes } from '../../kernels/codebook.ts';
import type { Codebook } from './graph-node.ts';
import { rowCount, type TensorId, type WeightName } from './graph-tensor.ts';
import type { NewRareNode } from './rare-node.ts';

/** [item, frame, groups · numbers of a vector]: the vectors of the chosen codes. */
export const gatherCodes = (
  { groups, codeCount: codes }: Codebook,
  chosen: TensorId,
  codevectors: WeightName,
): NewRareNode => ({
  kind: 'gather_codes',
  reads: [chosen],
  planNode({ capabilities, shape, out, place, addStep }) {
    const spec = { rows: rowCount(out, shape), groups, codes, size: out.channels / groups };
    addStep(planGatherCodes(spec, capabilities), [place(chosen), codevectors]);
  },
});

/**
 * One row of groups · codeCount: how many frames of the batch chose each code.
 * @param counted [item, frame]: not zero for frames that count. Without it all do.
 */
export const countCodes = (
  { groups, codeCount: codes }: Codebook,
  chosen: TensorId,
  counted: TensorId | undefined,
): NewRareNode => ({
  kind: 'count_codes',
  reads: [chosen, ...(counted === undefined ? [] : [counted])],
  planNode({ capabilities, shape, tensorOf, place, addStep }) {
    const rows = rowCount(tensorOf(chosen), shape);
    const spec = { rows, groups, codes, hasCounted: counted !== undefined };
    addStep(planCountCodes(spec, capabilities), [
      place(chosen),
      counted === undefined ? undefined : place(counted),
    ]);
  },
});
