/** Resident memory of this process, in bytes. */
import { readFileSync } from 'node:fs';

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
