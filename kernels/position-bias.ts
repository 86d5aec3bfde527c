/** The bias of attention by relative position (WavLM): the table of a model, and what compiles it into the kernels of attention. */
import type { Constant } from '../src/gpu/kernel.ts';
import biasedSource from '../shaders/attention_biased.wgsl';
import unbiasedSource from '../shaders/attention_unbiased.wgsl';

/** Attention whose scores may have a bias. */
export interface BiasSpec {
  /** All distances of this many frames or more, on one side, have the same bias. Without it scores have none. */
  readonly biasReach?: number | undefined;
}

const quadReach = (reach: number): number => Math.ceil(reach / 4);

/** The distances, key − query, of a head's row of the table, in its order. */
export function biasDistances(reach: number): readonly number[] {
  const reach4 = quadReach(reach);
  return Array.from({ length: 8 * reach4 + 8 }, (_, i) => i - 4 * reach4 - 4);
}

/** Constants of the prelude, and the functions by which the kernels add the bias or nothing. */
export const biasConstants = ({ biasReach }: BiasSpec): Readonly<Record<string, Constant>> =>
  biasReach === undefined ? {} : { BIAS_REACH4: quadReach(biasReach) };
export const biasSource = ({ biasReach }: BiasSpec): string =>
  biasReach === undefined ? unbiasedSource : biasedSource;

/** The reach is compiled in. */
export const biasName = ({ biasReach }: BiasSpec): string =>
  biasReach === undefined ? '' : `_bias${4 * quadReach(biasReach)}`;

interface BiasedSpec extends BiasSpec {
  readonly items: number;
  readonly frames: number;
  readonly heads: number;
}

/** Operations and bytes that the bias adds. */
export function biasCost({ items, frames, heads, biasReach }: BiasedSpec): {
  readonly flops: number;
  readonly byteCount: number;
} {
  if (biasReach === undefined) return { flops: 0, byteCount: 0 };
  const numbers = items * frames * heads + heads * biasDistances(biasReach).length;
  return { flops: 2 * items * heads * frames ** 2, byteCount: 4 * numbers };
}
