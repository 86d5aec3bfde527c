/** The page's side of audio that a worker reads: opens it when the worker wants it, and gives it bit by bit. */
import { packError } from '../base/packed-error.ts';
import type { OpenRequest, Reply, Request, SoundNews } from './protocol.ts';

export interface ServedItem {
  readonly value: unknown;
  /** Memory of `value`, which is handed over. */
  readonly transfer?: ArrayBuffer[];
}

/** What a source gives while it is read. */
export interface ServedItems extends AsyncIterable<ServedItem> {
  readonly news?: SoundNews | undefined;
}

export type SourceOpener = (how: OpenRequest) => ServedItems;

export interface ServedSource {
  readonly open: SourceOpener;
  /** Lets go of what its readers share. */
  readonly close?: () => void;
}

interface ServedReader {
  readonly source: number;
  readonly items: ServedItems;
  readonly iterator: AsyncIterator<ServedItem>;
}

/** What the worker says to it. */
export type ToSources = Extract<Reply, { readonly type: 'open' | 'read' | 'close' | 'release' }>;

export class ServedSources {
  readonly #post: (request: Request, transfer?: ArrayBuffer[]) => void;
  readonly #sources = new Map<number, ServedSource>();
  readonly #readers = new Map<number, ServedReader>();
  #count = 0;

  constructor(post: (request: Request, transfer?: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  /** @returns the number under which the worker finds it. */
  add(source: ServedSource): number {
    this.#count += 1;
    this.#sources.set(this.#count, source);
    return this.#count;
  }

  /** Closes a source and all that reads it. What is being read ends by the signal of its call. */
  remove(source: number): void {
    const served = this.#sources.get(source);
    this.#sources.delete(source);
    for (const [number, reader] of this.#readers) if (reader.source === source) this.#close(number);
    served?.close?.();
  }

  receive(message: ToSources): void {
    if (message.type === 'open') {
      const items = this.#sources.get(message.source)?.open(message.how);
      if (!items) return;
      const iterator = items[Symbol.asyncIterator]();
      this.#readers.set(message.reader, { source: message.source, items, iterator });
    } else if (message.type === 'release') this.remove(message.source);
    else if (message.type === 'close') this.#close(message.reader);
    else void this.#read(message.reader);
  }

  async #read(number: number): Promise<void> {
    const reader = this.#readers.get(number);
    // A call that has ended waits for no answer.
    if (!reader) return;
    try {
      const next: IteratorResult<ServedItem, unknown> = await reader.iterator.next();
      const { news } = reader.items;
      if (next.done === true) {
        this.#readers.delete(number);
        this.#post({ type: 'answer', id: number, answer: { kind: 'end', news } });
      } else {
        const { value, transfer } = next.value;
        this.#post({ type: 'answer', id: number, answer: { kind: 'item', value, news } }, transfer);
      }
    } catch (error) {
      this.#readers.delete(number);
      this.#fail(number, error);
    }
  }

  #fail(number: number, error: unknown): void {
    const post = (packed: unknown): void =>
      this.#post({ type: 'answer', id: number, answer: { kind: 'failed', error: packed } });
    try {
      post(packError(error));
    } catch {
      // It holds what cannot be sent.
      post(new Error(String(error)));
    }
  }

  #close(number: number): void {
    const reader = this.#readers.get(number);
    this.#readers.delete(number);
    void (async () => reader?.iterator.return?.())().catch(() => undefined);
  }
}
