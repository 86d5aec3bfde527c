/** Sound that callers bring bit by bit: streams of samples, of decoded audio, or of the bytes of a file. */
import { laterSound } from '../audio/later-sound.ts';
import { type AudioDataLike, clipOf, isAudioBuffer, takeAudioData } from '../audio/audio-buffer.ts';
import { type AudioSamples, isSampleArray } from '../audio/clips.ts';
import { checkDuration } from '../audio/duration.ts';
import { abortable } from '../base/abortable.ts';
import { isArrayBuffer, isListOf, isRecord, isView } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { heldWhile } from '../base/held.ts';
import type { Platform } from '../base/platform.ts';
import type { ByteStream, SoundBlock, SoundStream } from '../base/sound-stream.ts';
import { type AudioItems, isAudioItems } from './audio-items.ts';
import { checkedRate, readSignal } from './memory-source.ts';
import type { PrepareOptions } from './prepared-clip.ts';

/**
 * The sound of such a stream. The stream is ended if the iteration is left early, by an error, and by an abort: a `ReadableStream` is
 * cancelled, a `Readable` destroyed. Async generators end by `return()`, which takes effect when what they wait for has come.
 *
 * Iterating throws UniSpeechError `bad-input` for an item that is none of these, what decoding throws, what the stream itself throws, and
 * the signal's reason.
 * @param streamAudio decodes bytes.
 */
export function openItems(
  source: AudioItems,
  name: string,
  options: Pick<PrepareOptions, 'sampleRate' | 'maxSeconds' | 'signal'>,
  streamAudio: Platform['streamAudio'],
): SoundStream {
  const { maxSeconds, signal } = options;
  return laterSound(async function* (tell) {
    const items = new ItemQueue(source, signal);
    try {
      const first = await items.peek();
      if (first === undefined) return;
      if (isBytes(first.value)) {
        const file = streamAudio(bytesOf(items, name), name, { mono: true, maxSeconds, signal });
        tell(file);
        yield* file;
      } else yield* soundOf(items, name, options);
    } finally {
      await items.end();
    }
  });
}

/** Ends a stream that nothing will read. */
export async function closeItems(source: unknown): Promise<void> {
  if (!isAudioItems(source)) return;
  // The iterator of a `Readable` that has not begun closes nothing.
  if (isDestroyable(source)) source.destroy();
  else await new ItemQueue(source, undefined).end();
}

interface Item {
  readonly value: unknown;
}

/** The items in turn. A wait for the next one ends with an abort. */
class ItemQueue {
  readonly #source: AudioItems;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #signal: AbortSignal | undefined;
  #peeked: Item | undefined;
  #isDone = false;
  #count = 0;
  /** Whether an item was asked for and has not come. */
  #isWaiting = false;

  constructor(source: AudioItems, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#iterator = iteratorOf(source);
    this.#signal = signal;
  }

  /** Number of the items that were taken. */
  get count(): number {
    return this.#count;
  }

  async peek(): Promise<Item | undefined> {
    return (this.#peeked ??= await this.#next());
  }

  /** Undefined at the end. */
  async take(): Promise<Item | undefined> {
    const item = await this.peek();
    this.#peeked = undefined;
    if (item) this.#count += 1;
    return item;
  }

  /** Ends the source, unless it has ended itself. One that hangs is not waited for. */
  async end(): Promise<void> {
    closeItem(this.#peeked?.value);
    if (this.#isDone) return;
    this.#isDone = true;
    const ending = (async () => this.#iterator.return?.())().catch(() => undefined);
    if (!this.#isWaiting && !this.#signal?.aborted) await ending;
    else if (isDestroyable(this.#source)) this.#source.destroy();
  }

  async #next(): Promise<Item | undefined> {
    this.#signal?.throwIfAborted();
    // Iterators by hand may give a plain object.
    const next = Promise.resolve(this.#iterator.next());
    this.#isWaiting = true;
    try {
      const result = await abortable(next, this.#signal);
      this.#isWaiting = false;
      if (result.done !== true) return { value: result.value };
      this.#isDone = true;
      return undefined;
    } catch (error) {
      // One that comes too late still holds memory outside of the heap.
      next.then(({ value }) => closeItem(value)).catch(() => undefined);
      throw error;
    }
  }
}

/** Not all browsers can iterate a `ReadableStream`, and the `return()` of its iterator waits for what is being read. */
function iteratorOf(source: AudioItems): AsyncIterator<unknown> {
  if (!('getReader' in source)) return source[Symbol.asyncIterator]();
  const reader = source.getReader();
  return {
    async next() {
      const { done, value } = await heldWhile(reader, reader.read());
      return { done, value };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** Node's `Readable` is. */
const isDestroyable = (source: object): source is { destroy(): void } =>
  'destroy' in source && typeof source.destroy === 'function';

const isBytes = (item: unknown): boolean => isView(item, 'Uint8Array', 'DataView') || isArrayBuffer(item);

function bytesOf(items: ItemQueue, name: string): ByteStream {
  async function* blocks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let item = await items.take(); item; item = await items.take()) {
      const { value } = item;
      // Copies, because the caller may fill the same memory again.
      if (isArrayBuffer(value)) yield new Uint8Array(value).slice();
      else if (isView(value, 'Uint8Array', 'DataView'))
        yield new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      else throw unexpected(value, items, name, 'more bytes of a file');
    }
  }
  return { blocks: blocks() };
}

async function* soundOf(
  items: ItemQueue,
  name: string,
  { sampleRate, maxSeconds }: Pick<PrepareOptions, 'sampleRate' | 'maxSeconds'>,
): AsyncGenerator<SoundBlock, void, undefined> {
  let seconds = 0;
  for (let item = await items.take(); item; item = await items.take()) {
    const block = blockOf(item.value, items, name, sampleRate);
    const frameCount = block.channels[0]?.length ?? 0;
    if (frameCount === 0) continue;
    seconds += frameCount / block.sampleRate;
    checkDuration(name, seconds, maxSeconds, { isAtLeast: true });
    yield block;
  }
}

function blockOf(item: unknown, items: ItemQueue, name: string, sampleRate: number): SoundBlock {
  if (isAudioData(item)) return takeAudioData(item);
  const buffer = isRecord(item) && isAudioBuffer(item.buffer) ? item.buffer : item;
  if (isAudioBuffer(buffer)) return copied(clipOf(buffer));
  const where = `item ${items.count} of ${name}`;
  if (isSampleArray(item)) return copied(samplesOf(item, sampleRate, where));
  if (isRecord(item) && typeof item.sampling_rate === 'number') {
    const signal = item.raw ?? item.array ?? item.data ?? item.audio;
    if (signal !== undefined && signal !== null)
      return copied(samplesOf(signal, checkedRate(item.sampling_rate, where), where));
  }
  throw unexpected(
    item,
    items,
    name,
    'samples as Float32Array, { data, sampling_rate }, an AudioBuffer or an AudioData',
  );
}

/** A piece may be empty, other than a clip. */
const samplesOf = (signal: unknown, sampleRate: number, where: string): SoundBlock =>
  isEmpty(signal) || (isListOf(signal, isEmpty) && signal.length > 0)
    ? { channels: [], sampleRate }
    : readSignal(signal, sampleRate, where);

const isEmpty = (signal: unknown): signal is AudioSamples => isSampleArray(signal) && signal.length === 0;

/** Callers may fill the same memory again. */
const copied = ({ channels, sampleRate }: SoundBlock): SoundBlock => ({
  channels: channels.map((channel) => channel.slice()),
  sampleRate,
});

const isAudioData = (item: unknown): item is AudioDataLike =>
  isObjectWith(item, 'numberOfFrames', 'copyTo', 'close');

const isObjectWith = (item: unknown, ...keys: readonly string[]): boolean =>
  typeof item === 'object' && item !== null && keys.every((key) => key in item);

function closeItem(item: unknown): void {
  if (isAudioData(item)) item.close();
}

const unexpected = (item: unknown, { count }: ItemQueue, name: string, expected: string): UniSpeechError =>
  new UniSpeechError(
    'bad-input',
    `Item ${count} of the stream for ${name} is ${describeValue(item)}, expected ${expected}.`,
  );
