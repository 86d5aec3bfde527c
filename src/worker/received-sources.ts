/** The worker's side of audio that the page reads: sources for the pipeline, which ask the page for the next bit. */
import { platform } from '#platform';
import { laterSound } from '../audio/later-sound.ts';
import { abortable } from '../base/abortable.ts';
import { unpackError } from '../base/packed-error.ts';
import type { ByteStream, SoundBlock } from '../base/sound-stream.ts';
import { GivenSource } from '../pipelines/given-source.ts';
import { isForPages } from '../platform/only-on-pages.ts';
import type { OpenRequest, Reply, SentClip, SoundNews, SourceAnswer } from './protocol.ts';

type Told = (news: SoundNews) => void;

export class ReceivedSources {
  readonly #post: (reply: Reply) => void;
  readonly #waiting = new Map<number, (answer: SourceAnswer) => void>();
  #readerCount = 0;

  constructor(post: (reply: Reply) => void) {
    this.#post = post;
  }

  /** Takes an answer of the page. */
  receive(reader: number, answer: SourceAnswer): void {
    const take = this.#waiting.get(reader);
    this.#waiting.delete(reader);
    take?.(answer);
  }

  /** A clip as the pipeline takes it. */
  clipOf(sent: SentClip): unknown {
    if (!('source' in sent)) return sent.value;
    const { source, name: ownName, isFile } = sent;
    return new GivenSource(ownName, (name, options) => {
      const { maxSeconds, signal } = options;
      const read = (how: OpenRequest, onNews?: Told) => this.#read(source, how, signal, onNews);
      const release = (): void => this.#post({ type: 'release', source });
      return laterSound(async function* (tell) {
        try {
          yield* sound(tell);
        } finally {
          release();
        }
      });
      async function* sound(tell: Told): AsyncGenerator<SoundBlock, void, undefined> {
        let hasSound = false;
        if (isFile) {
          const decoded = platform.streamAudio(bytesOf(read), name, options);
          tell(decoded);
          try {
            for await (const block of decoded) {
              hasSound = true;
              yield block;
            }
            return;
          } catch (error) {
            // Only the decoder of the page knows it. It has given nothing yet.
            if (hasSound || !isForPages(error)) throw error;
          }
        }
        yield* read({ form: 'sound', maxSeconds }, tell) as AsyncGenerator<SoundBlock>;
      }
    });
  }

  /** The clips of a list, one by one. */
  async *clips(source: number, signal: AbortSignal): AsyncGenerator {
    for await (const clip of this.#read(source, { form: 'clips' }, signal))
      yield this.clipOf(clip as SentClip);
  }

  /** @throws what the page throws; the signal's reason. */
  async *#read(
    source: number,
    how: OpenRequest,
    signal: AbortSignal | undefined,
    onNews?: Told,
  ): AsyncGenerator {
    const reader = this.#readerCount++;
    this.#post({ type: 'open', source, reader, how });
    let isOver = false;
    try {
      for (;;) {
        const coming = new Promise<SourceAnswer>((resolve) => this.#waiting.set(reader, resolve));
        this.#post({ type: 'read', reader });
        const answer = await abortable(coming, signal);
        if (answer.kind !== 'item') isOver = true;
        if (answer.kind === 'failed') throw unpackError(answer.error);
        if (answer.news) onNews?.(answer.news);
        if (answer.kind === 'end') return;
        yield answer.value;
      }
    } finally {
      this.#waiting.delete(reader);
      if (!isOver) this.#post({ type: 'close', reader });
    }
  }
}

type Read = (how: OpenRequest) => AsyncGenerator;

/** A file of the page. */
const bytesOf = (read: Read): ByteStream => ({
  blocks: read({ form: 'bytes' }) as AsyncGenerator<Uint8Array>,
  openRandom: async () => {
    const fileLength = await firstOf(read({ form: 'length' }));
    if (typeof fileLength !== 'number') return undefined;
    return {
      byteLength: fileLength,
      read: async (at, byteLength) => (await firstOf(read({ form: 'range', at, byteLength }))) as Uint8Array,
      from: (at) => read({ form: 'range', at }) as AsyncGenerator<Uint8Array>,
      close: () => Promise.resolve(),
    };
  },
});

/** Undefined where there is none. */
async function firstOf(items: AsyncIterable<unknown>): Promise<unknown> {
  for await (const item of items) return item;
  return undefined;
}
