/** Figures with the unit in which they are short. Pure. */
import type { Spread } from '../lib/statistics.ts';
import { digits } from '../kernels/report.ts';

export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** From here on a rate is told in the next larger unit. */
const LARGE = 9999.5;

/** @param gigas in 10⁹ a second. @param unit what is counted: `FLOP/s`, `B/s`. */
export function rate(gigas: number, unit: string): Quantity {
  return gigas < LARGE
    ? { value: digits(gigas), unit: `G${unit}` }
    : { value: digits(gigas / 1000), unit: `T${unit}` };
}

export const inWords = ({ value, unit }: Quantity): string => `${value} ${unit}`;

export interface Timing {
  /** `591 µs`. */
  readonly median: string;
  /** `585 – 608`, in the same unit. */
  readonly range: string;
}

export function timing({ median, min, max }: Spread): Timing {
  const isShort = median < 1;
  const show = (milliseconds: number): string => digits(isShort ? 1000 * milliseconds : milliseconds);
  return { median: `${show(median)} ${isShort ? 'µs' : 'ms'}`, range: `${show(min)} – ${show(max)}` };
}

/** `62 %`, and of small shares one more digit. */
export const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
