/** Measures which variant of the matrix product is the fastest here, for the size classes of a model's own products. */
import { findFault } from '../../kernels/find-fault.ts';
import { gemmCandidates, gemmSizeClass, planGemm, type GemmCall, type GemmSpec } from '../../kernels/gemm.ts';
import { gemmVariantName } from '../../kernels/gemm-variants.ts';
import { isGemm } from '../../kernels/known-answers.ts';
import type { GpuContext } from '../gpu/context.ts';
import type { Plan } from './plan.ts';
import type { StepBuffer } from './plan-builder.ts';
import { indexOfFastest, median, timeCalls, type BoundCall, type TimeOptions } from './time-calls.ts';

/** The product that stands for its size class. */
export interface TunableStep {
  readonly sizeClass: string;
  readonly name: string;
  readonly spec: GemmSpec;
  readonly flops: number;
  /** The static choice. */
  readonly usual: string;
  readonly buffers: readonly StepBuffer[];
  readonly plan: Plan;
}

/** What was measured of one size class. */
export interface GemmTrial {
  readonly sizeClass: string;
  /** The product that stood for it. */
  readonly step: string;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Variant → milliseconds of a dispatch: the median of the rounds, or the first run where that was far too slow. */
  readonly milliseconds: Readonly<Record<string, number>>;
  readonly staticChoice: string;
  readonly chosen: string;
}

const nameOf = ({ recipe }: GemmCall): string => gemmVariantName(recipe.variant);

/**
 * One step for each size class: the heaviest of the first plan that has any.
 * @param plans with static choices.
 */
export function tunableSteps(plans: readonly Plan[]): readonly TunableStep[] {
  const found = new Map<string, TunableStep>();
  for (const plan of plans) {
    const steps = plan.steps.flatMap(({ name, call, buffers }): TunableStep[] => {
      if (!isGemm(call)) return [];
      const { spec, flops } = call;
      return [{ sizeClass: gemmSizeClass(spec), name, spec, flops, usual: nameOf(call), buffers, plan }];
    });
    for (const step of steps.sort((a, b) => b.flops - a.flops))
      if (!found.has(step.sizeClass)) found.set(step.sizeClass, step);
  }
  return [...found.values()];
}

/** The step in each variant that can run here. */
const callsOf = (spec: GemmSpec, { capabilities }: GpuContext): readonly GemmCall[] =>
  gemmCandidates(spec, capabilities).map((variant) => planGemm(spec, capabilities, variant));

/** Compiles every variant of the steps and tests it on its known answer; those that pass go into `ready`, by source. */
export async function prepareVariants(
  context: GpuContext,
  steps: readonly TunableStep[],
  ready: Set<string>,
): Promise<void> {
  const calls = steps.flatMap(({ spec }) => callsOf(spec, context));
  await Promise.allSettled(
    calls.map(async (call) => {
      const fault = await context.trust.faultOf(call.kernel, () => findFault(context, call));
      if (fault === undefined) ready.add(call.kernel.source);
    }),
  );
}

export interface MeasureOptions extends TimeOptions {
  /** Sources that were seen to compute right. */
  readonly ready: ReadonlySet<string>;
  readonly weights: ReadonlyMap<string, GPUBuffer>;
}

/** What inputs hold, again and again: no zeros, on which some GPUs run faster. */
const inputNumbers = (): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: 1 << 14 }, (_, index) => (index % 61) / 61 - 0.5);

/**
 * Times the variants of a step on buffers of its own, with the weights of the model.
 * @returns undefined where the static choice is not ready, or too slow.
 * @throws UniSpeechError `out-of-memory`; the signal's reason.
 */
export async function measureStep(
  context: GpuContext,
  { sizeClass, name, spec, buffers, plan }: TunableStep,
  { ready, weights, ...timing }: MeasureOptions,
): Promise<GemmTrial | undefined> {
  const { device, capabilities, pipelines } = context;
  const usual = planGemm(spec, capabilities);
  const others = callsOf(spec, context).filter((call) => nameOf(call) !== nameOf(usual));
  const calls = [usual, ...others].filter(({ kernel }) => ready.has(kernel.source));
  if (calls[0] !== usual) return undefined;
  const compiled = await Promise.all(
    calls.map(async (call) => ({ call, ...(await pipelines.compile(call.kernel)) })),
  );
  // From here on the weights must be there.
  timing.signal.throwIfAborted();
  const numbers = inputNumbers();
  const created: GPUBuffer[] = [];
  const create = (size: number, usage: number): GPUBuffer => {
    const buffer = device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
    created.push(buffer);
    return buffer;
  };
  const resourceOf = (binding: StepBuffer): GPUBuffer => {
    const weight = binding.kind === 'weight' ? weights.get(binding.name) : undefined;
    if (weight) return weight;
    const tensor = binding.kind === 'tensor' ? plan.tensors[binding.tensor] : undefined;
    const buffer = create(tensor?.byteLength ?? 16, GPUBufferUsage.STORAGE);
    for (let offset = 0; offset < buffer.size; offset += numbers.byteLength)
      device.queue.writeBuffer(
        buffer,
        offset,
        numbers,
        0,
        Math.min(numbers.length, (buffer.size - offset) / 4),
      );
    return buffer;
  };
  try {
    const bound = await context.checked('tuning', () => {
      const resources = buffers.map(resourceOf);
      return compiled.map(({ call, pipeline, layout }): BoundCall => {
        const params = create(call.params.byteLength, GPUBufferUsage.UNIFORM);
        device.queue.writeBuffer(params, 0, call.params as Uint32Array<ArrayBuffer>);
        const entries = [params, ...resources].map((buffer, binding) => ({ binding, resource: { buffer } }));
        return { call, pipeline, bindGroup: device.createBindGroup({ layout, entries }) };
      });
    });
    const times = await timeCalls(context, bound, timing);
    if (!times) return undefined;
    return {
      sizeClass,
      step: name,
      rows: spec.rows,
      columns: spec.columns,
      inner: spec.inner,
      milliseconds: Object.fromEntries(
        calls.map((call, index) => [nameOf(call), median(times[index] ?? [])]),
      ),
      staticChoice: nameOf(usual),
      chosen: nameOf(calls[indexOfFastest(times)] ?? usual),
    };
  } finally {
    for (const buffer of created) buffer.destroy();
  }
}
