/** The end of a server: new requests are refused, those that were accepted end first. */
import { ApiError } from './api-error.ts';

export class Draining {
  #activeCount = 0;
  readonly #begun = new AbortController();
  #whenIdle: () => void = () => undefined;
  readonly #ended = new AbortController();

  get isDraining(): boolean {
    return this.#begun.signal.aborted;
  }

  /** Aborts at once, for what would wait for ever. */
  get begun(): AbortSignal {
    return this.#begun.signal;
  }

  /** Aborts with `draining` what is still at work when the grace is over. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** @throws ApiError `draining` */
  begin(): void {
    if (this.isDraining) throw drainingError();
    this.#activeCount += 1;
  }

  end(): void {
    this.#activeCount -= 1;
    if (this.#activeCount === 0) this.#whenIdle();
  }

  /** Refuses new requests, and resolves when none is at work, or all were told to end and had a second to say so. */
  async drain(graceMilliseconds: number): Promise<void> {
    const idle = new Promise<void>((resolve) => (this.#whenIdle = resolve));
    this.#begun.abort();
    if (this.#activeCount === 0) return;
    const timer = setTimeout(() => {
      this.#ended.abort(drainingError());
      lastTimer = setTimeout(this.#whenIdle, LAST_MILLISECONDS);
    }, graceMilliseconds);
    let lastTimer: NodeJS.Timeout | undefined;
    await idle;
    clearTimeout(timer);
    clearTimeout(lastTimer);
  }
}

/** For the answers that say so; a client that does not read its own is left behind. */
const LAST_MILLISECONDS = 1000;

const drainingError = (): ApiError =>
  new ApiError('draining', 'The server is being stopped. Send the request again: another one may take it.', {
    retryAfterSeconds: 1,
  });
