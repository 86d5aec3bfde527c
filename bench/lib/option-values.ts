/** Values of options on the command line of a benchmark. */
import { BenchUsageError } from './usage-error.ts';

/** @throws BenchUsageError. */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new BenchUsageError(`${option}: "${text}" is not a positive number`);
  return value;
}

/** @throws BenchUsageError. */
export function count(option: string, text: string): number {
  const value = positive(option, text);
  if (!Number.isInteger(value)) throw new BenchUsageError(`${option}: "${text}" is not a whole number`);
  return value;
}

/** Names in the order in which they are known, each once. @throws BenchUsageError. */
export function list<T extends string>(option: string, text: string, known: readonly T[]): readonly T[] {
  const names = text.split(',');
  const odd = names.find((name) => !(known as readonly string[]).includes(name));
  if (odd !== undefined) throw new BenchUsageError(`${option}: "${odd}" is none of ${known.join(', ')}`);
  return known.filter((name) => names.includes(name));
}
