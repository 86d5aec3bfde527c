import type { CtcConfig } from './random-weights.mjs';

/** A whole config.json. */
export type CheckpointConfig = CtcConfig & Readonly<Record<string, unknown>>;

export type ModelSize = 'tiny' | 'deep' | 'base' | 'large';

/** In the order of `CONFIGS`. */
export const MODEL_SIZES: readonly ModelSize[];
export function isModelSize(name: string): name is ModelSize;

export const CONFIGS: Readonly<Record<ModelSize, CheckpointConfig>>;
