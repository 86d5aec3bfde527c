/** Joins the progress of the parts of a pipeline, which load in parallel. */
import type { LoadStage, ProgressCallback } from '../base/files.ts';
import { LoadedBytes } from '../files/progress.ts';

const STAGES: readonly LoadStage[] = ['download', 'compile', 'check', 'tune'];

/**
 * Gives each load its own callback, and `callback` one stream of events. A file that two loads read is reported once, and so
 * is a warning that both give. Totals cover all files together. The stage is that of the furthest load.
 */
export function joinProgress(callback: ProgressCallback): () => ProgressCallback {
  const owners = new Map<string, symbol>();
  const bytes = new LoadedBytes();
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
      for (const [file, progress] of Object.entries(info.files))
        if (owns(file)) bytes.files.set(file, progress);
      stageIndex = Math.max(stageIndex, STAGES.indexOf(info.stage ?? 'download'));
      const { [stageIndex]: stage = 'download' } = STAGES;
      callback({ ...info, ...bytes.report(), stage });
    };
  };
}
