/** Reports the loading of files as transformers.js does (`utils/core.js`): which events, their fields, their order. */
import type { ByteSource, LoadStage, ModelFiles, ProgressCallback } from '../base/files.ts';

/** At most about ten `progress` events a second; the one at 100 % of a file always comes. */
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

/**
 * Wraps `files` so that opening and reading them calls `callback`. A file that does not exist gives no event.
 *
 * A file's events are `initiate`, `download`, `progress_total` and `progress` in pairs, and `done` once.
 */
export function withProgress(files: ModelFiles, callback: ProgressCallback): ProgressFiles {
  const reporter = new ProgressReporter(files.location, callback);
  return {
    location: files.location,

    get missingFix() {
      return files.missingFix;
    },

    async open(fileName, signal) {
      const source = await files.open(fileName, signal);
      if (!source) return undefined;
      try {
        reporter.start(fileName, source.byteLength);
      } catch (error) {
        // The callback is the caller's: when it throws, nobody else knows of the open file.
        await source.close();
        throw error;
      }
      return reportReads(source, (byteLength) => reporter.advance(fileName, byteLength));
    },

    async readText(fileName, signal) {
      const text = await files.readText(fileName, signal);
      if (text === undefined) return undefined;
      const { byteLength } = new TextEncoder().encode(text);
      reporter.start(fileName, byteLength);
      reporter.advance(fileName, byteLength);
      return text;
    },

    setStage: (stage) => reporter.setStage(stage),
    finish: () => reporter.finish(),
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

/** Bytes a second over the last couple of seconds. */
export class RateMeter {
  readonly #samples: { readonly timeMs: number; readonly loaded: number }[] = [];

  /** @returns the rate, given all bytes loaded so far. */
  add(loaded: number): number {
    const timeMs = performance.now();
    this.#samples.push({ timeMs, loaded });
    while ((this.#samples[1]?.timeMs ?? Infinity) <= timeMs - RATE_WINDOW_MS) this.#samples.shift();
    const [first = { timeMs, loaded }] = this.#samples;
    return timeMs > first.timeMs ? (1000 * (loaded - first.loaded)) / (timeMs - first.timeMs) : 0;
  }
}

interface FileProgress {
  loaded: number;
  total: number;
}

class ProgressReporter {
  readonly #files = new Map<string, FileProgress>();
  readonly #done = new Set<string>();
  readonly #rate = new RateMeter();
  #stage: LoadStage = 'download';
  #lastReport = -Infinity;

  constructor(
    private readonly name: string,
    private readonly callback: ProgressCallback,
  ) {}

  start(file: string, total: number): void {
    this.#files.set(file, { loaded: 0, total });
    this.#done.delete(file);
    this.callback({ status: 'initiate', name: this.name, file });
    this.callback({ status: 'download', name: this.name, file });
  }

  advance(file: string, byteLength: number): void {
    const progress = this.#files.get(file);
    if (!progress || this.#done.has(file)) return;
    // Bytes read twice count once.
    progress.loaded = Math.min(progress.total, progress.loaded + byteLength);
    const isComplete = progress.loaded === progress.total;
    const now = performance.now();
    if (!isComplete && now - this.#lastReport < INTERVAL_MS) return;
    this.#lastReport = now;
    this.#report(file, progress);
    if (!isComplete) return;
    this.#done.add(file);
    this.callback({ status: 'done', name: this.name, file });
  }

  finish(): void {
    for (const [file, { loaded, total }] of this.#files) this.advance(file, total - loaded);
  }

  setStage(stage: LoadStage): void {
    if (stage === this.#stage) return;
    this.#stage = stage;
    this.#reportTotal();
  }

  #report(file: string, { loaded, total }: FileProgress): void {
    this.#reportTotal();
    const progress = percent({ loaded, total });
    this.callback({ status: 'progress', name: this.name, file, progress, loaded, total });
  }

  #reportTotal(): void {
    const all = { loaded: 0, total: 0 };
    for (const progress of this.#files.values()) {
      all.loaded += progress.loaded;
      all.total += progress.total;
    }
    this.callback({
      status: 'progress_total',
      name: this.name,
      progress: percent(all),
      ...all,
      bytesPerSecond: this.#rate.add(all.loaded),
      stage: this.#stage,
      files: Object.fromEntries(Array.from(this.#files, ([name, progress]) => [name, { ...progress }])),
    });
  }
}

const percent = ({ loaded, total }: FileProgress): number => (total === 0 ? 100 : (100 * loaded) / total);
