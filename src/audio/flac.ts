/** Cuts FLAC files (RFC 9639) into frames, and tells from their numbers what lies where and what is lost. */
import { type EncodedAudio, secondsText } from './encoded-audio.ts';
import {
  type FlacFrameHeader,
  type FlacStreamInfo,
  readFlacFrameHeader,
  readStreamInfo,
  STREAMINFO_BYTES,
} from './flac-header.ts';
import { findFlacEnds, type FlacMark, MINIMUM_FRAME_BYTES, scanFlac } from './flac-scan.ts';
import { flacFormats } from './flac-format.ts';
import { type StreamFormat, StretchBuilder } from './stretch-builder.ts';

/** More samples in fewer bytes than this are no lost frames but a wrong number: silence takes about 14 bytes a frame. */
const SAMPLES_PER_LOST_BYTE = 8192;
/** Frames that are missing without a trace, by their numbers alone, are believed up to this time. */
const MAX_CLEAN_LOSS_SECONDS = 60;

/**
 * The frames of one file, or of several that were joined. What lies before, between and behind them is skipped; frames that
 * are damaged or missing are silence, and one warning tells of a file that ends too early.
 */
export function demuxFlac(bytes: Uint8Array): EncodedAudio {
  const marks = scanFlac(bytes);
  const warnings: string[] = [];
  const builder = new StretchBuilder();
  const output = { builder, formatOf: flacFormats(), warnings };
  let stream = new FlacStream(bytes, output, 0);
  for (let index = 0; index < marks.length;) {
    const mark = marks[index];
    const end = mark?.end === undefined ? undefined : marks[mark.end];
    if (mark?.kind === 'stream') {
      stream.finish(mark.offset);
      stream = new FlacStream(bytes, output, mark.offset);
      index = skipMetadata(bytes, marks, index);
      stream.frontier = marks[index]?.offset ?? bytes.length;
    } else if (mark?.kind === 'frame' && mark.end !== undefined && end) {
      stream.addFrame(mark.offset, end.offset);
      index = mark.end;
    } else {
      index += 1;
    }
  }
  stream.finish(bytes.length);
  return { stretches: builder.stretches, warnings };
}

/** The index of the first mark behind the metadata: the frame where their lengths lead, or just the next one if they are wrong. */
function skipMetadata(bytes: Uint8Array, marks: readonly FlacMark[], index: number): number {
  let offset = (marks[index]?.offset ?? 0) + 4;
  for (let isLast = false; !isLast && offset < bytes.length;) {
    const [head = 0, high = 0, middle = 0, low = 0] = bytes.subarray(offset, offset + 4);
    isLast = head >= 128;
    offset += 4 + high * 65_536 + middle * 256 + low;
  }
  let next = index + 1;
  while ((marks[next]?.offset ?? offset) < offset) next += 1;
  return marks[next]?.offset === offset ? next : index + 1;
}

interface Output {
  readonly builder: StretchBuilder;
  readonly formatOf: (header: FlacFrameHeader) => StreamFormat;
  readonly warnings: string[];
}

/** The frames behind one `fLaC`, in order. */
class FlacStream {
  /** Behind the last frame: where the next one should begin. */
  frontier: number;
  readonly #bytes: Uint8Array;
  readonly #output: Output;
  readonly #info: FlacStreamInfo | undefined;
  /** Samples so far, lost ones too. */
  #position = 0;
  /** From the position by a frame's header to the position in this stream: other than 0 where recordings were joined or cut out. */
  #shift = 0;
  /** Of the frames that are numbered. */
  #blockSize = 0;
  #last: FlacFrameHeader | undefined;
  #frameByteCount = 0;
  #decodedCount = 0;

  /** @param start of `fLaC`. Without STREAMINFO, if it is damaged, the frames' own headers must do. */
  constructor(bytes: Uint8Array, output: Output, start: number) {
    this.#bytes = bytes;
    this.#output = output;
    this.frontier = start;
    const body = bytes.subarray(start + 8, start + 8 + STREAMINFO_BYTES);
    if (body.length === STREAMINFO_BYTES) this.#info = readStreamInfo(body);
    this.#blockSize = this.#info?.blockSize ?? 0;
  }

  /** A frame whose checksum is right. */
  addFrame(start: number, end: number): void {
    if (start > this.frontier) this.#addUnfinished(start);
    const header = readFlacFrameHeader(this.#bytes, start, this.#info);
    if (!header) return;
    const lost = this.#lostBefore(header, start - this.frontier);
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

  /** Tells how the stream ends; `end`: where the next one begins, or the file ends. */
  finish(end: number): void {
    this.#addUnfinished(end);
    const { sampleCount = 0 } = this.#info ?? {};
    const missing = sampleCount - this.#position;
    const restByteLength = end - this.frontier;
    if (this.#last) {
      const { sampleRate } = this.#last;
      const bytesPerSample = this.#frameByteCount / this.#decodedCount;
      if (missing <= 0) return;
      // Bytes are there for it, but unreadable; otherwise the file was cut, and its header is the only trace.
      const isLastFrame = missing <= this.#blockSize && restByteLength > MINIMUM_FRAME_BYTES;
      if (isLastFrame || restByteLength * 2 >= missing * bytesPerSample)
        this.#addSilence(missing, sampleRate);
      else
        this.#output.warnings.push(
          `It ends ${secondsText(missing / sampleRate)} before the ${secondsText(sampleCount / sampleRate)} that its header declares.`,
        );
    } else if (this.frontier > 0 && this.#output.builder.stretches.length > 0) {
      this.#output.warnings.push(`${restByteLength} bytes of a joined FLAC stream hold no intact frame.`);
    }
  }

  #addSilence(sampleCount: number, sampleRate: number): void {
    this.#output.builder.addSilence(sampleCount, sampleRate);
    this.#position += sampleCount;
  }

  /** The frame at the frontier, if it is whole, but what follows is no frame: something foreign, or a frame with a damaged header. */
  #addUnfinished(limit: number): void {
    const start = this.frontier;
    const header = readFlacFrameHeader(this.#bytes, start, this.#info);
    if (!header) return;
    const ends = findFlacEnds(this.#bytes, start, limit);
    // By chance the checksum is right at one of 65,536 wrong places: the likeliest length is taken.
    const expected = (this.#frameByteCount / this.#decodedCount) * header.blockSize;
    const likelihood = (end: number): number => Math.abs(Math.log((end - start) / expected));
    const [end] = Number.isNaN(expected) ? ends : ends.sort((a, b) => likelihood(a) - likelihood(b));
    if (end !== undefined) this.addFrame(start, end);
  }

  /**
   * How many samples are missing in front of a frame, by its number.
   * @param skippedByteCount bytes in front of it that are no frame.
   */
  #lostBefore(header: FlacFrameHeader, skippedByteCount: number): number {
    const isRestart = this.#last === undefined || header.number <= this.#last.number;
    // The last frame may be shorter than the others, by which frames are counted.
    const known = isRestart && this.#last ? 0 : this.#blockSize;
    this.#blockSize = Math.max(known, header.blockSize);
    const position = header.number * (header.countsSamples ? 1 : this.#blockSize);
    const lost = position + this.#shift - this.#position;
    const isDeclared = position + header.blockSize <= (this.#info?.sampleCount ?? 0);
    const maximum =
      skippedByteCount * SAMPLES_PER_LOST_BYTE +
      (this.#last ? MAX_CLEAN_LOSS_SECONDS * header.sampleRate : 0);
    if (lost >= 0 && (isDeclared || lost <= maximum)) return lost;
    // Another recording, or one cut from the middle of a stream: it goes on from here.
    this.#shift = this.#position - position;
    return 0;
  }
}
