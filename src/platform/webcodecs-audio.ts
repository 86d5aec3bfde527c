/** Decodes compressed audio in browsers: by WebCodecs on pages and in workers. Pages use Web Audio if WebCodecs lacks a codec. */
import type { DecodedSink, StretchDecoder } from '../audio/assemble.ts';
import { clipOf, takeAudioData } from '../audio/audio-buffer.ts';
import type { StretchPart } from '../audio/demuxer.ts';
import { OnlyOnPages } from './only-on-pages.ts';

/** After this many packets on which decoders failed, the rest is given up. */
const MAX_FAILURES = 16;
/** Limits how many samples of a file wait in the decoder's queue. */
const MAX_QUEUED_PACKETS = 512;

/** Decodes one stretch. */
type StretchRun = Pick<StretchDecoder, 'decode' | 'finish' | 'free'>;

/** Decoding throws Error if this browser cannot decode the codec. */
export class BrowserDecoder implements StretchDecoder {
  #run: StretchRun | undefined;

  async decode(part: StretchPart, sink: DecodedSink): Promise<void> {
    if (!part.continues) this.#run = await openRun(part);
    await this.#run?.decode(part, sink);
  }

  async finish(sink: DecodedSink): Promise<void> {
    await this.#run?.finish(sink);
    this.free();
  }

  free(): void {
    this.#run?.free();
    this.#run = undefined;
  }
}

async function openRun({ codec, sampleRate, channelCount, description }: StretchPart): Promise<StretchRun> {
  const config: AudioDecoderConfig = {
    codec,
    sampleRate,
    numberOfChannels: channelCount,
    // Opus with one or two channels needs no description.
    ...(description && (codec !== 'opus' || channelCount > 2) && { description }),
  };
  const canDecode =
    typeof AudioDecoder === 'function' &&
    (await AudioDecoder.isConfigSupported(config).catch(() => undefined))?.supported === true;
  if (canDecode) return new PacketRun(config);
  if (!canDecodeFiles())
    throw new OnlyOnPages(`this browser does not decode ${codec} in a worker. ${WORKER_FIX}`);
  return new WholeRun();
}

/** Advice for a worker that lacks a decoder. */
export const WORKER_FIX = 'Decode it on the page, or use createWorkerPipeline(), which does';

/** Workers lack `OfflineAudioContext`. */
export const canDecodeFiles = (): boolean => typeof OfflineAudioContext === 'function';

/** Lets the browser decode a whole file, at the caller's rate. */
export async function decodeWholeFile(bytes: Uint8Array, sampleRate: number) {
  const context = new OfflineAudioContext(1, 1, sampleRate);
  // Decoding detaches the buffer it gets, so it gets a copy.
  return clipOf(await context.decodeAudioData(bytes.slice().buffer));
}

/** Web Audio takes whole files only, so all packets of a stretch wait for its end. */
class WholeRun implements StretchRun {
  readonly #parts: StretchPart[] = [];

  decode(part: StretchPart): Promise<void> {
    this.#parts.push(part);
    return Promise.resolve();
  }

  async finish(sink: DecodedSink): Promise<void> {
    const [first] = this.#parts;
    if (!first) return;
    const packets = this.#parts.flatMap((part) => part.packets);
    const sampleCounts = this.#parts.flatMap((part) => part.sampleCounts);
    const { channels } = await decodeWholeFile(first.format.toFile(packets, sampleCounts), first.sampleRate);
    sink.write(channels);
  }

  free(): void {
    this.#parts.length = 0;
  }
}

interface PlacedPacket {
  readonly data: Uint8Array;
  /** Where its samples end in the stretch. */
  readonly end: number;
}

/** A decoder that fails stays closed. The packet at which it failed is skipped, and a new decoder continues after it. */
class PacketRun implements StretchRun {
  readonly #config: AudioDecoderConfig;
  #decoder: AudioDecoder | undefined;
  #isFailed = false;
  #failureCount = 0;
  /** Packets whose samples are not complete. */
  #packets: PlacedPacket[] = [];
  /** How many of them the decoder has. */
  #sentCount = 0;
  #end = 0;
  #timestamp = 0;
  /** Wakes the one who waits for room in the queue. */
  #onChange: () => void = () => undefined;

  constructor(config: AudioDecoderConfig) {
    this.#config = config;
  }

  decode({ packets, sampleCounts }: StretchPart, sink: DecodedSink): Promise<void> {
    if (this.#failureCount >= MAX_FAILURES) return Promise.resolve();
    packets.forEach((data, index) => {
      this.#end += sampleCounts[index] ?? 0;
      this.#packets.push({ data, end: this.#end });
    });
    return this.#advance(sink, false);
  }

  finish(sink: DecodedSink): Promise<void> {
    return this.#advance(sink, true);
  }

  free(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = undefined;
    this.#onChange();
  }

  async #advance(sink: DecodedSink, isEnd: boolean): Promise<void> {
    while (this.#failureCount < MAX_FAILURES) {
      const isDone = await this.#send(sink, isEnd);
      this.#dropDone(sink);
      if (isDone) return;
      this.free();
      this.#failureCount += 1;
      this.#sentCount = 0;
      const failed = this.#packets.shift();
      if (failed) sink.skipTo(failed.end);
    }
    this.#packets = [];
  }

  /** Gives the decoder all packets, as fast as it takes them. @returns false if it failed. */
  async #send(sink: DecodedSink, isEnd: boolean): Promise<boolean> {
    try {
      const decoder = (this.#decoder ??= this.#open(sink));
      for (; this.#sentCount < this.#packets.length && !this.#isFailed; this.#sentCount += 1) {
        const data = this.#packets[this.#sentCount]?.data ?? new Uint8Array(0);
        // Timestamps only need to increase, because the packets follow each other without gaps.
        decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: this.#timestamp, data }));
        this.#timestamp += 20_000;
        if (decoder.decodeQueueSize >= MAX_QUEUED_PACKETS)
          await new Promise<void>((resolve) => {
            this.#onChange = resolve;
          });
      }
      // A flush forgets what the next packets need, so there is one at the end only.
      if (isEnd) await decoder.flush();
    } catch {
      return false;
    }
    return !this.#isFailed;
  }

  #dropDone({ position }: DecodedSink): void {
    const doneCount = this.#packets.findIndex(({ end }) => end > position);
    const count = doneCount < 0 ? this.#packets.length : doneCount;
    this.#packets.splice(0, count);
    this.#sentCount = Math.max(0, this.#sentCount - count);
  }

  #open(sink: DecodedSink): AudioDecoder {
    this.#isFailed = false;
    const decoder = new AudioDecoder({
      output(data) {
        sink.write(takeAudioData(data).channels);
      },
      error: () => {
        this.#isFailed = true;
        this.#onChange();
      },
    });
    decoder.addEventListener('dequeue', () => this.#onChange());
    decoder.configure(this.#config);
    return decoder;
  }
}
