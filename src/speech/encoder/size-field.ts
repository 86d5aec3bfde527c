/** Sizes that both config.json and the shape of a tensor tell. */
import type { ConfigFields } from './config-fields.ts';

type NumberKey = {
  readonly [K in keyof ConfigFields]: ConfigFields[K] extends number ? K : never;
}[keyof ConfigFields];

/**
 * The size of a tensor that a field of config.json says: where the two differ, the error names the field. The number of axes
 * counts because what is laid out for the GPU already is flat and tells no sizes.
 */
export type SizeField = readonly [key: NumberKey, tensor: string, axis: number, axisCount: number];
