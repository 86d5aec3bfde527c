/** Seeded random models under `.cache/`, and their ONNX twins. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { CONFIGS, writeCheckpoint } from '../../scripts/lib/random-checkpoint.mjs';

export type ModelSize = keyof typeof CONFIGS;
export const MODEL_SIZES: readonly string[] = Object.keys(CONFIGS);
export const isModelSize = (name: string): name is ModelSize => MODEL_SIZES.includes(name);

/** The folder of a checkpoint, written first where it does not exist. */
export async function ensureCheckpoint(size: ModelSize): Promise<string> {
  const folder = path.resolve('.cache/checkpoints', size);
  // The weights come last and in one rename, so a checkpoint that has them is whole.
  if (!existsSync(path.join(folder, 'model.safetensors'))) await writeCheckpoint(CONFIGS[size], folder);
  return folder;
}

/**
 * The ONNX file of a checkpoint, exported first where it does not exist and a Python is given; undefined without one.
 * @param python an interpreter with the packages of `bench/peers/requirements.txt`.
 * @throws Error with what the export printed.
 */
export function ensureOnnxFile(
  size: ModelSize,
  checkpoint: string,
  python: string | undefined,
): string | undefined {
  const file = path.resolve('.cache/onnx', `${size}.onnx`);
  if (existsSync(file)) return file;
  if (python === undefined) return undefined;
  mkdirSync(path.dirname(file), { recursive: true });
  const partialFile = path.resolve('.cache/onnx', `${size}.partial.onnx`);
  const { status, stderr, error } = spawnSync(
    python,
    ['bench/peers/export_onnx.py', checkpoint, partialFile],
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
