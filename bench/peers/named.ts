/** @returns what is there by this name. @throws Error where nothing is. */
export function named<T>(all: Readonly<Record<string, T>>, name: string): T {
  const found = all[name];
  if (found === undefined) throw new Error(`The workload has no numbers named "${name}".`);
  return found;
}
