import type { CtcConfig } from './random-weights.mjs';

/** A whole config.json. */
export type CheckpointConfig = CtcConfig & Readonly<Record<string, unknown>>;

export type CheckpointSize = 'tiny' | 'deep' | 'base' | 'large';

/** In the order of `CONFIGS`. */
export const MODEL_SIZES: readonly CheckpointSize[];
export function isModelSize(name: string): name is CheckpointSize;

export const CONFIGS: Readonly<Record<CheckpointSize, CheckpointConfig>>;
