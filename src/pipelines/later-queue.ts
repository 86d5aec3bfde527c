/** A queue whose code is loaded with its first clip. */
import { keepUnread } from '../base/keep-unread.ts';
import { loadPart } from '../base/load-part.ts';
import {
  checkQueuedClip,
  checkQueueOptions,
  type QueuedClipOptions,
  type RecognitionQueueOptions,
} from './queue-options.ts';
import { type QueueHost, type QueuedClip, queueClosed, type RecognitionQueue } from './queue.ts';

export class LaterQueue implements RecognitionQueue {
  readonly #host: QueueHost;
  readonly #options: RecognitionQueueOptions;
  #loading: Promise<RecognitionQueue> | undefined;
  #loaded: RecognitionQueue | undefined;
  /** Clips that wait for the code. */
  #earlyCount = 0;
  #isClosed = false;

  /** @throws UniSpeechError `bad-option`. */
  constructor(host: QueueHost, options: RecognitionQueueOptions) {
    checkQueueOptions(options);
    this.#host = host;
    this.#options = options;
  }

  get waiting(): RecognitionQueue['waiting'] {
    const { clips, pieces } = this.#loaded?.waiting ?? { clips: 0, pieces: 0 };
    return { clips: clips + this.#earlyCount, pieces };
  }

  add(audio: unknown, options: QueuedClipOptions = {}): QueuedClip {
    this.#host.check(checkQueuedClip(options).call);
    if (this.#isClosed) throw queueClosed();
    keepUnread(audio);
    if (this.#loaded && this.#earlyCount === 0) return this.#loaded.add(audio, options);
    this.#earlyCount += 1;
    const adding = this.#addLater(audio, options);
    const result = adding.then((clip) => clip.result);
    // Whoever reads only the parts has the error there.
    result.catch(() => undefined);
    return {
      result,
      parts: {
        async *[Symbol.asyncIterator]() {
          yield* (await adding).parts;
        },
      },
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // Clips that were added before are in it by then. Where it could not be loaded, each of them has the error.
    const queue = await this.#loading?.catch(() => undefined);
    await queue?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #addLater(audio: unknown, options: QueuedClipOptions): Promise<QueuedClip> {
    try {
      const queue = await (this.#loading ??= this.#load());
      return queue.add(audio, options);
    } finally {
      this.#earlyCount -= 1;
    }
  }

  async #load(): Promise<RecognitionQueue> {
    try {
      this.#loaded = new (await loadPart(import('./recognition-queue.ts'), 'queues clips')).LiveQueue(
        this.#host,
        this.#options,
      );
      return this.#loaded;
    } catch (error) {
      // The next clip tries again.
      this.#loading = undefined;
      throw error;
    }
  }
}
