import type { CtcConfig } from './random-weights.mjs';

/** A whole config.json. */
export type CheckpointConfig = CtcConfig & Readonly<Record<string, unknown>>;

export const CONFIGS: Readonly<Record<'tiny' | 'deep' | 'base' | 'large', CheckpointConfig>>;

/** Writes a model folder; resolves to the size of its model.safetensors. */
export function writeCheckpoint(
  config: CheckpointConfig,
  folder: string,
): Promise<{ readonly parameterCount: number; readonly byteLength: number }>;
