/** Decodes files in threads of their own, so that the calling thread has time for the GPU. Where threads are not possible it decodes itself. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { laterSound } from '../audio/later-sound.ts';
import type { Platform } from '../base/platform.ts';
import { DecodeThread } from './node-decode-thread.ts';
import { streamAudio } from './node-audio.ts';
import { openAudioFile } from './node-audio-file.ts';

/** A single file of fewer bytes is decoded before a thread has started. */
const LONG_FILE_BYTES = 2 ** 22;
const MAX_THREADS = 4;
/** After which threads without files end. */
const IDLE_MILLISECONDS = 5000;

/** The threads of a process. */
export class DecodePool {
  readonly #threads = new Set<DecodeThread>();
  readonly #maxThreads: number;
  readonly #idleMilliseconds: number;
  /** Undefined where threads cannot be used. */
  #script: URL | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param script the built `node-decode-worker.js`. */
  constructor(
    script: URL | undefined,
    { maxThreads = defaultThreadCount(), idleMilliseconds = IDLE_MILLISECONDS } = {},
  ) {
    this.#script = script;
    this.#maxThreads = maxThreads;
    this.#idleMilliseconds = idleMilliseconds;
  }

  get threadCount(): number {
    return this.#threads.size;
  }

  /** A thread for one more file; to be given back. Undefined where the caller must decode itself. */
  async acquire(): Promise<DecodeThread | undefined> {
    const thread = this.#pick();
    if (!thread) return undefined;
    clearTimeout(this.#idleTimer);
    thread.fileCount += 1;
    if (await thread.started()) return thread;
    // The script cannot run here, such as in a bundle without the decoders.
    this.#script = undefined;
    this.#threads.delete(thread);
    return undefined;
  }

  release(thread: DecodeThread): void {
    thread.fileCount -= 1;
    if (thread.hasEnded) this.#threads.delete(thread);
    if ([...this.#threads].some(({ fileCount }) => fileCount > 0)) return;
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => void this.close(), this.#idleMilliseconds);
    this.#idleTimer.unref();
  }

  /** Ends the threads. Later files get new ones. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer);
    const threads = [...this.#threads];
    this.#threads.clear();
    await Promise.all(threads.map((thread) => thread.close()));
  }

  #pick(): DecodeThread | undefined {
    for (const thread of this.#threads) if (thread.hasEnded) this.#threads.delete(thread);
    const [best] = [...this.#threads].sort((a, b) => a.fileCount - b.fileCount);
    const isFull = this.#threads.size >= this.#maxThreads;
    if (!this.#script || best?.fileCount === 0 || isFull) return this.#script && best;
    try {
      const thread = new DecodeThread(this.#script);
      this.#threads.add(thread);
      return thread;
    } catch {
      // `node --permission` forbids threads.
      this.#script = undefined;
      return undefined;
    }
  }
}

/** The calling thread keeps a core for itself, where there is more than one. On a single one a thread still leaves it free for what is urgent. */
const defaultThreadCount = (): number => Math.min(MAX_THREADS, Math.max(1, availableParallelism() - 1));

/** The script lies beside the entries of the package, and this code in one of their chunks. Bundlers drop it. */
function findScript(): URL | undefined {
  for (const folder of ['./', '../']) {
    try {
      const script = new URL(`${folder}node-decode-worker.js`, import.meta.url);
      if (existsSync(script)) return script;
    } catch {
      // A bundle in CommonJS has no address.
    }
  }
  return undefined;
}

/** Makes `decodeAhead` of a platform. */
export const decodesAheadIn =
  (pool: DecodePool): NonNullable<Platform['decodeAhead']> =>
  (location, name, { isOneOfMany, sampleRate, ...options }) => {
    const bytes = openAudioFile(location, options.signal);
    const { path } = bytes;
    // Downloads go through the `fetch` of this thread, which an app may have replaced.
    if (path === undefined) return undefined;
    return laterSound(async function* (tell) {
      const thread = isOneOfMany || (await isLong(path)) ? await pool.acquire() : undefined;
      if (!thread) {
        const sound = streamAudio(bytes, name, { ...options, mono: true });
        tell(sound);
        yield* sound;
        return;
      }
      try {
        const { signal, maxSeconds } = options;
        const request = { location: String(location), name, sampleRate, maxSeconds };
        for await (const samples of thread.blocks(request, signal, tell))
          yield { channels: [samples], sampleRate };
      } finally {
        pool.release(thread);
      }
    });
  };

/** What cannot be looked at is no long file: reading it says why. */
const isLong = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size >= LONG_FILE_BYTES,
    () => false,
  );

let sharedPool: DecodePool | undefined;

export const decodeAhead: NonNullable<Platform['decodeAhead']> = (...args) =>
  decodesAheadIn((sharedPool ??= new DecodePool(findScript())))(...args);
