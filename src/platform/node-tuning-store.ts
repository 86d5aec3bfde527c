/** Stores measurements of an adapter as a file in the user's cache folder. */
import { constants } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { TuningStore } from '../base/platform.ts';
import { writeWhole } from './whole-files.ts';

/**
 * `UNISPEECH_CACHE`, or this package's folder in the operating system's cache folder.
 * @throws if the user has no home folder.
 */
export function cacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  system: NodeJS.Platform = process.platform,
  home: () => string = os.homedir,
): string {
  const { UNISPEECH_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = env;
  if (UNISPEECH_CACHE) return path.resolve(UNISPEECH_CACHE);
  const name = 'unispeech-webgpu';
  if (system === 'darwin') return path.join(home(), 'Library', 'Caches', name);
  if (system === 'win32') return path.join(LOCALAPPDATA ?? path.join(home(), 'AppData', 'Local'), name);
  // The specification says to ignore relative paths.
  const isUsable = XDG_CACHE_HOME !== undefined && path.isAbsolute(XDG_CACHE_HOME);
  return path.join(isUsable ? XDG_CACHE_HOME : path.join(home(), '.cache'), name);
}

/** @param folder called on each use. */
export function tuningStoreIn(folder: () => string): TuningStore {
  const fileOf = (name: string): string => path.join(folder(), `tuning-${name}.json`);
  return {
    read: async (name) => {
      try {
        return await readFile(fileOf(name), 'utf8');
      } catch {
        return undefined;
      }
    },
    isWritable: async () => {
      try {
        await mkdir(folder(), { recursive: true });
        await access(folder(), constants.W_OK);
        return true;
      } catch {
        return false;
      }
    },
    write: async (name, text) => {
      const file = fileOf(name);
      await mkdir(folder(), { recursive: true });
      await writeWhole(file, (temporary) => writeFile(temporary, text));
      return file;
    },
  };
}

export const tuningStore: TuningStore = tuningStoreIn(cacheFolder);
