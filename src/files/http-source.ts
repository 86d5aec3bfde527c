/**
 * One file read over HTTP: a running download. It is resumed if it breaks off or stalls, and restarted
 * if a read goes back or skips ahead.
 */
import { UniSpeechError } from '../base/errors.ts';
import type { ByteSource } from '../base/files.ts';
import { shownLocation } from '../base/shown-location.ts';
import { inTurns } from '../base/turns.ts';
import { type Download, type StartedDownload, startDownload, take } from './http-download.ts';
import { HttpError, MAX_RETRIES, type RequestOptions, withRetries } from './http-request.ts';

/** Up to this length it is faster to read over a gap than to request another range. */
const MAX_SKIPPED_BYTE_LENGTH = 1024 * 1024;

export class HttpSource implements ByteSource {
  readonly name: string;
  readonly #url: string;
  readonly #options: RequestOptions;
  readonly #etag: string | null;
  readonly #inTurns = inTurns();
  #byteLength: number;
  /** Whether the length is what the file says of itself: more might follow. */
  #isMeasured = false;
  #startsAtZero: boolean;
  #download: Download | undefined;
  #closed = false;

  /** @param started without a download where only the head is known: it starts with the first read. */
  constructor(url: string, options: RequestOptions, started: StartedDownload) {
    this.name = shownLocation(url);
    this.#url = url;
    this.#options = options;
    this.#byteLength = started.byteLength;
    this.#etag = started.etag;
    this.#download = started.download;
    this.#startsAtZero = started.download?.isEncoded === true;
  }

  /** `Infinity` where the server does not tell, until it is set to what the file says of itself. */
  get byteLength(): number {
    return this.#byteLength;
  }

  set byteLength(byteLength: number) {
    this.#byteLength = byteLength;
    this.#isMeasured = true;
  }

  get isSequential(): boolean {
    return this.#startsAtZero || this.#download?.ranged === false;
  }

  /** Reads wait for one another: there is one download to serve them. */
  read(
    byteOffset: number,
    byteLength: number,
    signal?: AbortSignal,
    into = new ArrayBuffer(byteLength),
  ): Promise<Uint8Array> {
    const target = new Uint8Array(into, 0, byteLength);
    return this.#inTurns(() => this.#read(byteOffset, target, signal));
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#dropDownload();
    return Promise.resolve();
  }

  /** The first bytes, fewer where the file ends before: then its length is known. They stay to be read. */
  async peek(byteLength: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const head = new Uint8Array(byteLength);
    let filled = 0;
    while (filled < byteLength) {
      const piece = await this.next(filled, byteLength - filled, signal);
      if (!piece) {
        this.#byteLength = filled;
        break;
      }
      head.set(piece, filled);
      filled += piece.byteLength;
    }
    const download = this.#download;
    if (download) {
      const rest = new Uint8Array(filled + download.rest.byteLength);
      rest.set(head.subarray(0, filled));
      rest.set(download.rest, filled);
      Object.assign(download, { rest, byteOffset: 0 });
    }
    return head.subarray(0, filled);
  }

  /** Learns the length of a file that does not tell it itself: asks for it, or reads all of it, which is then read once more. */
  async measure(signal: AbortSignal | undefined): Promise<void> {
    const head = await startDownload(this.#url, 0, this.#options, signal, 'HEAD').catch(() => undefined);
    this.#throwIfStopped(signal);
    const told = typeof head === 'object' ? head.byteLength : Infinity;
    let end = 0;
    while (told === Infinity) {
      const piece = await this.next(end, Infinity, signal);
      if (!piece) break;
      end += piece.byteLength;
    }
    this.#byteLength = told === Infinity ? end : told;
  }

  async #read(byteOffset: number, target: Uint8Array, signal?: AbortSignal): Promise<Uint8Array> {
    const { byteLength } = target;
    const end = byteOffset + byteLength;
    if (end > this.byteLength) {
      throw new UniSpeechError(
        'bad-input',
        `${this.name}: cannot read bytes ${byteOffset} to ${end}, the file has ${this.byteLength}.`,
      );
    }
    this.#throwIfStopped(signal);
    for (let filled = 0; filled < byteLength;) {
      const piece = await this.next(byteOffset + filled, byteLength - filled, signal);
      if (!piece) throw new HttpError(this.#url, { problem: `ended at byte ${byteOffset + filled}` });
      target.set(piece, filled);
      filled += piece.byteLength;
    }
    if (this.#isMeasured && end === this.byteLength && byteLength > 0) await this.#checkEnd(signal);
    return target;
  }

  /**
   * The next bytes from `byteOffset` on, at most so many; undefined at the end. Valid until the next call.
   * @throws UniSpeechError `network`, `not-found`, `disposed`; the signal's reason.
   */
  async next(
    byteOffset: number,
    maxByteLength: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | undefined> {
    if (byteOffset === this.byteLength) return undefined;
    try {
      return await withRetries(() => this.#tryNext(byteOffset, maxByteLength, signal), this.#options, signal);
    } catch (cause) {
      if (!(cause instanceof HttpError) || cause.failure.isFinal) throw cause;
      const of = this.byteLength === Infinity ? '' : ` of ${this.byteLength}`;
      const problem = `stopped at byte ${byteOffset}${of} and ${MAX_RETRIES} retries brought no more`;
      throw new HttpError(this.#url, { problem, cause });
    }
  }

  async #tryNext(
    byteOffset: number,
    maxByteLength: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array | undefined> {
    try {
      this.#throwIfStopped(signal);
      const download = await this.#downloadAt(byteOffset, signal);
      const piece = await take(download, maxByteLength, this.#url, this.#options, signal);
      this.#throwIfStopped(signal);
      if (piece !== undefined || this.byteLength === Infinity) return piece;
      throw new HttpError(this.#url, { problem: 'ended early' });
    } catch (cause) {
      this.#dropDownload();
      this.#throwIfStopped(signal);
      throw cause instanceof UniSpeechError
        ? cause
        : new HttpError(this.#url, { problem: 'broke off while it was read', cause });
    }
  }

  /** The download, standing at `byteOffset`. */
  async #downloadAt(byteOffset: number, signal: AbortSignal | undefined): Promise<Download> {
    let download = this.#download;
    const gap = download ? byteOffset - download.byteOffset : -1;
    if (!download || gap < 0 || (download.ranged && gap > MAX_SKIPPED_BYTE_LENGTH)) {
      this.#dropDownload();
      download = await this.#restart(this.#startsAtZero ? 0 : byteOffset, signal);
      this.#download = download;
      this.#throwIfStopped(signal);
    }
    while (download.byteOffset < byteOffset) {
      const skipped = await take(
        download,
        byteOffset - download.byteOffset,
        this.#url,
        this.#options,
        signal,
      );
      if (!skipped) throw new HttpError(this.#url, { problem: 'ended early' });
    }
    return download;
  }

  async #restart(byteOffset: number, signal: AbortSignal | undefined): Promise<Download> {
    const started = await startDownload(this.#url, byteOffset, this.#options, signal);
    const download = typeof started === 'string' ? undefined : started.download;
    if (typeof started === 'string' || !download) {
      throw new HttpError(this.#url, { problem: 'is no longer there' });
    }
    // Not every answer of a server carries the tag, or the length.
    const isOther =
      (started.etag !== null && this.#etag !== null && started.etag !== this.#etag) ||
      (started.byteLength !== this.byteLength && Math.max(started.byteLength, this.byteLength) < Infinity);
    this.#startsAtZero ||= download.isEncoded;
    if (isOther || (download.isEncoded && download.byteOffset > 0)) {
      download.reader.cancel();
      throw new HttpError(this.#url, {
        problem: isOther ? 'changed while it was read' : 'sent a part of its compressed form',
      });
    }
    return download;
  }

  /** @throws UniSpeechError `bad-checkpoint` where the file goes on behind its last tensor. */
  async #checkEnd(signal: AbortSignal | undefined): Promise<void> {
    const more =
      this.#download &&
      (await take(this.#download, 1, this.#url, this.#options, signal).catch(() => undefined));
    this.#throwIfStopped(signal);
    if (!more) return;
    throw new UniSpeechError(
      'bad-checkpoint',
      `${this.name} goes on behind its last tensor, which ends at byte ${this.byteLength}.`,
      'The file is damaged or no safetensors file: fetch it again.',
    );
  }

  #dropDownload(): void {
    this.#download?.reader.cancel();
    this.#download = undefined;
  }

  #throwIfStopped(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    if (this.#closed) throw new UniSpeechError('disposed', `${this.name} is closed.`);
  }
}
