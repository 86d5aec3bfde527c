/** All targets. To add one: a file in this folder that exports a `Target`, and its name here. */
import type { Target } from '../target.ts';
import { api } from './api.ts';
import { safetensors, shardIndex } from './checkpoint.ts';
import { flac, mp3, oggFlac, opus, vorbis } from './compressed.ts';
import { commandLineTarget } from './command-line.ts';
import { config, preprocessor } from './config.ts';
import { http } from './http.ts';
import { aiff, wav } from './pcm.ts';
import { planted } from './planted.ts';
import { pytorch } from './pytorch.ts';
import { tokenizer } from './tokenizer.ts';

/** The slowest first: targets run side by side, and none should be left alone at the end. */
export const TARGETS: readonly Target[] = [
  http,
  vorbis,
  flac,
  mp3,
  opus,
  oggFlac,
  wav,
  aiff,
  config,
  preprocessor,
  tokenizer,
  pytorch,
  safetensors,
  shardIndex,
  commandLineTarget,
  api,
];

export function findTarget(name: string): Target {
  const target = [...TARGETS, planted].find((one) => one.name === name);
  if (target) return target;
  throw new Error(`there is no parser ${name}, only ${TARGETS.map((one) => one.name).join(', ')}`);
}
