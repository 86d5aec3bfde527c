/** Progress of several loads at once as if it were one: the parts of a pipeline load in parallel. */
import type { ProgressCallback } from '../base/files.ts';

interface FileProgress {
  readonly loaded: number;
  readonly total: number;
}

/**
 * Gives each load its own callback, and `callback` one stream of events: a file that two loads read is reported once,
 * and totals are those of all files together.
 */
export function joinProgress(callback: ProgressCallback): () => ProgressCallback {
  const owners = new Map<string, symbol>();
  const files = new Map<string, FileProgress>();
  return () => {
    const load = Symbol('load');
    const owns = (file: string): boolean => {
      if (!owners.has(file)) owners.set(file, load);
      return owners.get(file) === load;
    };
    return (info) => {
      if (info.status !== 'progress_total') {
        if (!('file' in info) || owns(info.file)) callback(info);
        return;
      }
      for (const [file, progress] of Object.entries(info.files)) if (owns(file)) files.set(file, progress);
      const loaded = sum(files, 'loaded');
      const total = sum(files, 'total');
      const progress = total === 0 ? 100 : (100 * loaded) / total;
      callback({ ...info, loaded, total, progress, files: Object.fromEntries(files) });
    };
  };
}

const sum = (files: ReadonlyMap<string, FileProgress>, field: keyof FileProgress): number =>
  [...files.values()].reduce((total, progress) => total + progress[field], 0);
