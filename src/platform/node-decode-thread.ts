/** The calling thread's side of a thread that decodes files. */
import { Worker, SHARE_ENV } from 'node:worker_threads';
import { whenAborted } from '../base/abortable.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { packError, unpackError } from '../base/packed-error.ts';
import type { DecodeRequest, FromDecoder, ToDecoder } from './decode-messages.ts';

/** What has come of a file and was not taken yet. */
interface Inbox {
  readonly messages: FromDecoder[];
  wake: (() => void) | undefined;
}

export type DecodeNews = Pick<FromDecoder, 'declaredSeconds' | 'warnings'>;

export class DecodeThread {
  readonly #worker: Worker;
  readonly #inboxes = new Map<number, Inbox>();
  #lastId = 0;
  #waitingCount = 0;
  /** Why it has ended. */
  #failure: string | undefined;
  readonly #started: Promise<boolean>;
  /** How many files were given to it that have not ended. */
  fileCount = 0;

  /** @throws where threads are not allowed. */
  constructor(script: URL) {
    // Hooks of the calling thread may load what must not be in a second one.
    const worker = new Worker(script, { execArgv: [], env: SHARE_ENV, name: 'unispeech-decode' });
    this.#worker = worker;
    this.#started = new Promise((resolve) => {
      worker.once('exit', () => resolve(false));
      worker.on('message', (message: FromDecoder | 'ready') => {
        if (message === 'ready') resolve(true);
        else this.#deliver(message);
      });
    });
    worker.on('error', (error) => this.#end(messageOf(error)));
    worker.on('exit', (code) => this.#end(`it ended with code ${code}`));
    // It keeps the process alive only while somebody waits for it.
    worker.unref();
  }

  /** Whether its script runs. */
  started(): Promise<boolean> {
    return this.#awake(this.#started);
  }

  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  /** Ends it at once. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /**
   * The samples of a file, mono. When the loop ends, for whatever reason, the file is closed.
   * @param onNews is told what is known of the whole.
   * @throws UniSpeechError as the decoder threw it; `worker-failed`; the signal's reason.
   */
  async *blocks(
    request: DecodeRequest,
    signal: AbortSignal | undefined,
    onNews: (news: DecodeNews) => void,
  ): AsyncGenerator<Float32Array, void, undefined> {
    signal?.throwIfAborted();
    const id = this.#lastId++;
    const inbox: Inbox = { messages: [], wake: undefined };
    this.#inboxes.set(id, inbox);
    if (this.#failure !== undefined) this.#deliver(failed(id, this.#failure));
    const endWait = whenAborted(signal, () => inbox.wake?.());
    let isOver = false;
    this.#post({ type: 'open', id, ...request });
    try {
      for (;;) {
        const message = await this.#next(inbox, signal);
        onNews(message);
        if (message.type !== 'block') {
          isOver = true;
          if (message.type === 'done') return;
          throw unpackError(message.error);
        }
        this.#post({ type: 'taken', id, sampleCount: message.samples.length });
        yield message.samples;
      }
    } finally {
      endWait();
      if (!isOver) {
        this.#post({ type: 'stop', id });
        while ((await this.#next(inbox, undefined)).type === 'block');
      }
      this.#inboxes.delete(id);
    }
  }

  /** @throws the signal's reason. */
  async #next(inbox: Inbox, signal: AbortSignal | undefined): Promise<FromDecoder> {
    for (;;) {
      signal?.throwIfAborted();
      const message = inbox.messages.shift();
      if (message) return message;
      await this.#awake(new Promise<void>((resolve) => (inbox.wake = resolve)));
    }
  }

  async #awake<T>(work: Promise<T>): Promise<T> {
    if (this.#waitingCount++ === 0) this.#worker.ref();
    try {
      return await work;
    } finally {
      if (--this.#waitingCount === 0) this.#worker.unref();
    }
  }

  #post(message: ToDecoder): void {
    if (this.#failure === undefined) this.#worker.postMessage(message);
  }

  #deliver(message: FromDecoder): void {
    const inbox = this.#inboxes.get(message.id);
    inbox?.messages.push(message);
    inbox?.wake?.();
  }

  #end(reason: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    for (const id of this.#inboxes.keys()) this.#deliver(failed(id, reason));
  }
}

const failed = (id: number, reason: string): FromDecoder => ({
  type: 'failed',
  id,
  error: packError(
    new UniSpeechError('worker-failed', `The thread that decodes audio files has failed: ${reason}.`),
  ),
  declaredSeconds: undefined,
  warnings: [],
});
