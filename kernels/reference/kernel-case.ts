/** A kernel call with its data and the right answer, and the verdict on what a GPU made of it. */
import type { KernelCall } from '../../src/gpu/kernel.ts';
import type { CallBuffer } from '../../src/gpu/run-call.ts';

/** Of the data of all known answers. */
export const SEED = 20;

export interface KernelCase {
  /** `Kernel.name` of the call. */
  readonly name: string;
  readonly call: KernelCall;
  /** Bindings after the uniform block, in order. */
  readonly buffers: readonly CallBuffer[];
  /** What the written binding must hold; NaN where the kernel must not write. */
  readonly expected: Float64Array;
}

/** Elements behind the end of every buffer of a case: a kernel that reads or writes there spoils its answer. */
const GUARD_LENGTH = 16;

/** What a binding holds that the call must not read at all. */
export const UNUSED: Float32Array = new Float32Array(GUARD_LENGTH).fill(NaN);

/** NaN for those who read floats, and far out of range for those who read integers. */
const GUARD_WORD = 0xffffffff;

function guarded(content: Float32Array | Uint32Array): Float32Array | Uint32Array {
  const words = new Uint32Array(content.length + GUARD_LENGTH).fill(GUARD_WORD);
  words.set(new Uint32Array(content.buffer, content.byteOffset, content.length));
  return content instanceof Float32Array ? new Float32Array(words.buffer) : words;
}

/** A case of the content of all bindings that the call reads, in order; `expected` gives the length of the written one. */
export function kernelCase(
  call: KernelCall,
  inputs: readonly (Float32Array | Uint32Array)[],
  expected: Float64Array,
): KernelCase {
  const guardedExpected = new Float64Array(expected.length + GUARD_LENGTH).fill(NaN);
  guardedExpected.set(expected);
  const buffers: CallBuffer[] = inputs.map(guarded);
  // The uniform block comes before all of them.
  buffers.splice(call.kernel.bindings.indexOf('write') - 1, 0, guardedExpected.length);
  return {
    name: call.kernel.name,
    call,
    buffers,
    expected: guardedExpected,
  };
}

export interface Comparison {
  /** Σ(actual − expected)² / Σ expected², over the elements that the kernel writes. */
  readonly nmse: number;
  readonly largestError: number;
  /** Elements that hold NaN or an infinity where a number is expected. */
  readonly missingCount: number;
  /** Elements that the kernel wrote but must not. */
  readonly strayCount: number;
}

export function compare(actual: Float32Array, expected: Float64Array): Comparison {
  let errorSquares = 0;
  let squares = 0;
  let largestError = 0;
  let missingCount = 0;
  let strayCount = 0;
  expected.forEach((value, i) => {
    const found = actual[i] ?? NaN;
    if (Number.isNaN(value)) {
      if (!Number.isNaN(found)) strayCount++;
    } else if (!Number.isFinite(found)) {
      missingCount++;
    } else {
      const error = found - value;
      errorSquares += error ** 2;
      squares += value ** 2;
      largestError = Math.max(largestError, Math.abs(error));
    }
  });
  const nmse = errorSquares === 0 ? 0 : errorSquares / squares;
  return { nmse, largestError, missingCount, strayCount };
}

/** The largest NMSE of a right kernel in f32. */
export const MAX_NMSE = 1e-10;

export const isRight = ({ nmse, missingCount, strayCount }: Comparison): boolean =>
  nmse <= MAX_NMSE && missingCount === 0 && strayCount === 0;
