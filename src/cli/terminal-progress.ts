/** Shows on one terminal line how far a model has loaded, for the CLI and the demo. */
import type { ProgressCallback } from '../base/files.ts';

export interface TerminalProgress {
  /** For `from_pretrained` and `pipeline`; undefined without a terminal. */
  readonly callback: ProgressCallback | undefined;
  /** Removes the line. */
  clear(): void;
}

/** The parts of `process.stderr` that are used. */
export interface TerminalStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const BAR_WIDTH = 28;
const CLEAR_LINE = '\r\u001b[2K';
const isWeights = (file: string): boolean => /\.(safetensors|bin)$/.test(file);
const megabytes = (byteLength: number): string => (byteLength / 1e6).toFixed(1);

/** @param stream the stream to draw on. Nothing is written to it unless it is a terminal. */
export function terminalProgress(stream: TerminalStream = process.stderr): TerminalProgress {
  if (stream.isTTY !== true) return { callback: undefined, clear: () => undefined };
  // Some terminals report zero columns.
  const columns = stream.columns === undefined || stream.columns === 0 ? 80 : stream.columns;
  return {
    callback: (info) => {
      // Without a progress bar, warnings are printed the same way.
      if (info.status === 'warning') {
        stream.write(CLEAR_LINE);
        console.warn(info.message);
      }
      // The small files come first. The total is worth showing only with the weights.
      if (info.status !== 'progress_total' || !Object.keys(info.files).some(isWeights)) return;
      const { loaded, total } = info;
      const filled = total === 0 ? BAR_WIDTH : Math.floor((BAR_WIDTH * loaded) / total);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      const line =
        loaded < total
          ? `Loading ${bar} ${megabytes(loaded)} of ${megabytes(total)} MB`
          : `Loading ${bar} ${megabytes(total)} MB, now compiling`;
      stream.write(CLEAR_LINE + line.slice(0, columns - 1));
    },
    clear: () => stream.write(CLEAR_LINE),
  };
}
