/** Seeded random models under `.cache/`, and their ONNX twins. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CONFIGS, type CheckpointConfig, type CheckpointName } from '../../scripts/lib/model-configs.mjs';
import { writeCheckpoint } from '../../scripts/lib/random-checkpoint.ts';

export { isModelName, MODEL_NAMES, type CheckpointName } from '../../scripts/lib/model-configs.mjs';

export interface BenchModel {
  readonly folder: string;
  readonly weightsFile: string;
}

/** What a checkpoint is made from, and the name of its folder. */
export interface BenchCheckpoint {
  readonly name: string;
  readonly config: CheckpointConfig;
}

/** A checkpoint with a CTC head, written first where it does not exist. */
export const ensureCheckpoint = (name: CheckpointName): Promise<BenchModel> =>
  ensureNamedCheckpoint({ name, config: CONFIGS[name] });

/** A checkpoint, written first where it does not exist. */
export async function ensureNamedCheckpoint({ name, config }: BenchCheckpoint): Promise<BenchModel> {
  const folder = path.resolve('.cache/checkpoints', name);
  const weightsFile = path.join(folder, 'model.safetensors');
  // The weights come last and in one rename, so a checkpoint that has them is whole.
  if (!existsSync(weightsFile)) await writeCheckpoint(config, folder);
  return { folder, weightsFile };
}

/** Reads a file through once, so that whoever loads it next is not the one who waits for the disk. */
export async function readIntoPageCache(file: string): Promise<void> {
  const stream = createReadStream(file, { highWaterMark: 1 << 20 });
  stream.resume();
  await once(stream, 'close');
}

/**
 * The ONNX file of a checkpoint, exported first where it does not exist and a Python is given; undefined without one.
 * @param python an interpreter with the packages of `bench/peers/requirements.txt`.
 * @throws Error with what the export printed.
 */
export function ensureOnnxFile(
  name: CheckpointName,
  checkpointFolder: string,
  python: string | undefined,
): string | undefined {
  const file = path.resolve('.cache/onnx', `${name}.onnx`);
  if (existsSync(file)) return file;
  if (python === undefined) return undefined;
  mkdirSync(path.dirname(file), { recursive: true });
  const partialFile = path.resolve('.cache/onnx', `${name}.partial.onnx`);
  const { status, stderr, error } = spawnSync(
    python,
    ['bench/peers/export_onnx.py', checkpointFolder, partialFile],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) {
    rmSync(partialFile, { force: true });
    throw new Error(`bench/peers/export_onnx.py failed: ${error?.message ?? stderr.trim().slice(-1500)}`);
  }
  renameSync(partialFile, file);
  return file;
}
