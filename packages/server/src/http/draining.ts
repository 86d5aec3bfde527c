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

  /** Refuses new requests, and resolves when none is at work, or all were told to end. */
  async drain(graceMilliseconds: number): Promise<void> {
    const idle = new Promise<void>((resolve) => (this.#whenIdle = resolve));
    this.#begun.abort();
    if (this.#activeCount === 0) return;
    const timer = setTimeout(() => this.#ended.abort(drainingError()), graceMilliseconds);
    await idle;
    clearTimeout(timer);
  }
}

const drainingError = (): ApiError =>
  new ApiError('draining', 'The server is being stopped. Send the request again: another one may take it.', {
    retryAfterSeconds: 1,
  });
