/** Reports the loading of files as transformers.js does (`utils/core.js`): which events, their fields, their order. */
import type { ByteSource, LoadStage, ModelFiles, ProgressCallback } from '../base/files.ts';

/** At most about ten `progress` events per second. The event at 100 % of a file always comes. */
const INTERVAL_MS = 100;
const RATE_WINDOW_MS = 2000;

/** Model files whose reading is reported. */
export interface ProgressFiles extends ModelFiles {
  /** Says what the load waits for from now on, in a `progress_total` event; `'download'` at first. */
  setStage(stage: LoadStage): void;
  /**
   * Says that the load has all it needs: files of which something was left unread (tensors of another class) are
   * reported as complete. After a failed load it is not called, and those files get no `done`.
   */
  finish(): void;
}

interface FileProgress {
  readonly loaded: number;
  readonly total: number;
}

/** How much of each file is there, and what `progress_total` events say of all of them. */
export class LoadedBytes {
  readonly files = new Map<string, FileProgress>();
  readonly #samples: { readonly timeMs: number; readonly loaded: number }[] = [];

  report() {
    let loaded = 0;
    let total = 0;
    for (const file of this.files.values()) {
      loaded += file.loaded;
      total += file.total;
    }
    const bytesPerSecond = this.#rateAt(loaded);
    const files = Object.fromEntries(this.files);
    return { progress: percent({ loaded, total }), loaded, total, bytesPerSecond, files };
  }

  /** Bytes a second over the last couple of seconds. */
  #rateAt(loaded: number): number {
    const timeMs = performance.now();
    this.#samples.push({ timeMs, loaded });
    while ((this.#samples[1]?.timeMs ?? Infinity) <= timeMs - RATE_WINDOW_MS) this.#samples.shift();
    const [first = { timeMs, loaded }] = this.#samples;
    return timeMs > first.timeMs ? (1000 * (loaded - first.loaded)) / (timeMs - first.timeMs) : 0;
  }
}

/**
 * Wraps `files` so that opening and reading them calls `callback`. A file that does not exist gives no event.
 *
 * A file's events are `initiate`, `download`, `progress_total` and `progress` in pairs, and `done` once.
 */
export function withProgress(files: ModelFiles, callback: ProgressCallback): ProgressFiles {
  const { location, id: name = location } = files;
  const bytes = new LoadedBytes();
  const done = new Set<string>();
  let stage: LoadStage = 'download';
  let lastReport = -Infinity;

  const reportTotal = (): void => callback({ status: 'progress_total', name, ...bytes.report(), stage });

  const start = (file: string, total: number): void => {
    bytes.files.set(file, { loaded: 0, total });
    done.delete(file);
    callback({ status: 'initiate', name, file });
    callback({ status: 'download', name, file });
  };

  const advance = (file: string, byteLength: number): void => {
    const { loaded: before, total } = bytes.files.get(file) ?? { loaded: 0, total: 0 };
    if (done.has(file)) return;
    // Bytes read twice count once.
    const loaded = Math.min(total, before + byteLength);
    bytes.files.set(file, { loaded, total });
    const isComplete = loaded === total;
    const now = performance.now();
    if (!isComplete && now - lastReport < INTERVAL_MS) return;
    lastReport = now;
    reportTotal();
    callback({ status: 'progress', name, file, progress: percent({ loaded, total }), loaded, total });
    if (!isComplete) return;
    done.add(file);
    callback({ status: 'done', name, file });
  };

  return {
    location,

    get missingFix() {
      return files.missingFix;
    },

    async open(fileName, signal) {
      const source = await files.open(fileName, signal);
      if (!source) return undefined;
      try {
        start(fileName, source.byteLength);
      } catch (error) {
        // The callback is the caller's: when it throws, nobody else knows of the open file.
        await source.close();
        throw error;
      }
      return reportReads(source, (byteLength) => advance(fileName, byteLength));
    },

    async readText(fileName, signal, maxByteLength) {
      const text = await files.readText(fileName, signal, maxByteLength);
      if (text === undefined) return undefined;
      const { byteLength } = new TextEncoder().encode(text);
      start(fileName, byteLength);
      advance(fileName, byteLength);
      return text;
    },

    async listLanguageModel(signal) {
      return files.listLanguageModel?.(signal);
    },

    setStage(next) {
      if (next === stage) return;
      stage = next;
      reportTotal();
    },

    finish() {
      for (const [file, { total }] of bytes.files) advance(file, total);
    },
  };
}

function reportReads(source: ByteSource, advance: (byteLength: number) => void): ByteSource {
  return {
    name: source.name,
    byteLength: source.byteLength,
    async read(byteOffset, byteLength, signal, into) {
      const bytes = await source.read(byteOffset, byteLength, signal, into);
      advance(byteLength);
      return bytes;
    },
    finish: async (signal) => source.finish?.(signal, advance),
    close: () => source.close(),
  };
}

const percent = ({ loaded, total }: FileProgress): number => (total === 0 ? 100 : (100 * loaded) / total);
