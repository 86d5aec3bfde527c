/** Finds a place in a FLAC file by the numbers that its frames carry, in a few reads however long the file is. */
import { viewOf } from '../base/bytes.ts';
import type { RandomBytes } from '../base/sound-stream.ts';
import { ByteWindow } from './byte-window.ts';
import {
  type FlacFrameHeader,
  type FlacStreamInfo,
  readFlacFrameHeader,
  readStreamInfo,
  STREAM_HEADER_BYTES,
  STREAMINFO_BYTES,
} from './flac-header.ts';
import { type FlacMark, FlacScanner, maximumFrameBytes } from './flac-scan.ts';
import { joinedFile, type SeekedFile, type WantedFrame } from './seeked-file.ts';

/** A shorter file is read faster than it is searched. */
const MIN_FILE_BYTES = 2 ** 20;
/** At so many places the numbers must rise. In a file that recordings were joined to, they do not. */
const CHECKED_PLACES = 8;

/** A frame, by where it begins in the file and in the sound. */
interface FoundFrame {
  readonly offset: number;
  readonly sample: number;
  readonly blockSize: number;
}

/** @returns undefined where numbers are missing or do not fit: the file has no count, was cut or joined, or its frames vary in size without saying so. */
export async function seekFlac(
  file: RandomBytes,
  head: Uint8Array,
  wanted: WantedFrame,
): Promise<SeekedFile | undefined> {
  const body = head.subarray(STREAM_HEADER_BYTES - STREAMINFO_BYTES, STREAM_HEADER_BYTES);
  const isUsual = body.length === STREAMINFO_BYTES && ((head[4] ?? 0) & 0x7f) === 0;
  if (!isUsual || file.byteLength < MIN_FILE_BYTES) return undefined;
  const info = readStreamInfo(body);
  const frame = Math.floor(wanted(info.sampleRate));
  if (info.sampleCount === 0 || info.sampleRate === 0 || frame <= 0 || frame >= info.sampleCount)
    return undefined;
  const search = new FrameSearch(file, info);
  const found = await search.find(frame);
  if (!found || found.sample === 0) return undefined;
  // No slice: that of a Node buffer is a view, and the caller's bytes would change.
  const header = new Uint8Array(head.subarray(0, STREAM_HEADER_BYTES));
  // The only block of metadata, and the count of what is left, in 36 bits.
  header[4] = 0x80;
  const left = info.sampleCount - found.sample;
  const at = STREAM_HEADER_BYTES - STREAMINFO_BYTES + 13;
  header[at] = ((header[at] ?? 0) & 0xf0) | Math.floor(left / 2 ** 32);
  viewOf(header).setUint32(at + 1, left % 2 ** 32);
  return {
    bytes: joinedFile(header, file, found.offset),
    skippedFrames: found.sample,
    sampleRate: info.sampleRate,
  };
}

class FrameSearch {
  readonly #file: RandomBytes;
  readonly #info: FlacStreamInfo;
  /** Enough for two frames, wherever it begins. */
  readonly #probeBytes: number;

  constructor(file: RandomBytes, info: FlacStreamInfo) {
    this.#file = file;
    this.#info = info;
    const blockSize = info.blockSize || 2 ** 16 - 1;
    const frame = { ...info, blockSize, countsSamples: false, number: 0 } satisfies FlacFrameHeader;
    // That is twice what any encoder writes of a frame.
    this.#probeBytes = Math.min(2 ** 20, Math.ceil(1.5 * maximumFrameBytes(frame)));
  }

  /** The frame with a sample, or one a little before it. */
  async find(wantedSample: number): Promise<FoundFrame | undefined> {
    const { byteLength } = this.#file;
    if (!(await this.#isOneRecording())) return undefined;
    let low: FoundFrame | undefined;
    let [from, to] = [0, byteLength];
    let highest = Infinity;
    while (to - from > this.#probeBytes) {
      const middle = Math.floor((from + to) / 2);
      const frame = (await this.#framesAt(middle))[0];
      if (!frame) return undefined;
      if (frame.sample <= wantedSample) {
        if (low && frame.sample < low.sample) return undefined;
        low = frame;
        from = Math.max(middle + 1, frame.offset);
      } else {
        if (frame.sample > highest) return undefined;
        highest = frame.sample;
        to = middle;
      }
    }
    return low;
  }

  /** Whether the numbers rise through the file, up to the count that its header declares. */
  async #isOneRecording(): Promise<boolean> {
    const { byteLength } = this.#file;
    const last = (await this.#framesAt(Math.max(0, byteLength - this.#probeBytes))).at(-1);
    if (!last || last.sample + last.blockSize !== this.#info.sampleCount) return false;
    let before = -1;
    for (let place = 1; place < CHECKED_PLACES; place += 1) {
      // No even distances: several recordings of one length would look like one.
      const share = (place + 0.37 * Math.sin(7 * place)) / CHECKED_PLACES;
      const frame = (await this.#framesAt(Math.floor(share * (byteLength - this.#probeBytes))))[0];
      if (!frame || frame.sample <= before) return false;
      before = frame.sample;
    }
    return true;
  }

  /** The whole frames among the bytes from a place on, those whose checksums are right. */
  async #framesAt(offset: number): Promise<readonly FoundFrame[]> {
    const bytes = await this.#file.read(offset, this.#probeBytes);
    const window = new ByteWindow();
    window.append(bytes);
    window.finish();
    const marks: FlacMark[] = [];
    new FlacScanner().scan(window, marks);
    return marks.flatMap((mark) => {
      const isFrame = mark.kind === 'frame' && mark.end !== undefined && mark.end.offset <= mark.limit;
      const header = isFrame ? readFlacFrameHeader(bytes, mark.offset, this.#info) : undefined;
      const unit = header?.countsSamples ? 1 : this.#info.blockSize;
      if (!header || unit === 0) return [];
      return [{ offset: offset + mark.offset, sample: header.number * unit, blockSize: header.blockSize }];
    });
  }
}
