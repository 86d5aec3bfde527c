/** What this adapter can do at best, measured here and now: the roofs that kernels are held against. */
import { spreadWorkgroups } from '../../kernels/spread.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { prelude, type KernelCall } from '../../src/gpu/kernel.ts';
import { median } from '../lib/statistics.ts';
import { CaseBuffers } from './bound-call.ts';
import type { Clock } from './clock.ts';
import copySource from './copy.wgsl';
import multiplyAddSource from './multiply_add.wgsl';

export interface Peak {
  /** Arithmetic operations a second; a multiply-add is two. */
  readonly flopsPerSecond: number;
  /** Bytes read and written a second. */
  readonly bytesPerSecond: number;
}

const THREAD_COUNT = 64;
const STEPS = 512;
/** Threads that keep every core of any adapter busy. */
const MULTIPLY_ADD_THREADS = 64 * 1024;
/** More than the caches of a GPU hold. */
const COPY_BYTE_LENGTH = 64 * 2 ** 20;
const ROUNDS = 7;

function multiplyAddCall(isFused: boolean): KernelCall {
  return {
    kernel: {
      name: isFused ? 'multiply_add_fused' : 'multiply_add',
      source: prelude({ THREAD_COUNT, STEPS, FUSED: isFused }) + multiplyAddSource,
      bindings: ['uniform', 'write'],
    },
    workgroups: [MULTIPLY_ADD_THREADS / THREAD_COUNT, 1, 1],
    params: { factor: { f32: 0.5 }, addend: { f32: 0.25 } },
    flops: 2 * MULTIPLY_ADD_THREADS * STEPS * 12,
    byteCount: 16 * MULTIPLY_ADD_THREADS,
  };
}

function copyCall(context: GpuContext): KernelCall {
  const quadCount = COPY_BYTE_LENGTH / 16;
  return {
    kernel: {
      name: 'copy',
      source: prelude({ THREAD_COUNT }) + copySource,
      bindings: ['uniform', 'read', 'write'],
    },
    workgroups: spreadWorkgroups(
      quadCount / THREAD_COUNT,
      context.capabilities.limits.maxComputeWorkgroupsPerDimension,
    ),
    params: { quad_count: quadCount },
    flops: 0,
    byteCount: 2 * COPY_BYTE_LENGTH,
  };
}

/** @throws the signal's reason. */
export async function measurePeak(context: GpuContext, clock: Clock, signal?: AbortSignal): Promise<Peak> {
  const seconds = async (call: KernelCall, byteLengths: readonly number[]): Promise<number> => {
    const bindings = byteLengths.map((byteLength) => ({ kind: 'numbers', byteLength }) as const);
    const buffers = await CaseBuffers.create(context, {
      name: call.kernel.name,
      bindings,
      dtype: 'fp32',
    });
    try {
      const bound = await buffers.bind(call);
      const { repeats } = await clock.calibrate(bound);
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        signal?.throwIfAborted();
        times.push(await clock.measure(bound, repeats));
      }
      return median(times) / 1000;
    } finally {
      buffers.destroy();
    }
  };
  const rates: number[] = [];
  for (const isFused of [true, false]) {
    const call = multiplyAddCall(isFused);
    rates.push(call.flops / (await seconds(call, [call.byteCount])));
  }
  const copy = copyCall(context);
  const copySeconds = await seconds(copy, [COPY_BYTE_LENGTH, COPY_BYTE_LENGTH]);
  return { flopsPerSecond: Math.max(...rates), bytesPerSecond: copy.byteCount / copySeconds };
}

/** The share of what the adapter could do at best: arithmetic or memory, whichever would take longer there. */
export function shareOfPeak(
  { flops, byteCount }: Pick<KernelCall, 'flops' | 'byteCount'>,
  milliseconds: number,
  peak: Peak,
): number {
  const least = Math.max(flops / peak.flopsPerSecond, byteCount / peak.bytesPerSecond);
  return (1000 * least) / milliseconds;
}
