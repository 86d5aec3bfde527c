/** Cuts FLAC files (RFC 9639) into frames. Their frame numbers tell each frame's position, and what is lost. */
import { joinParts } from './demux-whole.ts';
import { type EncodedAudio, secondsText, type StreamFormat } from './encoded-audio.ts';
import {
  type FlacFrameHeader,
  type FlacStreamInfo,
  readFlacFrameHeader,
  readStreamInfo,
  STREAMINFO_BYTES,
} from './flac-header.ts';
import { findFlacEnds, MINIMUM_FRAME_BYTES, scanFlac } from './flac-scan.ts';
import { flacFormats } from './flac-format.ts';
import { StretchBuilder } from './stretch-builder.ts';
import { untaggedByteLength } from './tags.ts';

/** A gap with more samples per byte than this is a wrong number, not lost frames: even silence takes about 14 bytes per frame. */
const SAMPLES_PER_LOST_BYTE = 8192;
/** If no bytes are left of missing frames, their numbers alone are trusted up to this many seconds. */
const MAX_CLEAN_LOSS_SECONDS = 60;

/**
 * Finds the frames of one file, or of several joined files. Other bytes before, between and after the frames are skipped.
 * Damaged or missing frames become silence, and one warning tells of a file that ends too early.
 */
export function demuxFlac(bytes: Uint8Array): EncodedAudio {
  const marks = scanFlac(bytes);
  const warnings: string[] = [];
  const builder = new StretchBuilder();
  const output = { builder, formatOf: flacFormats(), warnings };
  let stream = new FlacStream(bytes, output, 0);
  /** Pictures in the metadata may contain bytes that look like frames. */
  let soundStart = 0;
  for (let index = 0; index < marks.length;) {
    const mark = marks[index];
    const end = mark?.end === undefined ? undefined : marks[mark.end];
    if ((mark?.offset ?? 0) < soundStart) {
      index += 1;
    } else if (mark?.kind === 'stream') {
      stream.finish(mark.offset);
      stream = new FlacStream(bytes, output, mark.offset);
      stream.frontier = metadataEnd(bytes, mark.offset);
      // If the lengths of the metadata do not lead to a frame, they may be wrong.
      soundStart = readFlacFrameHeader(bytes, stream.frontier, undefined) ? stream.frontier : 0;
      index += 1;
    } else if (mark?.kind === 'frame' && mark.end !== undefined && end) {
      stream.addFrame(mark.offset, end.offset);
      index = mark.end;
    } else {
      index += 1;
    }
  }
  stream.finish(bytes.length);
  return { stretches: joinParts(builder.take()), warnings };
}

/** The most metadata blocks that are followed. Real files have a few, and some of these are pictures. */
const MAX_METADATA_BLOCKS = 1000;

/** The end of a stream's metadata, according to the block lengths. @param start offset of `fLaC`. */
function metadataEnd(bytes: Uint8Array, start: number): number {
  let offset = start + 4;
  let isLast = false;
  for (let count = 0; !isLast && count < MAX_METADATA_BLOCKS && offset < bytes.length; count += 1) {
    const [head = 0, high = 0, middle = 0, low = 0] = bytes.subarray(offset, offset + 4);
    isLast = head >= 128;
    offset += 4 + high * 65_536 + middle * 256 + low;
  }
  return offset;
}

interface Output {
  readonly builder: StretchBuilder;
  readonly formatOf: (header: FlacFrameHeader) => StreamFormat;
  readonly warnings: string[];
}

/** Collects the frames after one `fLaC`, in order. */
class FlacStream {
  /** The end of the last frame, where the next one should begin. */
  frontier: number;
  readonly #bytes: Uint8Array;
  readonly #output: Output;
  readonly #info: FlacStreamInfo | undefined;
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
  constructor(bytes: Uint8Array, output: Output, start: number) {
    this.#bytes = bytes;
    this.#output = output;
    this.frontier = start;
    const body = bytes.subarray(start + 8, start + 8 + STREAMINFO_BYTES);
    if (body.length === STREAMINFO_BYTES) this.#info = readStreamInfo(body);
    this.#blockSize = this.#info?.blockSize ?? 0;
  }

  /** Adds a frame whose checksum is right. */
  addFrame(start: number, end: number): void {
    if (start > this.frontier) this.#addUnfinished(start);
    const header = readFlacFrameHeader(this.#bytes, start, this.#info);
    if (!header) return;
    const lost = this.#lostBefore(header, Math.max(0, start - this.frontier));
    if (lost > 0) this.#addSilence(lost, header.sampleRate);
    this.#output.builder.add(
      this.#bytes.subarray(start, end),
      header.blockSize,
      this.#output.formatOf(header),
    );
    this.#position += header.blockSize;
    this.#decodedCount += header.blockSize;
    this.#frameByteCount += end - start;
    this.#last = header;
    this.frontier = end;
  }

  /** Finishes the stream. @param end where the next stream begins, or where the file ends. */
  finish(end: number): void {
    this.#addUnfinished(end);
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
    const header = readFlacFrameHeader(this.#bytes, this.frontier, this.#info);
    const rest = this.#bytes.subarray(this.frontier, end);
    const byteLength = untaggedByteLength(rest);
    if (header) this.#addSilence(header.blockSize, sampleRate);
    else if (byteLength > MINIMUM_FRAME_BYTES && rest.subarray(-byteLength).some((byte) => byte !== 0))
      this.#output.warnings.push(`Behind its last frame are ${byteLength} bytes that hold no intact frame.`);
  }

  #addSilence(sampleCount: number, sampleRate: number): void {
    this.#output.builder.addSilence(sampleCount, sampleRate);
    this.#position += sampleCount;
  }

  /** The frame at the frontier if it is whole but no frame follows it, only foreign bytes or a frame with a damaged header. */
  #addUnfinished(limit: number): void {
    const start = this.frontier;
    const header = readFlacFrameHeader(this.#bytes, start, this.#info);
    if (!header) return;
    const ends = findFlacEnds(this.#bytes, start, limit);
    // The checksum is right by chance at one of 65,536 wrong places, so the likeliest length is taken.
    const expected = (this.#frameByteCount / this.#decodedCount) * header.blockSize;
    const likelihood = (end: number): number => Math.abs(Math.log((end - start) / expected));
    const [end] = Number.isNaN(expected) ? ends : ends.sort((a, b) => likelihood(a) - likelihood(b));
    if (end !== undefined) this.addFrame(start, end);
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
