/** Reads several sources one after the other, with the next ones opened meanwhile. */
import type { ClipList } from './clip-list.ts';
import { askNext } from './run-ahead.ts';

interface SourceAhead<Item> {
  readonly iterator: AsyncIterator<Item>;
  next: Promise<IteratorResult<Item>>;
}

/**
 * What several sources give, one source after the other. Those that come next are opened and read up to their first item meanwhile.
 * @param sources which may have to be waited for; what is open goes on meanwhile.
 * @param open reads one of them.
 * @param ahead how many.
 * @param stop called when the loop ends early: makes the sources give up.
 */
export async function* readAhead<Source, Item>(
  sources: ClipList<Source>,
  open: (source: Source) => AsyncIterable<Item>,
  ahead: number,
  stop: () => void,
): AsyncGenerator<Item, void, undefined> {
  const queue = new SourceQueue(sources, open, ahead);
  try {
    for (let current = await queue.first(); current; current = await queue.first()) {
      const item = await current.next;
      if (item.done === true) queue.shift();
      else {
        current.next = askNext(current.iterator);
        yield item.value;
      }
    }
  } finally {
    if (queue.isOpen) stop();
    await queue.close();
  }
}

class SourceQueue<Source, Item> {
  readonly #sources: {
    readonly isAsync: boolean;
    readonly iterator: Iterator<Source> | AsyncIterator<Source>;
  };
  readonly #open: (source: Source) => AsyncIterable<Item>;
  readonly #ahead: number;
  readonly #opened: SourceAhead<Item>[] = [];
  #hasEnded = false;
  #isClosed = false;
  /** Of the list itself. It comes behind what the list gave before. */
  #failure: { readonly error: unknown } | undefined;
  /** A source that the list makes at the moment. */
  #coming: Promise<void> | undefined;

  constructor(sources: ClipList<Source>, open: (source: Source) => AsyncIterable<Item>, ahead: number) {
    this.#sources =
      Symbol.asyncIterator in sources
        ? { isAsync: true, iterator: sources[Symbol.asyncIterator]() }
        : { isAsync: false, iterator: sources[Symbol.iterator]() };
    this.#open = open;
    this.#ahead = ahead;
  }

  /** The source whose turn it is; undefined at the end. @throws what making the list throws. */
  async first(): Promise<SourceAhead<Item> | undefined> {
    for (;;) {
      this.#fill();
      const [first] = this.#opened;
      if (first) return first;
      if (!this.#coming) break;
      await this.#coming;
    }
    if (this.#failure) throw this.#failure.error;
    return undefined;
  }

  /** Whether a source is open. */
  get isOpen(): boolean {
    return this.#opened.length > 0;
  }

  shift(): void {
    this.#opened.shift();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#opened.map(({ next }) => next));
    await Promise.allSettled(this.#opened.map(async ({ iterator }) => iterator.return?.()));
    if (this.#hasEnded) return;
    const ending = (async () => this.#sources.iterator.return?.())().catch(() => undefined);
    // A list that hangs is not waited for.
    if (!this.#coming) await ending;
  }

  #fill(): void {
    while (!this.#hasEnded && !this.#isClosed && !this.#coming && this.#opened.length <= this.#ahead) {
      const { isAsync, iterator } = this.#sources;
      try {
        const next = iterator.next();
        if (isAsync) this.#coming = this.#wait(next);
        else this.#take(next as IteratorResult<Source>);
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  async #wait(next: IteratorResult<Source> | Promise<IteratorResult<Source>>): Promise<void> {
    try {
      this.#take(await next);
    } catch (error) {
      this.#fail(error);
    }
    this.#coming = undefined;
    this.#fill();
  }

  #take(result: IteratorResult<Source>): void {
    if (result.done === true) this.#hasEnded = true;
    else if (!this.#isClosed) {
      const iterator = this.#open(result.value)[Symbol.asyncIterator]();
      this.#opened.push({ iterator, next: askNext(iterator) });
    }
  }

  #fail(error: unknown): void {
    this.#hasEnded = true;
    this.#failure = { error };
  }
}
