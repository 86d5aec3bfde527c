/** All targets. To add one: a file in this folder that exports a `Target`, and its name here. */
import type { Target } from '../target.ts';
import { safetensors, shardIndex } from './checkpoint.ts';
import { config, preprocessor } from './config.ts';
import { planted } from './planted.ts';
import { tokenizer } from './tokenizer.ts';

export const TARGETS: readonly Target[] = [safetensors, shardIndex, config, preprocessor, tokenizer];

export function findTarget(name: string): Target {
  const target = [...TARGETS, planted].find((one) => one.name === name);
  if (target) return target;
  throw new Error(`there is no parser ${name}, only ${TARGETS.map((one) => one.name).join(', ')}`);
}
