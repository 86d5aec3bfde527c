/** Reads chunks from a source into the window as long as there is room. */
import { StreamResampler } from '../audio/stream-resampler.ts';
import { isView } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badInput } from '../base/option-checks.ts';
import type { AudioWindow } from './audio-window.ts';
import { SAMPLE_RATE } from './hypothesis.ts';

/** A source of mono samples. A source that cannot wait reports how much it holds and how much it dropped. */
export type ChunkSource = (AsyncIterable<Float32Array> | Iterable<Float32Array>) & {
  readonly queuedSeconds?: number;
  readonly droppedSeconds?: number;
};

/** @throws UniSpeechError `bad-input`. */
export function checkChunks(source: unknown): void {
  const isIterable =
    typeof source === 'object' &&
    source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source);
  if (!isIterable) throw badInput('The source of chunks', source, 'iterable, at once or asynchronously');
}

export class Reader {
  readonly #iterator: AsyncIterator<Float32Array> | Iterator<Float32Array>;
  readonly #window: AudioWindow;
  readonly #resampler: StreamResampler;
  #hasEnded = false;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  /** These wake the tasks that wait for more audio, or for more room. */
  #onMore: () => void = () => undefined;
  #onRoom: () => void = () => undefined;

  /** Starts reading immediately. */
  constructor(source: ChunkSource, sampleRate: number, window: AudioWindow) {
    this.#window = window;
    this.#resampler = new StreamResampler(sampleRate, SAMPLE_RATE);
    this.#iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
    this.#read()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#hasEnded = true;
        this.#onMore();
      });
  }

  /** Whether everything from the source is in the window. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Resolves when the window has grown or the source has ended. */
  whenMore(): Promise<void> {
    return new Promise((resolve) => {
      this.#onMore = resolve;
    });
  }

  /** Call this after the window was cut. */
  makeRoom(): void {
    this.#onRoom();
  }

  /** Ends the source without waiting for a chunk that the source itself may wait for. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#onRoom();
    const end = async () => this.#iterator.return?.();
    // Errors of a source while it ends are ignored.
    void end().catch(() => undefined);
  }

  async #read(): Promise<void> {
    while (!this.#isStopped) {
      const result = await this.#iterator.next();
      if (result.done) {
        await this.#append(this.#resampler.flush());
        return;
      }
      const chunk: unknown = result.value;
      if (!isView(chunk, 'Float32Array')) {
        throw new UniSpeechError(
          'bad-input',
          `A chunk of the stream is ${describeValue(chunk)}, expected a Float32Array of mono samples.`,
        );
      }
      await this.#append(this.#resampler.push(chunk));
    }
  }

  async #append(samples: Float32Array): Promise<void> {
    for (let rest = samples; !this.#isStopped;) {
      rest = rest.subarray(this.#window.append(rest));
      this.#onMore();
      if (rest.length === 0) return;
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }
}
