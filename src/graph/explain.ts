/** Prints a plan as a table with step, kernel variant, grid, bytes and flops, followed by the memory. */
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import { tunedGemm } from '../../kernels/gemm.ts';
import { isGemm } from '../../kernels/recipes.ts';
import type { Plan } from './plan.ts';
import type { PlanStep } from './plan-builder.ts';

/** One dispatch of a plan. */
export interface StepFacts {
  readonly name: string;
  readonly kernel: string;
  readonly workgroups: readonly number[];
  /** Bytes that the algorithm must read and write at least once. */
  readonly byteCount: number;
  /** Arithmetic operations; a multiply-add counts as two. */
  readonly flops: number;
}

/** A plan as text for people and as data for programs. */
export interface Explanation {
  readonly adapter: string;
  readonly shape: Plan['shape'];
  readonly steps: readonly StepFacts[];
  readonly dispatchCount: number;
  readonly pipelineCount: number;
  /** Number of matrix products whose variant was chosen by measurement. The others have their static choice. */
  readonly tunedProductCount: number;
  readonly flops: number;
  /** Bytes of GPU memory for activations. */
  readonly activationByteLength: number;
  /** Bytes of the two largest tensors that live at the same time. */
  readonly largestPairByteLength: number;
  toString(): string;
}

export const describeStep = ({ name, call }: PlanStep): StepFacts => ({
  name,
  kernel: call.kernel.name,
  workgroups: call.workgroups,
  byteCount: call.byteCount,
  flops: call.flops,
});

export function explainPlan(plan: Plan, capabilities: GpuCapabilities): Explanation {
  const steps = plan.steps.map(describeStep);
  const flops = steps.reduce((sum, step) => sum + step.flops, 0);
  const activationByteLength = plan.memory.slabByteLengths.reduce((sum, byteLength) => sum + byteLength, 0);
  const summary = {
    adapter: capabilities.adapter,
    shape: plan.shape,
    steps,
    dispatchCount: steps.length,
    pipelineCount: new Set(plan.steps.map(({ call }) => call.kernel.source)).size,
    tunedProductCount: plan.steps.filter(({ call }) => isGemm(call) && tunedGemm(call.spec, capabilities))
      .length,
    flops,
    activationByteLength,
    largestPairByteLength: largestPair(plan),
  };
  return { ...summary, toString: () => format(summary) };
}

/** All tensors of one step are alive together, so the two largest of any step are a lower bound for memory. */
function largestPair({ steps, tensors }: Plan): number {
  const pairs = steps.map(({ buffers }) => {
    const sizes = [...new Set(buffers)].map((buffer) =>
      typeof buffer === 'number' ? (tensors[buffer]?.byteLength ?? 0) : 0,
    );
    const [first = 0, second = 0] = sizes.sort((a, b) => b - a);
    return first + second;
  });
  return Math.max(0, ...pairs);
}

function format(summary: Omit<Explanation, 'toString'>): string {
  const rows = [
    ['step', 'kernel', 'workgroups', 'MB', 'MFLOP'],
    ...summary.steps.map((step) => [
      step.name,
      step.kernel,
      step.workgroups.join(' x '),
      (step.byteCount / 1e6).toFixed(2),
      (step.flops / 1e6).toFixed(1),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((cell, column) =>
        column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const { items, samples, frames } = summary.shape;
  const megabytes = (byteLength: number): string => `${(byteLength / 2 ** 20).toFixed(1)} MiB`;
  return [
    `${items} x ${samples} samples, ${frames} frames, on ${summary.adapter}`,
    ...table,
    `${summary.dispatchCount} dispatches, ${summary.pipelineCount} pipelines, ${(summary.flops / 1e9).toFixed(2)} GFLOP, ` +
      `${megabytes(summary.activationByteLength)} of activations ` +
      `(the two largest tensors that live together: ${megabytes(summary.largestPairByteLength)})`,
    `${summary.tunedProductCount} matrix products in variants chosen by measurement, the others by static choice`,
  ].join('\n');
}
