/** Random checkpoints for tests, in temporary folders. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { platform } from '#platform';
import { CONFIGS, type CheckpointConfig } from '../../scripts/lib/model-configs.mjs';
import { writeCheckpoint } from '../../scripts/lib/random-checkpoint.ts';
import { UniSpeechForCTC, UniSpeechModel } from '../../src/speech/unispeech-models.ts';
import { loadRunner } from '../../src/speech/core/load-runner.ts';
import { openContext, type GpuContextOptions } from '../../src/gpu/context.ts';

export { CONFIGS };

/** Writes a checkpoint, hands its folder to `use`, and removes it. */
export async function withCheckpoint<T>(
  config: CheckpointConfig,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-'));
  try {
    await writeCheckpoint(config, folder);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Loads a model on a device of its own, with the engine believing in smaller limits. */
export async function loadLimited(folder: string, limits: GpuContextOptions): Promise<UniSpeechModel> {
  const runner = await loadRunner(platform.openModelFiles(folder), [UniSpeechModel], async () =>
    (await openContext(platform, limits)).retain(),
  );
  return new UniSpeechModel(runner);
}

export { UniSpeechForCTC, UniSpeechModel };
