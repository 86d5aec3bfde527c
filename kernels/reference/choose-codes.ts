/** The choice of codes or tokens, by plain loops. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';
import { planChooseCodes, type ChooseCodesSpec, type CodebookSpec } from '../choose-codes.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';

/** Logits of few different values, so that several codes are the largest. */
export function tiedLogits({ rows, groups, codes }: CodebookSpec, random: SeededRandom): Float32Array {
  return Float32Array.from({ length: rows * ceil4(groups * codes) }, () => random.integer(-3, 3));
}

/** What a kernel writes for each row and group; NaN between the rows. */
function byRowAndGroup(
  { rows, groups }: CodebookSpec,
  value: (row: number, group: number) => number,
  stride = ceil4(groups),
): Float64Array {
  return Float64Array.from({ length: rows * stride }, (_, i) =>
    i % stride < groups ? value(Math.floor(i / stride), i % stride) : NaN,
  );
}

export function chooseCodesCase(
  spec: ChooseCodesSpec,
  { logits, noise }: { readonly logits: Float32Array; readonly noise: Float32Array },
  capabilities: GpuCapabilities,
): KernelCase {
  const { groups, codes, hasNoise, marksNaN = false } = spec;
  const choose = (row: number, group: number): number => {
    const start = row * ceil4(groups * codes) + group * codes;
    let best = 0;
    let largest = -Infinity;
    let hasNaN = false;
    for (let code = 0; code < codes; code++) {
      const logit = logits[start + code] ?? NaN;
      // As the GPU adds them: a tie in one precision is none in another.
      const value = hasNoise ? Math.fround(logit + (noise[start + code] ?? NaN)) : logit;
      hasNaN ||= Number.isNaN(value);
      if (value > largest) [largest, best] = [value, code];
    }
    return marksNaN && hasNaN ? -1 : best;
  };
  const expected = byRowAndGroup(spec, choose, spec.outStride);
  return kernelCase(planChooseCodes(spec, capabilities), [logits, hasNoise ? noise : UNUSED], expected);
}
