/** Logarithmic scales of plots: positions and ticks. Pure. */

export interface LogScale {
  readonly min: number;
  readonly max: number;
  /** The position of a value, in pixels. */
  at(value: number): number;
}

/** @param start position of `min`; `end` that of `max`, which may be the smaller one. */
export function logScale(min: number, max: number, start: number, end: number): LogScale {
  const perNeper = (end - start) / Math.log(max / min);
  return { min, max, at: (value) => start + perNeper * Math.log(value / min) };
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

const ROUND = [1, 2, 5];

/**
 * Powers of ten, with 2 and 5 between them where there is room for that many.
 * @param unit the value that is labelled `1`.
 */
export function logTicks(
  { min, max }: Pick<LogScale, 'min' | 'max'>,
  room: number,
  unit = 1,
): readonly Tick[] {
  const ticks = (factors: readonly number[]): readonly number[] => {
    const values: number[] = [];
    for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++)
      for (const factor of factors) values.push(factor * 10 ** power);
    // Rounding of the logarithm must not cost the tick at an end.
    return values.filter((value) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9));
  };
  const fine = ticks(ROUND);
  const values = fine.length <= room ? fine : ticks([1]);
  const step = Math.ceil(values.length / room);
  return values
    .filter((_, index) => index % step === 0)
    .map((value) => ({ value, label: tickLabel(value / unit) }));
}

/** `0.05`, `20`, `5 k`, `2 M`. */
function tickLabel(value: number): string {
  if (value >= 0.9999e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (value >= 0.9999e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(3)));
}
