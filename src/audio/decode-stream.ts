/** Decodes audio files as their bytes come. Node, pages and workers share everything here; only the decoders themselves belong to the platform. */
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioDecodeOptions } from '../base/platform.ts';
import type { ByteStream, SoundBlock, SoundStream } from '../base/sound-stream.ts';
import { openAiff } from './aiff.ts';
import { assembleSound, type StretchDecoder } from './assemble.ts';
import { RewindableBytes } from './byte-stream.ts';
import { FORMAT_NAMES, type AudioFormat, sniffAudioFormat, sniffHead } from './container.ts';
import { toMono } from './downmix.ts';
import { checkDuration } from './duration.ts';
import { FlacDemuxer } from './flac.ts';
import { MpegDemuxer } from './mpeg.ts';
import { OggDemuxer } from './ogg.ts';
import { seekFile } from './seek.ts';
import { skipId3 } from './tags.ts';
import { openWav } from './wav.ts';

/** A file of another format, or of a known format with an unknown encoding. */
export interface OtherFile {
  /** Its bytes, of which none are forgotten yet. */
  readonly input: RewindableBytes;
  /** Where the file is on this machine. */
  readonly path: string | undefined;
  /** The first bytes, or all. */
  readonly head: Uint8Array;
  /** Whether `head` is all. */
  readonly isWhole: boolean;
  /** Shown in errors. */
  readonly name: string;
  readonly options: AudioDecodeOptions;
  /** Determined by the first bytes; undefined for unknown formats. */
  readonly format: AudioFormat | undefined;
}

/** The decoders of a platform. */
export interface AudioDecoders {
  openDecoder(): StretchDecoder;
  /**
   * Decodes what is not decoded here.
   * @param reason the error about the unknown encoding; undefined if the format is unknown.
   * @throws UniSpeechError for what the platform cannot decode either: `reason` if it is given.
   */
  decodeOther(file: OtherFile, reason: UniSpeechError | undefined): SoundStream;
}

/** What parsers have in common. */
interface Parser<Item> {
  push(bytes: Uint8Array): void;
  finish(): void;
  take(): readonly Item[];
}

type Source = Pick<SoundStream, 'declaredSeconds' | 'warnings'>;

/**
 * Decodes a file. The bytes determine the container, never the name. Damaged or missing parts become silence if any other part can be
 * decoded, and the warnings tell of them. Joined files become one sound.
 *
 * Iterating throws UniSpeechError `bad-audio` for unknown formats, files without samples, and more than `maxSeconds`; the signal's reason;
 * what the bytes throw.
 */
export function decodeStream(
  bytes: ByteStream,
  name: string,
  options: AudioDecodeOptions,
  decoders: AudioDecoders,
): SoundStream {
  const decoding = new Decoding(bytes, name, options, decoders);
  return {
    get declaredSeconds() {
      const { declaredSeconds } = decoding.source;
      return declaredSeconds === undefined ? undefined : declaredSeconds + decoding.skippedSeconds;
    },
    get warnings() {
      return decoding.source.warnings;
    },
    get skippedFrames() {
      return decoding.skippedFrames;
    },
    [Symbol.asyncIterator]: () => decoding.run(),
  };
}

class Decoding {
  /** What is read at the moment, as far as it is known. */
  source: Source = { declaredSeconds: undefined, warnings: [] };
  /** What lies before the first block. */
  skippedFrames = 0;
  skippedSeconds = 0;
  readonly #bytes: ByteStream;
  readonly #name: string;
  readonly #options: AudioDecodeOptions;
  readonly #decoders: AudioDecoders;

  constructor(bytes: ByteStream, name: string, options: AudioDecodeOptions, decoders: AudioDecoders) {
    this.#bytes = bytes;
    this.#name = name;
    this.#options = options;
    this.#decoders = decoders;
  }

  async *run(): AsyncGenerator<SoundBlock, void, undefined> {
    const { signal, wantedFrame } = this.#options;
    signal?.throwIfAborted();
    const file = wantedFrame && (await this.#bytes.openRandom?.());
    try {
      const seeked = file && (await seekFile(file, wantedFrame));
      if (seeked) {
        const { bytes, skippedFrames, sampleRate } = seeked;
        this.skippedFrames = skippedFrames;
        this.skippedSeconds = skippedFrames / sampleRate;
        yield* this.#decode(new RewindableBytes(bytes));
        return;
      }
    } finally {
      await file?.close();
    }
    yield* this.#decode(new RewindableBytes(this.#bytes));
  }

  async *#decode(input: RewindableBytes): AsyncGenerator<SoundBlock, void, undefined> {
    try {
      const format = await readFormat(input);
      const head = input.kept();
      let reason: UniSpeechError | undefined;
      let hasSound = false;
      try {
        if (format) {
          for await (const block of this.#decodeKnown(input, format, head)) {
            hasSound = true;
            yield block;
          }
          return;
        }
      } catch (error) {
        // A program can read the file itself.
        const canRestart = input.canRewind || this.#bytes.path !== undefined;
        if (!isUnsupported(error) || hasSound || !canRestart) throw error;
        reason = error;
      }
      const isWhole = input.isComplete && input.canRewind;
      const other = this.#decoders.decodeOther(
        {
          input,
          path: this.#bytes.path,
          head: isWhole ? input.kept() : head,
          isWhole,
          name: this.#name,
          options: this.#options,
          format,
        },
        reason,
      );
      this.source = other;
      yield* this.#inLimits(other);
    } finally {
      await input.close();
    }
  }

  async *#decodeKnown(
    input: RewindableBytes,
    format: AudioFormat,
    head: Uint8Array,
  ): AsyncGenerator<SoundBlock, void, undefined> {
    const name = this.#name;
    // The lengths of tags may be wrong. MP3 frames are found behind any of them.
    const skippedByteLength = format === 'mpeg' ? 0 : head.length - skipId3(head).length;
    const options = { mono: this.#options.mono };
    if (format === 'wav' || format === 'aiff') {
      const reader = format === 'wav' ? openWav(name, options) : openAiff(name, options);
      this.source = reader;
      yield* this.#inLimits(blocksOf(itemsOf(reader, input, skippedByteLength)));
      return;
    }
    const demuxer = DEMUXERS[format](name);
    const decoder = this.#decoders.openDecoder();
    const assembly = assembleSound(itemsOf(demuxer, input, skippedByteLength), decoder, name, this.#options);
    this.source = {
      get declaredSeconds() {
        return demuxer.declaredSeconds;
      },
      get warnings() {
        // Once read, a list only grows at its end.
        return [...demuxer.warnings, ...assembly.warnings];
      },
    };
    try {
      yield* this.#inLimits(assembly.blocks);
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (error instanceof UniSpeechError || input.hasThrown(error)) throw error;
      const what = messageOf(error);
      throw new UniSpeechError(
        'bad-audio',
        `${name} cannot be decoded as ${FORMAT_NAMES[format]}: ${what === 'no samples' ? `no samples in its ${input.byteLength} bytes` : what}.`,
        undefined,
        { cause: error },
      );
    }
  }

  /** Applies the caller's options to what anything gives. */
  async *#inLimits(blocks: AsyncIterable<SoundBlock>): AsyncGenerator<SoundBlock, void, undefined> {
    const { maxSeconds, mono = false, signal } = this.#options;
    let seconds = 0;
    let isDeclaredChecked = false;
    for await (const block of blocks) {
      signal?.throwIfAborted();
      const { declaredSeconds } = this.source;
      if (!isDeclaredChecked && declaredSeconds !== undefined) {
        checkDuration(this.#name, declaredSeconds, maxSeconds, { isDeclared: true });
        isDeclaredChecked = true;
      }
      const { channels, sampleRate } = block;
      seconds += (channels[0]?.length ?? 0) / sampleRate;
      checkDuration(this.#name, seconds, maxSeconds, { isAtLeast: true });
      yield mono && channels.length > 1 ? { channels: [toMono(block)], sampleRate } : block;
    }
  }
}

async function readFormat(input: RewindableBytes): Promise<AudioFormat | undefined> {
  // Each look takes twice the bytes of the one before, so that small blocks are not looked at again and again.
  let nextByteLength = 0;
  for await (const _ of input.all()) {
    if (input.byteLength < nextByteLength) continue;
    const format = sniffHead(input.kept());
    if (format !== 'more') return format;
    nextByteLength = 2 * input.byteLength;
  }
  return sniffAudioFormat(input.kept());
}

/** Passes the bytes through a parser. What they are is certain as soon as it gives something. */
async function* itemsOf<Item>(
  parser: Parser<Item>,
  input: RewindableBytes,
  skippedByteLength: number,
): AsyncGenerator<readonly Item[], void, undefined> {
  for await (const bytes of input.all(skippedByteLength)) {
    parser.push(bytes);
    const items = parser.take();
    if (items.length === 0) continue;
    input.forget();
    yield items;
  }
  parser.finish();
  yield parser.take();
}

async function* blocksOf(
  lists: AsyncIterable<readonly SoundBlock[]>,
): AsyncGenerator<SoundBlock, void, undefined> {
  for await (const blocks of lists) yield* blocks;
}

const isUnsupported = (error: unknown): error is UniSpeechError =>
  error instanceof UniSpeechError && error.code === 'unsupported';

const DEMUXERS = {
  flac: () => new FlacDemuxer(),
  mpeg: () => new MpegDemuxer(),
  ogg: (name: string) => new OggDemuxer(name),
};
