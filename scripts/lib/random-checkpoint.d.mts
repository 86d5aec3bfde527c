import type { CheckpointConfig } from './model-configs.mjs';

export { CONFIGS, type CheckpointConfig } from './model-configs.mjs';

/** Writes a model folder; resolves to the size of its model.safetensors. */
export function writeCheckpoint(
  config: CheckpointConfig,
  folder: string,
): Promise<{ readonly parameterCount: number; readonly byteLength: number }>;
