/** Vectors and counts of the codes of a quantizer, by plain loops. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';
import type { CodebookSpec } from '../choose-codes.ts';
import { planCountCodes, planGatherCodes, type CountCodesSpec, type GatherCodesSpec } from '../codebook.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';

/** [row][group]; what lies between the rows is no code. */
export function randomCodes({ rows, groups, codes }: CodebookSpec, random: SeededRandom): Float32Array {
  const stride = ceil4(groups);
  return Float32Array.from({ length: rows * stride }, (_, i) =>
    i % stride < groups ? random.integer(0, codes - 1) : NaN,
  );
}

export function gatherCodesCase(
  spec: GatherCodesSpec,
  chosen: Float32Array,
  codevectors: Float32Array,
  capabilities: GpuCapabilities,
): KernelCase {
  const { rows, groups, codes, size } = spec;
  const stride = ceil4(groups * size);
  const expected = Float64Array.from({ length: rows * stride }, (_, i) => {
    const group = Math.floor((i % stride) / size);
    if (group >= groups) return 0;
    const code = chosen[Math.floor(i / stride) * ceil4(groups) + group] ?? NaN;
    return codevectors[(group * codes + code) * size + ((i % stride) % size)] ?? NaN;
  });
  return kernelCase(planGatherCodes(spec, capabilities), [chosen, codevectors], expected);
}

export function countCodesCase(
  spec: CountCodesSpec,
  chosen: Float32Array,
  counted: Uint32Array,
  capabilities: GpuCapabilities,
): KernelCase {
  const { rows, groups, codes, hasCounted } = spec;
  const expected = new Float64Array(groups * codes);
  for (let row = 0; row < rows; row++) {
    if (hasCounted && counted[row] === 0) continue;
    for (let group = 0; group < groups; group++) {
      const index = group * codes + (chosen[row * ceil4(groups) + group] ?? NaN);
      expected[index] = (expected[index] ?? NaN) + 1;
    }
  }
  return kernelCase(planCountCodes(spec, capabilities), [chosen, hasCounted ? counted : UNUSED], expected);
}
