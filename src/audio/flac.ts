/** Cuts FLAC files (RFC 9639) into frames. Their frame numbers tell each frame's position, and what is lost. */
import { ByteWindow } from './byte-window.ts';
import type { Demuxer, StretchPart } from './demuxer.ts';
import type { SilentStretch } from './encoded-audio.ts';
import { STREAM_HEADER_BYTES } from './flac-header.ts';
import { FlacMetadata } from './flac-metadata.ts';
import { type FlacMark, FlacScanner } from './flac-scan.ts';
import { FlacStream } from './flac-stream.ts';
import { flacFormats } from './flac-format.ts';
import { StretchBuilder } from './stretch-builder.ts';

/**
 * So many bytes behind `fLaC` are kept until the end of the metadata shows whether its lengths are right. Longer metadata holds
 * pictures: where no whole frames are among so many bytes, it is believed.
 */
export const METADATA_HORIZON_BYTES = 2 ** 24;

/**
 * Finds the frames of one file, or of several joined files. Other bytes before, between and after the frames are skipped.
 * Damaged or missing frames become silence, and one warning tells of a file that ends too early.
 */
export class FlacDemuxer implements Demuxer {
  readonly warnings: string[] = [];
  readonly #window = new ByteWindow();
  readonly #scanner = new FlacScanner();
  readonly #builder = new StretchBuilder();
  readonly #output = { builder: this.#builder, formatOf: flacFormats(), warnings: this.warnings };
  /** Places from the first undecided one on. */
  #marks: FlacMark[] = [];
  #stream: FlacStream | undefined;
  /** While it is not known where the metadata of the first mark's stream ends. */
  #metadata: FlacMetadata | undefined;
  /** Pictures in the metadata may contain bytes that look like frames. */
  #soundStart = 0;
  #declaredSeconds: number | undefined;

  get declaredSeconds(): number | undefined {
    return this.#declaredSeconds;
  }

  push(bytes: Uint8Array): void {
    this.#window.append(bytes);
    this.#advance();
  }

  finish(): void {
    this.#window.finish();
    this.#advance()?.finish(this.#window.end);
  }

  take(): readonly (StretchPart | SilentStretch)[] {
    return this.#builder.take();
  }

  #advance(): FlacStream | undefined {
    const window = this.#window;
    if (window.end < STREAM_HEADER_BYTES && !window.isComplete) return undefined;
    this.#stream ??= new FlacStream(window, this.#output, 0);
    this.#scanner.scan(window, this.#marks);
    this.#marks.splice(0, this.#decide(this.#stream));
    const place = this.#marks[0]?.offset ?? this.#scanner.scanned;
    if (this.#metadata) this.#keepMetadata(this.#metadata, place);
    else window.discardTo(this.#stream.advance(place));
    return this.#stream;
  }

  /** Goes through the marks as far as it is certain what they are. @returns how many that are. */
  #decide(opened: FlacStream): number {
    const window = this.#window;
    const marks = this.#marks;
    let stream = opened;
    let index = 0;
    for (let mark = marks[index]; mark; mark = marks[index]) {
      if (mark.offset < this.#soundStart && !this.#metadata) {
        index += 1;
      } else if (mark.kind === 'stream') {
        if (!this.#metadata) {
          stream.finish(mark.offset);
          stream = this.#openStream(mark.offset);
        }
        this.#metadata ??= new FlacMetadata(mark.offset);
        const isWrong =
          window.end - mark.offset > METADATA_HORIZON_BYTES &&
          this.#scanner.lastFrameStart > Math.max(mark.offset, window.start);
        const isRight = this.#metadata.advance(window) ?? (isWrong ? false : undefined);
        if (isRight === undefined) return index;
        stream.frontier = this.#metadata.end;
        this.#soundStart = isRight ? stream.frontier : 0;
        this.#metadata = undefined;
        index += 1;
      } else if (mark.kind === 'frame' && mark.end && mark.end.offset <= mark.limit) {
        stream.addFrame(mark.offset, mark.end.offset);
        while (marks[index] !== mark.end) index += 1;
      } else if (
        mark.kind === 'frame' &&
        !mark.end &&
        this.#scanner.scanned <= mark.limit &&
        !window.isComplete
      ) {
        return index;
      } else {
        index += 1;
      }
    }
    return index;
  }

  #openStream(start: number): FlacStream {
    this.#stream = new FlacStream(this.#window, this.#output, start);
    this.#declaredSeconds ??= this.#stream.declaredSeconds;
    return this.#stream;
  }

  #keepMetadata(metadata: FlacMetadata, start: number): void {
    const window = this.#window;
    if (window.end - start <= METADATA_HORIZON_BYTES) return;
    window.discardTo(Math.min(metadata.end, this.#scanner.scanned));
    this.#marks = this.#marks.filter(({ offset }) => offset === start || offset >= metadata.end);
  }
}
