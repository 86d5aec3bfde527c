/** Turns the parts of stretches into sound as they come. Compares the decoded samples with the declared count, and reports all losses. */
import type { AudioDecodeOptions } from '../base/platform.ts';
import type { SoundBlock } from '../base/sound-stream.ts';
import type { StretchPart } from './demuxer.ts';
import { toMono } from './downmix.ts';
import { checkDuration } from './duration.ts';
import { decodedCountOf, sampleCountOf, type SilentStretch } from './encoded-audio.ts';
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE } from './resample.ts';
import { SoundQueue } from './sound-queue.ts';

/** Receives the decoded samples of a stretch, in order. */
export interface DecodedSink {
  /** Samples written or skipped so far. */
  readonly position: number;
  /** The samples that follow, one array per channel. */
  write(channels: readonly Float32Array[]): void;
  /** Declares everything before this sample that was not written as lost. */
  skipTo(position: number): void;
}

/** Decodes stretches one after the other, and skips packets that it cannot decode. */
export interface StretchDecoder {
  /**
   * Decodes the packets of a part; those of one that continues follow the last ones of the same sink. It may return before it has written
   * all of the samples, as long as what waits is bounded.
   */
  decode(part: StretchPart, sink: DecodedSink): Promise<void>;
  /** The stretch is over: what waits is written. */
  finish(sink: DecodedSink): Promise<void>;
  /** Ends the decoder, and with it what it does at the moment. */
  free(): void;
}

/** No valid recording needs more decoders than this and one per minute. */
const MAX_STRETCHES = 400;
/** Samples per channel that are decoded before they are given on. */
const MAX_PIECE_FRAMES = 2 ** 16;

export interface Assembly {
  readonly blocks: AsyncIterable<SoundBlock>;
  /** Tells what is lost; complete after the blocks. */
  readonly warnings: readonly string[];
}

/**
 * @param decoder is freed in any case.
 * @throws UniSpeechError `bad-audio` if silence takes it beyond `maxSeconds`. @throws Error if nothing can be decoded; the signal's reason.
 */
export function assembleSound(
  parts: AsyncIterable<readonly (StretchPart | SilentStretch)[]>,
  decoder: StretchDecoder,
  name: string,
  options: AudioDecodeOptions = {},
): Assembly {
  const warnings: string[] = [];
  return { blocks: decodeParts(parts, decoder, name, options, warnings), warnings };
}

async function* decodeParts(
  parts: AsyncIterable<readonly (StretchPart | SilentStretch)[]>,
  decoder: StretchDecoder,
  name: string,
  { maxSeconds, mono = false, signal }: AudioDecodeOptions,
  warnings: string[],
): AsyncGenerator<SoundBlock, void, undefined> {
  const queue = new SoundQueue();
  let stretch: Stretch | undefined;
  let stretchCount = 0;
  const endStretch = async (): Promise<void> => {
    if (!stretch) return;
    await decoder.finish(stretch);
    stretch.end();
    stretch = undefined;
  };
  try {
    for await (const found of parts) {
      for (const part of found) {
        signal?.throwIfAborted();
        const { sampleRate } = part;
        if (sampleRate < MIN_SAMPLE_RATE || sampleRate > MAX_SAMPLE_RATE)
          throw new Error(`its sample rate is ${sampleRate} Hz`);
        if (part.codec === 'silence' || !part.continues) await endStretch();
        if (part.codec === 'silence') {
          // Broken numbers may declare years of it.
          const seconds = queue.seconds + part.sampleCount / sampleRate;
          checkDuration(name, seconds, maxSeconds, { isAtLeast: true });
          queue.addLost(part.sampleCount, sampleRate);
          continue;
        }
        if (!stretch) {
          stretch = new Stretch(queue, sampleRate, mono);
          stretchCount += 1;
          const limit = MAX_STRETCHES + Math.floor(queue.seconds / 60);
          if (stretchCount > limit) throw new Error(`it is in more than ${limit} pieces`);
        }
        for (const piece of cutPart(part)) {
          signal?.throwIfAborted();
          stretch.expect(piece);
          await decoder.decode(piece, stretch);
          yield* queue.take();
        }
      }
      yield* queue.take();
    }
    await endStretch();
    if (!queue.isHeard) throw new Error('no samples');
    warnings.push(...queue.describeLosses());
    yield* queue.take();
  } finally {
    decoder.free();
  }
}

/** The samples of a stretch on their way to the queue. Those that its decoder does not give become silence. */
class Stretch implements DecodedSink {
  readonly #queue: SoundQueue;
  readonly #sampleRate: number;
  readonly #isMono: boolean;
  #position = 0;
  #channelCount = 0;
  #promisedCount = 0;
  /** What belongs to the sound of what is to come, in order. */
  #ranges: (readonly [start: number, end: number])[] = [];

  constructor(queue: SoundQueue, sampleRate: number, isMono: boolean) {
    this.#queue = queue;
    this.#sampleRate = sampleRate;
    this.#isMono = isMono;
  }

  get position(): number {
    return this.#position;
  }

  /** Tells what a part promises before it is decoded. */
  expect(part: StretchPart): void {
    const start = this.#promisedCount;
    const [from] = part.range;
    this.#channelCount = part.channelCount;
    this.#ranges.push([start + from, start + from + sampleCountOf(part)]);
    this.#promisedCount += decodedCountOf(part);
  }

  write(channels: readonly Float32Array[]): void {
    const from = this.#position;
    const given = this.#isMono
      ? [toMono({ channels, sampleRate: this.#sampleRate })]
      : this.#declared(channels);
    const length = channels[0]?.length ?? 0;
    this.#forward(from + length, (start, end) =>
      this.#queue.add(
        end - start === length ? given : given.map((channel) => channel.subarray(start - from, end - from)),
        this.#sampleRate,
      ),
    );
  }

  skipTo(position: number): void {
    this.#forward(position, (start, end) => this.#queue.addLost(end - start, this.#sampleRate));
  }

  /** No samples follow. */
  end(): void {
    this.skipTo(this.#promisedCount);
  }

  /** A decoder may give fewer channels than declared. Repeating a mono channel does not change the sound. */
  #declared(channels: readonly Float32Array[]): Float32Array[] {
    const [first = new Float32Array(0)] = channels;
    return Array.from({ length: this.#channelCount }, (_, index) => channels[index] ?? first);
  }

  #forward(next: number, give: (start: number, end: number) => void): void {
    for (const [start, end] of this.#ranges) {
      const from = Math.max(start, this.#position);
      const to = Math.min(end, next);
      if (to > from) give(from, to);
    }
    this.#position = Math.max(this.#position, next);
    this.#ranges = this.#ranges.filter(([, end]) => end > this.#position);
  }
}

/** Pieces with a bounded number of samples: a megabyte of Opus may hold ten minutes. */
function* cutPart(part: StretchPart): Generator<StretchPart, void, undefined> {
  const { packets, sampleCounts, range, format } = part;
  let first = 0;
  let firstSample = 0;
  let sampleCount = 0;
  for (const [index, count] of sampleCounts.entries()) {
    sampleCount += count;
    const isLast = index === packets.length - 1;
    if (!isLast && sampleCount < MAX_PIECE_FRAMES) continue;
    const piecePackets = packets.slice(first, index + 1);
    const pieceCounts = sampleCounts.slice(first, index + 1);
    const [start, end] = range.map((place) => Math.min(Math.max(0, place - firstSample), sampleCount));
    yield {
      ...part,
      continues: part.continues || first > 0,
      packets: piecePackets,
      sampleCounts: pieceCounts,
      range: [start ?? 0, end ?? 0],
      toFile: () => format.toFile(piecePackets, pieceCounts),
    };
    first = index + 1;
    firstSample += sampleCount;
    sampleCount = 0;
  }
}
