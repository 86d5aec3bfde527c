/** The state of one clip while it is recognised: its pieces may come back in any order. */
import type { DecodedText, Decoder, WindowFrames } from '../decode/decoder.ts';
import { HeardSamples } from './heard-samples.ts';
import type { OpenedAudio } from './open-audio.ts';
import type { CtcTokens } from './quiet-cut.ts';
import {
  assembleOutput,
  inClip,
  type RecognitionProgress,
  type ShownText,
  type SpeechRecognitionOutput,
} from './recognition-output.ts';
import type { Cutting, Piece } from './recognition-pieces.ts';
import type { Overlap } from './window-planner.ts';
import { WindowStitcher } from './window-stitcher.ts';

/** A piece that waits for its batch. */
export interface WaitingPiece<Part = DecodedText> extends Piece {
  readonly recognition: Recognition<Part>;
  /** Its place among the pieces of the clip. */
  readonly order: number;
}

export interface RecognitionOptions<Part> {
  /** Of the clip in its list. */
  readonly index: number;
  readonly clip: OpenedAudio;
  readonly cutting: Cutting;
  readonly decoder: Decoder<Part>;
  readonly tokens: CtcTokens;
  /** Whether the decoder needs the logits, even where others read tokens. */
  readonly readsLogits?: boolean;
  /** Whether the samples are kept until they are taken. */
  readonly keepsSamples?: boolean;
}

/** @typeParam Part what the decoder gives. */
export class Recognition<Part = DecodedText> {
  /** Of the clip in its list. */
  readonly index: number;
  readonly readsLogits: boolean;
  readonly #clip: OpenedAudio;
  readonly #cutting: Cutting;
  readonly #decoder: Decoder<Part>;
  readonly #samples: HeardSamples | undefined;
  #takenSamples = 0;
  /** When its first piece was cut: a clip that is read ahead waits before that. */
  #startedAt = performance.now();
  /** Samples of the clip by now, and whether that is all. */
  heardCount = 0;
  isCut = false;
  /** Nothing more comes of it: it has failed, or all was taken. */
  isOver = false;
  /** Milliseconds from samples to token ids. */
  milliseconds = 0;
  #pieceCount = 0;
  /** Pieces that were decoded, and later ones that have come back. */
  #doneCount = 0;
  readonly #early = new Map<
    number,
    { readonly frames: WindowFrames; readonly overlap: Overlap | undefined }
  >();
  readonly #stitcher: WindowStitcher;
  #doneSamples = 0;
  #warningCount = 0;

  constructor(options: RecognitionOptions<Part>) {
    const { index, clip, cutting, decoder, tokens, keepsSamples, readsLogits = false } = options;
    this.readsLogits = readsLogits;
    this.index = index;
    this.#clip = clip;
    this.#cutting = cutting;
    this.#decoder = decoder;
    this.#stitcher = new WindowStitcher(cutting.samplesPerFrame, tokens);
    this.#samples = keepsSamples ? new HeardSamples() : undefined;
  }

  /** Takes note of the next samples of the clip. */
  hear(block: Float32Array): void {
    this.heardCount += block.length;
    this.#samples?.append(block);
  }

  get isDone(): boolean {
    return this.isCut && this.#doneCount === this.#pieceCount;
  }

  /** Whether the clip is longer than a piece. That is known before its first piece is cut. */
  get isLong(): boolean {
    return this.heardCount > (this.#cutting.grid?.length ?? Infinity);
  }

  wait(piece: Piece): WaitingPiece<Part> {
    if (this.#pieceCount === 0) this.#startedAt = performance.now();
    return { ...piece, recognition: this, order: this.#pieceCount++ };
  }

  /** Takes a piece's kept frames. */
  push({ order, overlap }: Pick<WaitingPiece<Part>, 'order' | 'overlap'>, frames: WindowFrames): void {
    this.#early.set(order, { frames, overlap });
    for (let next = this.#early.get(this.#doneCount); next; next = this.#early.get(this.#doneCount)) {
      this.#early.delete(this.#doneCount);
      this.#doneCount += 1;
      this.#decode(this.#stitcher.push(next.frames, next.overlap));
    }
  }

  #decode(parts: readonly WindowFrames[]): void {
    for (const part of parts) {
      this.#doneSamples = part.startSample + part.frameCount * this.#cutting.samplesPerFrame;
      this.#decoder.push(part);
    }
  }

  /** What is final and was not taken before. */
  take(): Part {
    if (!this.isDone) return this.#decoder.take();
    this.#decode(this.#stitcher.finish());
    const rest = this.#decoder.finish();
    this.isOver = true;
    return rest;
  }

  /** Where the frames end that were given by now. */
  get doneSamples(): number {
    return this.#doneSamples;
  }

  /** The samples before `end` that were not taken before; a copy. */
  takeSamples(end: number): Float32Array {
    const from = this.#takenSamples;
    this.#takenSamples = Math.max(from, Math.min(end, this.heardCount));
    const samples = this.#samples?.slice(from, this.#takenSamples).slice();
    this.#samples?.dropBefore(this.#takenSamples);
    return samples ?? new Float32Array();
  }

  /** Where the sound begins in the clip, in samples and in seconds. */
  get startSample(): number {
    return this.#clip.startSample;
  }

  get startSeconds(): number {
    return this.startSample / this.#cutting.sampleRate;
  }

  /** Warnings that were not taken before. */
  takeWarnings(): readonly string[] {
    const { warnings } = this.#clip.stream;
    const news = warnings.slice(this.#warningCount);
    this.#warningCount = warnings.length;
    return news;
  }

  get progress(): RecognitionProgress {
    const { sampleRate, chunkLengthSeconds } = this.#cutting;
    const seconds = (this.isDone ? this.heardCount : this.#doneSamples) / sampleRate;
    const total = this.isCut ? this.heardCount / sampleRate : this.#clip.stream.declaredSeconds;
    const elapsed = (performance.now() - this.#startedAt) / 1000;
    return {
      seconds,
      ...(total !== undefined && { total_seconds: Math.max(total, seconds) }),
      rate: elapsed > 0 ? seconds / elapsed : 0,
      chunk_length_s: chunkLengthSeconds,
    };
  }

  /** @param decoded all that was taken. */
  output(decoded: ShownText, returnsTiming: boolean): SpeechRecognitionOutput {
    const { sampleRate, chunkLengthSeconds } = this.#cutting;
    return assembleOutput({
      decoded: inClip(decoded, this.startSeconds),
      passThrough: this.#clip.passThrough,
      pieceCount: this.#pieceCount,
      ...(returnsTiming && {
        timing: {
          audio_seconds: this.heardCount / sampleRate,
          run_milliseconds: this.milliseconds,
          chunk_length_s: chunkLengthSeconds,
        },
      }),
      warnings: this.#clip.stream.warnings,
    });
  }
}
