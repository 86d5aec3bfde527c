/**
 * The memory plan assigns each tensor of a plan to a slab of GPU memory. Tensors whose lifetimes do not overlap
 * share a slab (greedy by size, Pisarchyk and Lee 2020, "shared objects").
 *
 * Slabs are whole buffers, not offsets into one arena, because WebGPU tracks usage per buffer. A dispatch that reads
 * one half of a buffer and writes the other is invalid unless the inputs give up `read-only-storage`.
 */

/** A tensor's size and the steps during which it holds data. */
export interface Lifetime {
  readonly byteLength: number;
  readonly firstStep: number;
  readonly lastStep: number;
}

export interface MemoryPlan {
  /** Slab of each tensor, in the order of the lifetimes. */
  readonly slabOf: readonly number[];
  readonly slabByteLengths: readonly number[];
}

export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const slabs: { readonly byteLength: number; readonly tenants: Lifetime[] }[] = [];
  const slabOf: number[] = [];
  const bySize = [...lifetimes.entries()].sort(([, a], [, b]) => b.byteLength - a.byteLength);
  for (const [tensor, lifetime] of bySize) {
    // Slabs were made for larger tensors, so every free one is large enough. The last one is the smallest and wastes the least.
    let index = slabs.findLastIndex(({ tenants }) => tenants.every((tenant) => !overlap(tenant, lifetime)));
    if (index < 0) index = slabs.push({ byteLength: lifetime.byteLength, tenants: [] }) - 1;
    slabs[index]?.tenants.push(lifetime);
    slabOf[tensor] = index;
  }
  return { slabOf, slabByteLengths: slabs.map(({ byteLength }) => byteLength) };
}

const overlap = (a: Lifetime, b: Lifetime): boolean => a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
