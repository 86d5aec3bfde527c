/** Cuts MPEG audio files (MP3 and its siblings) into frames, so that decoders never see tags or garbage. */
import { ByteWindow } from './byte-window.ts';
import type { Demuxer, StretchPart } from './demuxer.ts';
import type { SilentStretch } from './encoded-audio.ts';
import {
  findFrameStart,
  type FrameHeader,
  HEADER_BYTES,
  isFrameStart,
  readFrameHeader,
  START_BYTES,
} from './mpeg-frame.ts';
import { readEncoderInfo } from './mpeg-info.ts';
import { MpegLosses, MpegRun } from './mpeg-run.ts';
import { StretchBuilder } from './stretch-builder.ts';
import { Gap, ID3_HEADER_BYTES, id3ByteLength, skipId3 } from './tags.ts';

/** The longest frame of layer 3. A stream cut from a longer one starts with fewer unusable bytes than that. */
const MAX_CUT_FRAME_BYTES = 1441;
/**
 * So many bytes at the start of a file are kept until the end of its ID3 tags shows whether their lengths are right. Longer tags hold
 * pictures: where no frames are among so many bytes, they are believed.
 */
export const TAG_HORIZON_BYTES = 2 ** 24;

/** A frame, and where it is in the file. */
interface PlacedFrame {
  readonly header: FrameHeader;
  readonly start: number;
  readonly end: number;
}

/** The search for the next frame. */
interface Search {
  /** No frame starts before this place. */
  place: number;
  /** The frame before, which is added as soon as no other starts inside of it; undefined at the start of the file. */
  readonly last: PlacedFrame | undefined;
  /** What lies behind that frame, once it is added. */
  gap: Gap | undefined;
}

/**
 * Finds the frames of a file. Each run of frames with the same version, layer and rate becomes a stretch. The start of frames is searched
 * for, so other bytes before, between and after them do no harm. An incomplete last frame is left out.
 *
 * The encoder's information frame is never among the packets, and decoders must not trim anything. Each packet
 * gives 1152 samples, or 576 in MPEG-2 and 2.5 (384 in layer 1), and `range` says which of them belong to the recording. Only the
 * information of the first frame in the file is used, as in ffmpeg and mpg123. The silence that the encoder put around appended files
 * stays.
 */
export class MpegDemuxer implements Demuxer {
  readonly #window = new ByteWindow();
  readonly #builder = new StretchBuilder();
  readonly #losses = new MpegLosses();
  #warnings: readonly string[] = [];
  /** Where the tags at the start end, as far as they are known. */
  #tagsEnd = 0;
  #areTagsKnown = false;
  #isStarted = false;
  #search: Search | undefined;
  /** Where the next frame starts, if it is not searched for. */
  #place = 0;
  /** Bytes since the last frame that are not tags. */
  #gapByteLength = 0;
  #run: MpegRun | undefined;
  #declaredSeconds: number | undefined;

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get declaredSeconds(): number | undefined {
    return this.#declaredSeconds;
  }

  push(bytes: Uint8Array): void {
    this.#window.append(bytes);
    this.#advance();
  }

  finish(): void {
    this.#window.finish();
    this.#advance();
    this.#finishRun();
    this.#warnings = this.#losses.describe();
  }

  take(): readonly (StretchPart | SilentStretch)[] {
    return this.#builder.take(this.#window.isComplete ? 0 : this.#run?.heldCount);
  }

  #advance(): void {
    let isMoving = this.#isStarted || this.#start();
    while (isMoving) isMoving = this.#search ? this.#searchOn(this.#search) : this.#readFrame();
    this.#window.discardTo(this.#isStarted ? this.#keptFrom() : 0);
  }

  #keptFrom(): number {
    if (!this.#search) return this.#place;
    const { place, last, gap } = this.#search;
    return gap ? Math.min(place, gap.keptFrom(place)) : (last?.start ?? place);
  }

  /** Decides where to look for the first frame: behind the tags or, because their lengths may be wrong, anywhere. */
  #start(): boolean {
    const window = this.#window;
    const isKnown = this.#followTags();
    const hasStart = isKnown && (window.isComplete || window.end >= this.#tagsEnd + START_BYTES);
    if (!hasStart && window.end <= TAG_HORIZON_BYTES) return false;
    this.#isStarted = true;
    this.#place = this.#tagsEnd;
    if (!hasStart || !startsBehindTags(window.slice(this.#tagsEnd, window.end)))
      this.#search = { place: 0, last: undefined, gap: undefined };
    return true;
  }

  /** @returns whether the end of the tags at the start is known. */
  #followTags(): boolean {
    const window = this.#window;
    while (!this.#areTagsKnown && this.#tagsEnd + ID3_HEADER_BYTES <= window.end) {
      const byteLength = id3ByteLength(window.slice(this.#tagsEnd, window.end));
      this.#tagsEnd += byteLength;
      this.#areTagsKnown = byteLength === 0;
    }
    if (window.isComplete) this.#tagsEnd = Math.min(this.#tagsEnd, window.end);
    return this.#areTagsKnown || window.isComplete;
  }

  /** Reads the frame at the current place. @returns false if bytes are missing, or at the end of the file. */
  #readFrame(): boolean {
    const { bytes, start: windowStart, end: windowEnd, isComplete } = this.#window;
    const start = this.#place;
    const header = readFrameHeader(bytes, start - windowStart);
    if (!header) return false;
    const end = start + header.byteLength;
    if (!isComplete && end + HEADER_BYTES > windowEnd) return false;
    if (this.#run?.header.stream !== header.stream) {
      const isFirst = this.#run === undefined;
      this.#finishRun();
      this.#run = new MpegRun(header, isFirst);
    }
    const frame = { header, start, end };
    if (end === windowEnd || readFrameHeader(bytes, end - windowStart)?.stream === header.stream) {
      this.#addFrame(this.#run, frame);
      this.#endGap(this.#run, header, false);
      this.#place = end;
    } else {
      this.#search = { place: start + 1, last: frame, gap: undefined };
    }
    return true;
  }

  /** Goes on with a search. @returns false if bytes are missing. */
  #searchOn(search: Search): boolean {
    const { bytes, start: windowStart, end: windowEnd, isComplete } = this.#window;
    const { last } = search;
    const run = this.#run;
    // The tags at the start may go on while frames are searched for.
    if (!run) this.#followTags();
    const limit = windowEnd - (isComplete ? 0 : START_BYTES);
    const found =
      search.place < limit
        ? windowStart +
          findFrameStart(bytes, search.place - windowStart, last?.header.stream, limit - windowStart)
        : windowEnd;
    const isFound = found < windowEnd;
    search.place = isFound || isComplete ? found : Math.max(search.place, limit);
    if (run && last && !search.gap && last.end <= search.place) {
      this.#addFrame(run, last);
      search.gap = new Gap(last.end);
    }
    search.gap?.advance(this.#window, search.place);
    if (!isFound && !isComplete) return false;
    this.#endSearch(search, isFound);
    return true;
  }

  #endSearch({ place, last, gap }: Search, isFound: boolean): void {
    if (this.#run && last) {
      this.#gapByteLength += gap ? gap.finish(this.#window, place) : place - last.start;
      // Less than a frame is padding or the incomplete last frame. A frame cut elsewhere is a loss.
      this.#endGap(this.#run, last.header, !gap && isFound);
    } else if (place - this.#tagsEnd > MAX_CUT_FRAME_BYTES) {
      this.#gapByteLength = place - this.#tagsEnd;
    }
    this.#search = undefined;
    this.#place = place;
  }

  #endGap(run: MpegRun, header: FrameHeader, isCut: boolean): void {
    if (isCut || this.#gapByteLength >= Math.min(header.byteLength, run.header.byteLength))
      run.strayByteLength += this.#gapByteLength;
    this.#gapByteLength = 0;
  }

  #addFrame(run: MpegRun, { header, start, end }: PlacedFrame): void {
    run.add(this.#window.slice(start, end), header, this.#builder);
    this.#declaredSeconds ??= run.declaredSeconds;
  }

  #finishRun(): void {
    if (!this.#run) return;
    this.#run.finish(this.#builder);
    this.#losses.add(this.#run);
  }
}

/** Whether MPEG audio frames start near the start of a file or just after its tags. */
export function isMpegAudio(bytes: Uint8Array, searchByteLength: number): boolean {
  const content = skipId3(bytes);
  const end = bytes.length - content.length + searchByteLength;
  return startsBehindTags(content) || findFrameStart(bytes, 0, undefined, end) < bytes.length;
}

/**
 * Directly after the tags fewer headers are required than elsewhere; otherwise damage to the third frame would cost the first two.
 * @param content what is behind the tags.
 */
function startsBehindTags(content: Uint8Array): boolean {
  const first = readFrameHeader(content, 0);
  return (
    first !== undefined &&
    (isFrameStart(content, 0, first.stream) ||
      readEncoderInfo(content.subarray(0, first.byteLength)) !== undefined)
  );
}
