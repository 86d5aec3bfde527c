/** The order of measuring: each case is checked, then its variants are timed in interleaved rounds. */
import type { PlannedCall } from '../../kernels/recipes.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import type { Dispatch } from '../../src/gpu/dispatch.ts';
import { CaseBuffers } from './bound-call.ts';
import type { BenchCase } from './cases.ts';
import { faultOf } from './check.ts';
import type { Clock } from './clock.ts';
import type { AdapterEnvironment, CaseRows, KernelRow } from './results.ts';

export interface KernelMeasureOptions {
  readonly rounds: number;
  /** Variants whose one dispatch takes longer are not timed in rounds, and that is said. */
  readonly limitMilliseconds: number;
  readonly signal?: AbortSignal;
}

interface Candidate {
  readonly call: PlannedCall;
  readonly dispatch: Dispatch;
  readonly repeats: number;
  readonly milliseconds: number[];
}

/**
 * Measures one case. A kernel that is wrong or does not compile is a row with its fault.
 * @throws UniSpeechError `out-of-memory`, `device-lost`; the signal's reason.
 */
export async function measureCase(
  context: GpuContext,
  clock: Clock,
  benchCase: BenchCase,
  { rounds, limitMilliseconds, signal }: KernelMeasureOptions,
): Promise<CaseRows> {
  const buffers = await CaseBuffers.create(context, benchCase);
  const controlBuffers = await CaseBuffers.create(context, benchCase).catch((error: unknown) => {
    buffers.destroy();
    throw error;
  });
  try {
    const candidates = new Map<PlannedCall, Candidate>();
    const rows = new Map<PlannedCall, Pick<KernelRow, 'fault' | 'skipped'>>();
    for (const call of benchCase.variants) {
      signal?.throwIfAborted();
      const prepared = await prepare(context, clock, call, buffers, limitMilliseconds);
      if ('dispatch' in prepared) candidates.set(call, prepared);
      else rows.set(call, prepared);
    }
    const chosen = candidates.get(benchCase.chosen);
    const control = chosen && {
      ...chosen,
      dispatch: await controlBuffers.bind(benchCase.chosen),
      milliseconds: [] as number[],
    };
    if (control) await clock.measure(control.dispatch, control.repeats);
    // The control runs right beside the kernel that it repeats.
    const ordered = [...(control ? [control] : []), ...candidates.values()];
    for (let round = 0; round < rounds; round++) {
      for (const candidate of ordered) {
        signal?.throwIfAborted();
        candidate.milliseconds.push(await clock.measure(candidate.dispatch, candidate.repeats));
      }
    }
    return {
      name: benchCase.name,
      flops: benchCase.chosen.flops,
      byteCount: benchCase.chosen.byteCount,
      rows: benchCase.variants.map((call) => ({
        kernel: call.kernel.name,
        isChosen: call === benchCase.chosen,
        milliseconds: candidates.get(call)?.milliseconds ?? [],
        repeats: candidates.get(call)?.repeats ?? 0,
        ...rows.get(call),
      })),
      controlMilliseconds: control?.milliseconds ?? [],
    };
  } finally {
    buffers.destroy();
    controlBuffers.destroy();
  }
}

async function prepare(
  context: GpuContext,
  clock: Clock,
  call: PlannedCall,
  buffers: CaseBuffers,
  limitMilliseconds: number,
): Promise<Candidate | Pick<KernelRow, 'fault' | 'skipped'>> {
  try {
    const dispatch = await buffers.bind(call);
    const fault = await faultOf(context, call, dispatch, buffers.writtenBy(call.kernel));
    if (fault !== undefined) return { fault };
    const { repeats, milliseconds } = await clock.calibrate(dispatch);
    if (milliseconds > limitMilliseconds)
      return { skipped: `too slow here: ${milliseconds.toFixed(0)} ms a dispatch` };
    return { call, dispatch, repeats, milliseconds: [] };
  } catch (error) {
    const reason = await context.explain(error);
    if (context.isLost || !(reason instanceof Error)) throw reason;
    return { fault: reason.message };
  }
}

export function adapterEnvironment({ device, capabilities }: GpuContext): AdapterEnvironment {
  const { vendor, architecture, description } = device.adapterInfo;
  return {
    adapter: capabilities.adapter,
    vendor,
    architecture,
    description,
    isSoftwareAdapter: capabilities.isSoftware,
    subgroupSize: capabilities.subgroupSize,
    features: [...device.features].sort(),
    limits: { ...capabilities.limits },
  };
}
