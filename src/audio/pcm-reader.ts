/** Runs the parsers of WAV and AIFF files over bytes as they come, and over whole WAV files. */
import { newChannels } from './channels.ts';
import type { AudioClip } from '../base/files.ts';
import type { SoundBlock } from '../base/sound-stream.ts';
import { ByteWindow } from './byte-window.ts';
import type { Waiting } from './chunks.ts';
import { checkDuration } from './duration.ts';
import { decodeFrames, type PcmFormat, type PcmPiece } from './pcm.ts';
import type { SoundReader } from './sound-reader.ts';

export interface MixOptions {
  /** Gives one channel, the mean of all. The samples are those of `toMono`, but the channels are never all in memory. */
  readonly mono?: boolean | undefined;
}

export interface ReadOptions extends MixOptions {
  /** Longer files are an error before memory for their samples is allocated. */
  readonly maxSeconds?: number | undefined;
}

/** Pauses where it needs more bytes. @param name shown in errors. */
export type PcmParser = (window: ByteWindow, output: PcmOutput, name: string) => Waiting;

/** @param name shown in errors. */
export type OpenReader = (name: string, options?: MixOptions) => SoundReader;

/** What a parser has found. */
export class PcmOutput {
  readonly warnings: string[] = [];
  declaredSeconds: number | undefined;
  #frameCount = 0;
  #pieces: PcmPiece[] = [];

  /** Of all pieces. */
  get frameCount(): number {
    return this.#frameCount;
  }

  /** Adds the whole frames of a piece. */
  add(bytes: Uint8Array, format: PcmFormat): void {
    const frameCount = Math.floor(bytes.length / (format.channelCount * format.encoding.byteLength));
    if (frameCount === 0) return;
    this.#pieces.push({ bytes, format, frameCount });
    this.#frameCount += frameCount;
  }

  take(): readonly PcmPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

/** A parser while it runs. */
class PcmRun {
  readonly output = new PcmOutput();
  readonly #window = new ByteWindow();
  readonly #steps: Waiting;

  constructor(parser: PcmParser, name: string) {
    this.#steps = parser(this.#window, this.output, name);
  }

  push(bytes: Uint8Array): void {
    this.#window.append(bytes);
    this.#steps.next();
  }

  finish(): void {
    this.#window.finish();
    this.#steps.next();
  }
}

export class PcmReader implements SoundReader {
  readonly #run: PcmRun;
  readonly #mono: boolean;

  constructor(parser: PcmParser, name: string, { mono = false }: MixOptions = {}) {
    this.#run = new PcmRun(parser, name);
    this.#mono = mono;
  }

  get warnings(): readonly string[] {
    return this.#run.output.warnings;
  }

  get declaredSeconds(): number | undefined {
    return this.#run.output.declaredSeconds;
  }

  push(bytes: Uint8Array): void {
    this.#run.push(bytes);
  }

  finish(): void {
    this.#run.finish();
  }

  take(): readonly SoundBlock[] {
    return this.#run.output.take().map((piece) => {
      const { channelCount, sampleRate } = piece.format;
      const channels = newChannels(this.#mono ? 1 : channelCount, piece.frameCount);
      decodeFrames(piece, channels, 0);
      return { channels, sampleRate };
    });
  }
}

/** All of a file at once, of one format. @throws UniSpeechError as the parser does, and `bad-audio` for too many seconds. */
export function readWhole(
  parser: PcmParser,
  bytes: Uint8Array,
  name: string,
  { mono = false, maxSeconds }: ReadOptions,
): AudioClip {
  const run = new PcmRun(parser, name);
  run.push(bytes);
  run.finish();
  const { frameCount, warnings } = run.output;
  const pieces = run.output.take();
  const [first] = pieces;
  if (!first) throw new Error('a parser reports a file without frames');
  const { channelCount, sampleRate } = first.format;
  checkDuration(name, frameCount / sampleRate, maxSeconds);
  const channels = newChannels(mono ? 1 : channelCount, frameCount);
  let start = 0;
  for (const piece of pieces) {
    decodeFrames(piece, channels, start);
    start += piece.frameCount;
  }
  return warnings.length > 0 ? { channels, sampleRate, warnings } : { channels, sampleRate };
}
