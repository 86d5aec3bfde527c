/** How adapters are named in the suite `peers`, so that names of different engines can be compared. */

/** The parts of a `GPUAdapterInfo` that tell adapters apart. */
export type AdapterNames = Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'>;

/** Engines that cannot tell give this. */
export const UNKNOWN_ADAPTER = '';

export const adapterName = ({ vendor, architecture, device, description }: AdapterNames): string =>
  [vendor, architecture, device, description].filter(Boolean).join(' ');

/** Whether one name has no word that the other lacks: some engines tell a part of it only, or nothing. */
export function mayBeSameAdapter(one: string, other: string): boolean {
  const words = (name: string): ReadonlySet<string> => new Set(name.toLowerCase().match(/[\w.-]+/g) ?? []);
  const [shorter, longer] = [words(one), words(other)].sort((a, b) => a.size - b.size);
  return [...(shorter ?? [])].every((word) => longer?.has(word));
}
