/** Shows on one terminal line how far a model has loaded, for the CLI and the demo. */
import type { ProgressCallback } from '../base/files.ts';
import { StatusLine, type TerminalStream } from './status-line.ts';

export interface TerminalProgress {
  /** For `from_pretrained` and `pipeline`; undefined without a terminal. */
  readonly callback: ProgressCallback | undefined;
  /** Removes the line. */
  clear(): void;
}

const BAR_WIDTH = 28;
const isWeights = (file: string): boolean => /\.(safetensors|bin)$/.test(file);
const megabytes = (byteLength: number): string => (byteLength / 1e6).toFixed(1);

/** @param stream the stream to draw on. Nothing is written to it unless it is a terminal. */
export function terminalProgress(stream: TerminalStream = process.stderr): TerminalProgress {
  const line = new StatusLine(stream);
  if (!line.isShown) return { callback: undefined, clear: () => undefined };
  return {
    callback: (info) => {
      // Without a progress bar, warnings are printed the same way.
      if (info.status === 'warning') {
        line.clear();
        console.warn(info.message);
      }
      // The small files come first. The total is worth showing only with the weights.
      if (info.status !== 'progress_total' || !Object.keys(info.files).some(isWeights)) return;
      const { loaded, total } = info;
      const filled = total === 0 ? BAR_WIDTH : Math.floor((BAR_WIDTH * loaded) / total);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      line.show(
        loaded < total
          ? `Loading ${bar} ${megabytes(loaded)} of ${megabytes(total)} MB`
          : `Loading ${bar} ${megabytes(total)} MB, now compiling`,
      );
    },
    clear: () => line.clear(),
  };
}
