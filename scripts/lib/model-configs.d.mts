import type { CtcConfig } from './random-weights.mjs';

/** A whole config.json. */
export type CheckpointConfig = CtcConfig & Readonly<Record<string, unknown>>;

export type ModelSize = 'tiny' | 'deep' | 'base' | 'large';

export const CONFIGS: Readonly<Record<ModelSize, CheckpointConfig>>;
