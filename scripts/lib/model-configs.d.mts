import type { CheckpointShape } from './tensor-list.mjs';

/** A whole config.json. */
export type CheckpointConfig = CheckpointShape & Readonly<Record<string, unknown>>;

type OtherFamily = 'wav2vec2' | 'hubert' | 'wavlm' | 'unispeech-sat' | 'data2vec' | 'sew';

export type CheckpointName =
  | 'tiny'
  | 'deep'
  | 'base'
  | 'large'
  | `${OtherFamily}-${'tiny' | 'base' | 'large'}`
  | 'mms-tiny'
  | 'mms-1b';

/** In the order of `CONFIGS`. */
export const MODEL_NAMES: readonly CheckpointName[];
export function isModelName(name: string): name is CheckpointName;

export const CONFIGS: Readonly<Record<CheckpointName, CheckpointConfig>>;
