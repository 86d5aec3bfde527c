/** Progress of several loads at once as if it were one: the parts of a pipeline load in parallel. */
import type { LoadStage, ProgressCallback } from '../base/files.ts';
import { RateMeter } from '../weights/index.ts';

interface FileProgress {
  readonly loaded: number;
  readonly total: number;
}

const STAGES: readonly LoadStage[] = ['download', 'compile', 'check', 'tune'];

/**
 * Gives each load its own callback, and `callback` one stream of events: a file that two loads read is reported once,
 * so is a warning that both give, totals are those of all files together, and the stage is that of the load that is furthest.
 */
export function joinProgress(callback: ProgressCallback): () => ProgressCallback {
  const owners = new Map<string, symbol>();
  const files = new Map<string, FileProgress>();
  const rate = new RateMeter();
  let stageIndex = 0;
  return () => {
    const load = Symbol('load');
    const owns = (fileOrMessage: string): boolean => {
      if (!owners.has(fileOrMessage)) owners.set(fileOrMessage, load);
      return owners.get(fileOrMessage) === load;
    };
    return (info) => {
      if (info.status === 'warning') {
        if (owns(info.message)) callback(info);
        return;
      }
      if (info.status !== 'progress_total') {
        if (!('file' in info) || owns(info.file)) callback(info);
        return;
      }
      for (const [file, progress] of Object.entries(info.files)) if (owns(file)) files.set(file, progress);
      const loaded = sum(files, 'loaded');
      const total = sum(files, 'total');
      const progress = total === 0 ? 100 : (100 * loaded) / total;
      const bytesPerSecond = rate.add(loaded);
      stageIndex = Math.max(stageIndex, STAGES.indexOf(info.stage ?? 'download'));
      const { [stageIndex]: stage = 'download' } = STAGES;
      callback({ ...info, loaded, total, progress, bytesPerSecond, stage, files: Object.fromEntries(files) });
    };
  };
}

const sum = (files: ReadonlyMap<string, FileProgress>, field: keyof FileProgress): number =>
  [...files.values()].reduce((total, progress) => total + progress[field], 0);
