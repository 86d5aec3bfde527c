/** What values that come from outside are. */

/** Whether a value is an object with keys, such as the ones that JSON has between braces. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value is a whole number of at least 0: a length, an id, a position. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
