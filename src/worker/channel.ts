/** The page's side of the connection to a worker: matches answers to calls by id, passes aborts on, and handles a failing worker. */
import { whenAborted } from '../base/abortable.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { unpackError } from '../base/packed-error.ts';
import type { OnPart } from '../base/parts.ts';
import type { ProgressInfo } from '../base/files.ts';
import { type Connect, type Reply, type Request, type RequestBody } from './protocol.ts';
import { ServedSources } from './served-sources.ts';

interface CallUnderWay {
  readonly onPart: OnPart | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

export interface ChannelOptions {
  readonly worker: Worker;
  /** Whether the worker ends with the channel. */
  readonly ownsWorker: boolean;
  readonly onProgress: (info: ProgressInfo) => void;
}

/** A caller's worker that runs another script would never answer. */
const START_TIMEOUT_MILLISECONDS = 30_000;

export class Channel {
  readonly #worker: Worker;
  readonly #ownsWorker: boolean;
  readonly #port: MessagePort;
  /** What the worker may read. */
  readonly sources: ServedSources;
  readonly #callsUnderWay = new Map<number, CallUnderWay>();
  readonly #startTimer: ReturnType<typeof setTimeout> | undefined;
  #hasStarted = false;
  #callCount = 0;
  /** The reason why no more calls are possible. */
  #end: { readonly reason: unknown } | undefined;

  constructor({ worker, ownsWorker, onProgress }: ChannelOptions) {
    this.#worker = worker;
    this.#ownsWorker = ownsWorker;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.sources = new ServedSources((request, transfer = []) => port1.postMessage(request, transfer));
    port1.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data.type === 'started') {
        this.#hasStarted = true;
        clearTimeout(this.#startTimer);
      } else if (data.type === 'progress') {
        try {
          onProgress(data.info);
        } catch (error) {
          // As in pipeline(), a listener's exception ends the load.
          this.close(error);
        }
      } else if (data.type === 'part') {
        this.#callsUnderWay
          .get(data.id)
          ?.onPart?.(data.value, () =>
            this.#port.postMessage({ type: 'taken', id: data.id } satisfies Request),
          );
      } else if (data.type === 'done' || data.type === 'failed') {
        const call = this.#callsUnderWay.get(data.id);
        this.#callsUnderWay.delete(data.id);
        if (data.type === 'done') call?.resolve(data.value);
        else call?.reject(unpackError(data.error));
      } else this.sources.receive(data);
    };
    // In browsers with this event, it means that the worker was terminated or is gone.
    port1.addEventListener('close', () => this.#fail('The worker has ended.'));
    worker.addEventListener('error', this.#onWorkerError);
    worker.postMessage({ unispeechPort: port2 } satisfies Connect, [port2]);
    if (!ownsWorker) {
      this.#startTimer = setTimeout(
        () =>
          this.#fail(
            `The worker did not answer in ${START_TIMEOUT_MILLISECONDS / 1000} s.`,
            'Let it run dist/worker-host.js of this package, as a module.',
          ),
        START_TIMEOUT_MILLISECONDS,
      );
    }
  }

  /**
   * @param transfer objects that are transferred to the worker.
   * @param onPart is given what comes before the answer.
   * @throws UniSpeechError as the worker threw it; `worker-failed`, `disposed`; the signal's reason, at once.
   */
  async call(
    request: RequestBody,
    {
      signal,
      transfer = [],
      onPart,
    }: {
      readonly signal?: AbortSignal | undefined;
      readonly transfer?: Transferable[];
      readonly onPart?: OnPart;
    },
  ): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#end) throw this.#end.reason;
    const id = this.#callCount++;
    try {
      this.#port.postMessage({ ...request, id }, transfer);
    } catch (cause) {
      throw new UniSpeechError(
        'bad-input',
        `Something of the audio or its options cannot be sent to a worker: ${messageOf(cause)}.`,
        'Give samples and plain data only, or use pipeline().',
        { cause },
      );
    }
    const endWait = whenAborted(signal, () => {
      this.#callsUnderWay.get(id)?.reject(signal?.reason);
      this.#callsUnderWay.delete(id);
      this.#port.postMessage({ type: 'abort', id } satisfies Request);
    });
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#callsUnderWay.set(id, { resolve, reject, onPart });
      });
    } finally {
      endWait();
    }
  }

  /** Ends the worker, if it is the channel's own. Pending and later calls are rejected with `reason`. */
  close(reason: unknown): void {
    if (this.#end) return;
    this.#end = { reason };
    clearTimeout(this.#startTimer);
    this.#worker.removeEventListener('error', this.#onWorkerError);
    // A worker that continues frees only this pipeline's model.
    if (this.#ownsWorker) this.#worker.terminate();
    else this.#port.postMessage({ type: 'dispose', id: this.#callCount++ } satisfies Request);
    this.#port.close();
    for (const { reject } of this.#callsUnderWay.values()) reject(reason);
    this.#callsUnderWay.clear();
  }

  #fail(sentence: string, fix?: string): void {
    this.close(new UniSpeechError('worker-failed', sentence, fix));
  }

  readonly #onWorkerError = (event: Event): void => {
    // In a caller's worker, other code may fail while this pipeline continues.
    if (this.#hasStarted && !this.#ownsWorker) return;
    // Only errors inside a running script have a message.
    const reason = event instanceof ErrorEvent && event.message ? `: ${event.message}` : '';
    if (this.#hasStarted)
      this.#fail(`The worker failed${reason || ' without saying why'}.`, 'Make a new pipeline.');
    else {
      this.#fail(
        `The worker could not be started${reason}.`,
        'Serve worker-host.js of this package beside its worker.js, as JavaScript and from the same origin, and let ' +
          "the page's Content-Security-Policy allow it (worker-src 'self'); or pass { worker }.",
      );
    }
  };
}
