/**
 * The memory plan: which slab of GPU memory each tensor of a plan lives in. Tensors whose lifetimes do not overlap
 * share a slab (greedy by size, Pisarchyk and Lee 2020, "shared objects").
 *
 * Slabs are whole buffers, not offsets into one arena, because WebGPU tracks usage by buffer: a dispatch that reads
 * one half of a buffer and writes the other is invalid unless the reads give up `read-only-storage`.
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
  const slabs: { byteLength: number; readonly tenants: Lifetime[] }[] = [];
  const slabOf = new Array<number>(lifetimes.length).fill(0);
  const bySize = lifetimes.map((lifetime, tensor) => ({ lifetime, tensor }));
  bySize.sort((a, b) => b.lifetime.byteLength - a.lifetime.byteLength || a.tensor - b.tensor);
  for (const { lifetime, tensor } of bySize) {
    const free = slabs
      .map((slab, index) => ({ slab, index }))
      .filter(({ slab }) => slab.tenants.every((tenant) => !overlap(tenant, lifetime)));
    // Slabs were made for larger tensors, so every free one is large enough; the smallest wastes least.
    free.sort((a, b) => a.slab.byteLength - b.slab.byteLength);
    const [best] = free;
    if (best) {
      best.slab.tenants.push(lifetime);
      slabOf[tensor] = best.index;
    } else {
      slabOf[tensor] = slabs.push({ byteLength: lifetime.byteLength, tenants: [lifetime] }) - 1;
    }
  }
  return { slabOf, slabByteLengths: slabs.map(({ byteLength }) => byteLength) };
}

const overlap = (a: Lifetime, b: Lifetime): boolean => a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
