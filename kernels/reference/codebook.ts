/** The codebook of a quantizer: choice, vectors and counts of codes, by plain loops. */
import type { GpuCapabilities } from '../../src/gpu/capabilities.ts';
import { ceil4 } from '../../src/gpu/kernel.ts';
import type { SeededRandom } from '../../src/base/seeded-random.ts';
import {
  planChooseCodes,
  planCountCodes,
  planGatherCodes,
  type ChooseCodesSpec,
  type CodebookSpec,
  type CountCodesSpec,
  type GatherCodesSpec,
} from '../codebook.ts';
import { kernelCase, UNUSED, type KernelCase } from './kernel-case.ts';

/** Logits of few different values, so that several codes are the largest. */
export function tiedLogits({ rows, groups, codes }: CodebookSpec, random: SeededRandom): Float32Array {
  return Float32Array.from({ length: rows * ceil4(groups * codes) }, () => random.integer(-3, 3));
}

/** [row][group]; what lies between the rows is no code. */
export function randomCodes({ rows, groups, codes }: CodebookSpec, random: SeededRandom): Float32Array {
  const stride = ceil4(groups);
  return Float32Array.from({ length: rows * stride }, (_, i) =>
    i % stride < groups ? random.integer(0, codes - 1) : NaN,
  );
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
