/** The frames after one `fLaC`, in order, and silence in place of lost ones. */
import type { ByteWindow } from './byte-window.ts';
import { secondsText, type StreamFormat } from './encoded-audio.ts';
import {
  type FlacFrameHeader,
  type FlacStreamInfo,
  readFlacFrameHeader,
  readStreamInfo,
  STREAM_HEADER_BYTES,
  STREAMINFO_BYTES,
} from './flac-header.ts';
import { findFlacEnds, maximumFrameBytes, MINIMUM_FRAME_BYTES } from './flac-scan.ts';
import type { StretchBuilder } from './stretch-builder.ts';
import { Gap } from './tags.ts';

/** A gap with more samples per byte than this is a wrong number, not lost frames: even silence takes about 14 bytes per frame. */
const SAMPLES_PER_LOST_BYTE = 8192;
/** If no bytes are left of missing frames, their numbers alone are trusted up to this many seconds. */
const MAX_CLEAN_LOSS_SECONDS = 60;

interface Output {
  readonly builder: StretchBuilder;
  readonly formatOf: (header: FlacFrameHeader) => StreamFormat;
  readonly warnings: string[];
}

export class FlacStream {
  /** The end of the last frame, where the next one should begin. */
  frontier: number;
  readonly #window: ByteWindow;
  readonly #output: Output;
  readonly #info: FlacStreamInfo | undefined;
  /** What follows the frontier, if it is known to be no whole frame. */
  #gap: Gap | undefined;
  /** The header of a frame there that is not whole. */
  #unfinished: FlacFrameHeader | undefined;
  /** Samples so far, including lost ones. */
  #position = 0;
  /** Difference between a frame's position by its header and its position in this stream. It is not 0 after recordings were joined or cut. */
  #shift = 0;
  /** Block size of frames that count by frame number. */
  #blockSize = 0;
  #last: FlacFrameHeader | undefined;
  #frameByteCount = 0;
  #decodedCount = 0;

  /** @param start offset of `fLaC`. If STREAMINFO is damaged, the frames' own headers must suffice. */
  constructor(window: ByteWindow, output: Output, start: number) {
    this.#window = window;
    this.#output = output;
    this.frontier = start;
    const body = window.slice(start + STREAM_HEADER_BYTES - STREAMINFO_BYTES, start + STREAM_HEADER_BYTES);
    if (body.length === STREAMINFO_BYTES) this.#info = readStreamInfo(body);
    this.#blockSize = this.#info?.blockSize ?? 0;
  }

  get declaredSeconds(): number | undefined {
    const { sampleCount = 0, sampleRate = 0 } = this.#info ?? {};
    return sampleCount > 0 && sampleRate > 0 ? sampleCount / sampleRate : undefined;
  }

  /** Adds a frame whose checksum is right. */
  addFrame(start: number, end: number): void {
    if (start > this.frontier) this.#settle(start);
    const header = this.#headerAt(start);
    if (!header) return;
    const lost = this.#lostBefore(header, Math.max(0, start - this.frontier));
    if (lost > 0) this.#addSilence(lost, header.sampleRate);
    this.#output.builder.add(this.#window.slice(start, end), header.blockSize, this.#output.formatOf(header));
    this.#position += header.blockSize;
    this.#decodedCount += header.blockSize;
    this.#frameByteCount += end - start;
    this.#last = header;
    this.frontier = end;
    this.#gap = undefined;
  }

  /**
   * Takes note that no frame whose end is known begins before `place`.
   * @returns the first byte that is still needed.
   */
  advance(place: number): number {
    if (place <= this.frontier) return place;
    if (!this.#gap) {
      const header = this.#headerAt(this.frontier);
      if (header && place < this.frontier + maximumFrameBytes(header)) return this.frontier;
      this.#settle(place);
    }
    this.#gap?.advance(this.#window, place);
    return Math.min(place, this.#gap?.keptFrom(place) ?? place);
  }

  /** Finishes the stream. @param end where the next stream begins, or where the file ends. */
  finish(end: number): void {
    this.#settle(end);
    const { sampleCount = 0 } = this.#info ?? {};
    if (sampleCount === 0 && this.#last) this.#finishUndeclared(end, this.#last.sampleRate);
    const missing = sampleCount - this.#position;
    const restByteLength = end - this.frontier;
    if (this.#last) {
      const { sampleRate } = this.#last;
      const bytesPerSample = this.#frameByteCount / this.#decodedCount;
      if (missing <= 0) return;
      // If bytes follow, they are the unreadable rest. Otherwise the file was cut, and only its header tells of the loss.
      const isLastFrame = missing <= this.#blockSize && restByteLength > MINIMUM_FRAME_BYTES;
      if (isLastFrame || restByteLength * 2 >= missing * bytesPerSample)
        this.#addSilence(missing, sampleRate);
      else
        this.#output.warnings.push(
          `It ends ${secondsText(missing / sampleRate)} before the ${secondsText(sampleCount / sampleRate)} that its header declares.`,
        );
    } else if (this.frontier > 0 && !this.#output.builder.isEmpty) {
      this.#output.warnings.push(`${restByteLength} bytes of a joined FLAC stream hold no intact frame.`);
    }
  }

  /** Programs that write to a pipe declare no length. Only bytes after the last whole frame tell of a lost one. */
  #finishUndeclared(end: number, sampleRate: number): void {
    const byteLength = this.#gap?.finish(this.#window, end) ?? 0;
    if (this.#unfinished) this.#addSilence(this.#unfinished.blockSize, sampleRate);
    else if (byteLength > MINIMUM_FRAME_BYTES && this.#gap?.hasContent)
      this.#output.warnings.push(`Behind its last frame are ${byteLength} bytes that hold no intact frame.`);
  }

  #addSilence(sampleCount: number, sampleRate: number): void {
    this.#output.builder.addSilence(sampleCount, sampleRate);
    this.#position += sampleCount;
  }

  #headerAt(place: number): FlacFrameHeader | undefined {
    return readFlacFrameHeader(this.#window.bytes, place - this.#window.start, this.#info);
  }

  /**
   * Decides what is at the frontier: a frame may be whole, but no frame follows it, only foreign bytes or a frame with a damaged header.
   * @param limit where it ends at the latest.
   */
  #settle(limit: number): void {
    if (this.#gap) return;
    const start = this.frontier;
    const header = this.#headerAt(start);
    if (header) {
      const bytes = this.#window.slice(start, Math.min(limit, start + maximumFrameBytes(header)));
      const ends = findFlacEnds(bytes);
      // The checksum is right by chance at one of 65,536 wrong places, so the likeliest length is taken.
      const expected = (this.#frameByteCount / this.#decodedCount) * header.blockSize;
      const likelihood = (byteLength: number): number => Math.abs(Math.log(byteLength / expected));
      const [byteLength] = Number.isNaN(expected) ? ends : ends.sort((a, b) => likelihood(a) - likelihood(b));
      if (byteLength !== undefined) this.addFrame(start, start + byteLength);
    }
    this.#unfinished = this.#headerAt(this.frontier);
    this.#gap = new Gap(this.frontier);
  }

  /**
   * How many samples are missing before a frame, according to its number.
   * @param skippedByteCount bytes before it that are not a frame.
   */
  #lostBefore(header: FlacFrameHeader, skippedByteCount: number): number {
    const isRestart = this.#last === undefined || header.number <= this.#last.number;
    // Frame numbers count frames of full size; the last frame may be shorter.
    const known = isRestart && this.#last ? 0 : this.#blockSize;
    this.#blockSize = Math.max(known, header.blockSize);
    const position = header.number * (header.countsSamples ? 1 : this.#blockSize);
    const lost = position + this.#shift - this.#position;
    // If nothing was skipped before the first frame, the stream begins with it, whatever its number.
    const isTold = this.#last !== undefined || skippedByteCount > 0;
    const isDeclared = isTold && position + header.blockSize <= (this.#info?.sampleCount ?? 0);
    const cleanMaximum = this.#last ? MAX_CLEAN_LOSS_SECONDS * header.sampleRate : 0;
    const maximum = skippedByteCount * SAMPLES_PER_LOST_BYTE + cleanMaximum;
    if (lost >= 0 && (isDeclared || lost <= maximum)) return lost;
    // This is another recording, or one cut from the middle of a stream. It continues at the current position.
    this.#shift = this.#position - position;
    return 0;
  }
}
