/**
 * The sound of an Ogg file (RFC 3533). Its pages belong to streams with different serial numbers. Streams that begin together
 * are one link, and links may follow each other (chaining). The first audio stream of each link is taken.
 */
import { textAt } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Demuxer, StretchPart } from './demuxer.ts';
import type { SilentStretch } from './encoded-audio.ts';
import { openStream } from './ogg-codecs.ts';
import { type OggPage, OggPageReader } from './ogg-pages.ts';
import { type BrokenPage, OggTrack } from './ogg-track.ts';
import { StretchBuilder } from './stretch-builder.ts';

export class OggDemuxer implements Demuxer {
  readonly warnings: string[] = [];
  /** Only the last page tells it. */
  readonly declaredSeconds = undefined;
  readonly #name: string;
  readonly #pages = new OggPageReader();
  readonly #builder = new StretchBuilder();
  /** The first pages of the streams of a link that has no other page yet. */
  #begun: OggPage[] = [];
  /** The stream that is taken of the link before. */
  #track: OggTrack | undefined;
  /** Serial numbers of streams that are not taken any more (`done`), or not at all. */
  readonly #others = new Map<number, 'done' | 'ignored'>();
  /** Broken pages since the last intact page with their serial number. */
  readonly #broken = new Map<number, BrokenPage[]>();
  #intactCount = 0;
  /** How the first stream of the file begins. */
  #firstName: string | undefined;
  #trackCount = 0;
  #hasOtherLinks = false;
  #orphanByteLength = 0;
  #latePageCount = 0;

  /** @param name shown in errors. */
  constructor(name = 'the file') {
    this.#name = name;
  }

  /** @throws Error for a file that is built to keep a reader busy. */
  push(bytes: Uint8Array): void {
    this.#pages.push(bytes);
    this.#readPages();
  }

  finish(): void {
    this.#pages.finish();
    this.#readPages();
    if (this.#begun.length > 0) this.#openLink();
    this.#finishTrack();
    if (this.#trackCount === 0) throw this.#noSound();
    if (this.#hasOtherLinks)
      this.warnings.push('A part of it has no Opus, Vorbis or FLAC stream and is left out.');
    if (this.#orphanByteLength > 0)
      this.warnings.push(
        `The start of a stream is missing: its ${this.#orphanByteLength} bytes are left out.`,
      );
    if (this.#latePageCount > 0) {
      this.warnings.push(
        `Pages of one part of it come after the next has begun and are left out: ${this.#latePageCount}.`,
      );
    }
  }

  take(): readonly (StretchPart | SilentStretch)[] {
    return this.#builder.take();
  }

  #readPages(): void {
    for (let page = this.#pages.next(); page; page = this.#pages.next()) {
      if (page.state !== 'intact') this.#addBroken(page);
      else if (page.isFirst) this.#addFirst(page);
      else this.#addNext(page);
    }
  }

  #addBroken({ serial, granule, state }: OggPage): void {
    const pages = this.#broken.get(serial);
    const page = { granule, isCut: state === 'cut' };
    if (pages) pages.push(page);
    else this.#broken.set(serial, [page]);
  }

  #addFirst(page: OggPage): void {
    // The stream that had this number until now ends here.
    if (this.#track?.serial === page.serial) this.#finishTrack();
    this.#broken.delete(page.serial);
    this.#intactCount += 1;
    this.#firstName ??= textAt(page.body, 0, 8);
    this.#begun = this.#begun.filter(({ serial }) => serial !== page.serial);
    this.#begun.push(page);
  }

  #addNext(page: OggPage): void {
    this.#broken.delete(page.serial);
    this.#intactCount += 1;
    if (this.#begun.some(({ serial }) => serial === page.serial)) this.#openLink();
    const kind = this.#others.get(page.serial);
    if (this.#track?.serial === page.serial) this.#track.addPage(page);
    else if (kind === 'done') this.#latePageCount += 1;
    else if (kind === undefined) this.#orphanByteLength += page.body.length;
  }

  /** The link that has begun takes the place of the one before. */
  #openLink(): void {
    this.#finishTrack();
    for (const page of this.#begun) {
      const reader = this.#track ? undefined : openStream(page.body);
      if (reader) {
        this.#track = new OggTrack(page, reader, this.#builder, this.warnings);
        this.#trackCount += 1;
      } else {
        this.#others.set(page.serial, 'ignored');
      }
    }
    if (!this.#track) this.#hasOtherLinks = true;
    this.#begun = [];
  }

  #finishTrack(): void {
    const track = this.#track;
    if (!track) return;
    track.finish(this.#broken.get(track.serial) ?? []);
    this.#others.set(track.serial, 'done');
    this.#track = undefined;
  }

  /** Why there is nothing to decode. */
  #noSound(): Error {
    if (this.#intactCount === 0) return new Error('no intact Ogg page');
    if (this.#firstName === undefined) return new Error('the start of its stream is missing or damaged');
    return new UniSpeechError(
      'unsupported',
      `No stream of ${this.#name} is Opus, Vorbis or FLAC: the first begins with ${JSON.stringify(this.#firstName)}.`,
    );
  }
}
