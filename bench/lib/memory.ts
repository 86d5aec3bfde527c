/** Resident memory of this process, in bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function residentByteLength(): number {
  return process.memoryUsage.rss();
}

/**
 * The most that has ever been resident. Linux counts into `maxRSS` what the parent held when it started this process, so
 * there the kernel's own mark for this program is read.
 */
export function peakResidentByteLength(): number {
  try {
    const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** In bytes, above what was there before. */
export interface MemoryPeaks {
  readonly residentByteLength: number;
  /** JavaScript objects and array buffers; as often as was looked. */
  readonly heapByteLength: number;
}

const heapByteLength = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Watches the memory of this process from now on. */
export class MemoryWatch {
  readonly #resident: number;
  readonly #heap: number;
  #peakHeap: number;

  constructor() {
    forgetPeakResident();
    this.#resident = residentByteLength();
    this.#heap = heapByteLength();
    this.#peakHeap = this.#heap;
  }

  /** Looks at the heap. The resident memory is watched by the kernel. */
  look(): void {
    this.#peakHeap = Math.max(this.#peakHeap, heapByteLength());
  }

  peaks(): MemoryPeaks {
    return {
      residentByteLength: Math.max(0, peakResidentByteLength() - this.#resident),
      heapByteLength: this.#peakHeap - this.#heap,
    };
  }
}

/** Sets the kernel's mark back to what is resident now. Elsewhere than on Linux an earlier peak counts, too. */
function forgetPeakResident(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not allowed.
  }
}

/** Frees what earlier measurements left, so that the next one does not start with it. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
