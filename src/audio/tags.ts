/** Tags before, after and between pieces of compressed audio: ID3, APE and Lyrics3. */
import { textAt, viewOf } from '../base/bytes.ts';
import type { ByteWindow } from './byte-window.ts';

export const ID3_HEADER_BYTES = 10;
const APE_FRAME_BYTES = 32;
/** So many bytes tell of any of the tags how long it is. */
const MAX_TAG_HEADER_BYTES = APE_FRAME_BYTES;
/** How far before the end of a gap the last tag's footer may be. */
const FOOTER_SEARCH_BYTES = 256;

/** The bytes without the leading ID3v2 tags, which MP3 and sometimes FLAC files have. */
export function skipId3(bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  for (let length = id3ByteLength(rest); length > 0; length = id3ByteLength(rest))
    rest = rest.subarray(length);
  return rest;
}

/** The length of the ID3v2 tag that `bytes` starts with, as the tag states it; 0 if there is none. */
export const id3ByteLength = (bytes: Uint8Array): number =>
  textAt(bytes, 0, 3) === 'ID3' && bytes.length >= ID3_HEADER_BYTES ? statedId3ByteLength(bytes) : 0;

/** Bytes between two pieces of audio, or after the last one, while they come. Tags at their start are no loss. */
export class Gap {
  /** Where the tags at the start end, as far as they are known. */
  #tagsEnd: number;
  #isPastTags = false;
  #isLyrics = false;
  #read = 0;
  #hasContent = false;

  constructor(start: number) {
    this.#tagsEnd = start;
  }

  /** Whether a byte behind the tags is not zero. */
  get hasContent(): boolean {
    return this.#hasContent;
  }

  /** The gap reaches to this place at least. */
  advance(window: ByteWindow, place: number, isEnd = false): void {
    while (!this.#isPastTags && (isEnd || this.#tagsEnd + MAX_TAG_HEADER_BYTES <= place)) {
      const rest = window.slice(this.#tagsEnd, place);
      const length = tagByteLength(rest);
      this.#tagsEnd += length;
      if (length > 0) continue;
      this.#isPastTags = true;
      this.#isLyrics = textAt(rest, 0, 11) === 'LYRICSBEGIN';
      this.#read = this.#tagsEnd;
    }
    if (!this.#isPastTags || this.#hasContent) return;
    this.#hasContent = window.slice(this.#read, place).some((byte) => byte !== 0);
    this.#read = place;
  }

  /** The first byte that is still needed if the gap reaches to this place at least. */
  keptFrom(place: number): number {
    return this.#isPastTags ? Math.max(this.#tagsEnd, place - FOOTER_SEARCH_BYTES) : this.#tagsEnd;
  }

  /** How many of its bytes are not tags. */
  finish(window: ByteWindow, end: number): number {
    this.advance(window, end, true);
    const footer = window.slice(Math.max(this.#tagsEnd, end - FOOTER_SEARCH_BYTES), end);
    // This tag states its length only at its end.
    const hasFooter = textAt(footer, 0, footer.length).includes('APETAGEX');
    return hasFooter || this.#isLyrics ? 0 : Math.max(0, end - this.#tagsEnd);
  }
}

/** The length of the tag that `bytes` starts with, as the tag states it. It may exceed the existing bytes. */
function tagByteLength(bytes: Uint8Array): number {
  const magic = textAt(bytes, 0, 8);
  if (magic.startsWith('ID3')) return statedId3ByteLength(bytes);
  if (magic.startsWith('TAG')) return magic.startsWith('TAG+') ? 227 : 128;
  if (magic !== 'APETAGEX' || bytes.length < APE_FRAME_BYTES) return 0;
  const isHeader = ((bytes[23] ?? 0) & 0x20) !== 0;
  return APE_FRAME_BYTES + (isHeader ? viewOf(bytes).getUint32(12, true) : 0);
}

function statedId3ByteLength(bytes: Uint8Array): number {
  const [flags = 0, ...sizeBytes] = bytes.subarray(5, ID3_HEADER_BYTES);
  // Seven bits per byte, so that no byte looks like the start of a frame. Some programs write eight.
  const base = sizeBytes.some((byte) => byte >= 128) ? 256 : 128;
  const bodyLength = sizeBytes.reduce((size, byte) => size * base + byte, 0);
  const hasFooter = (flags & 0x10) !== 0;
  return ID3_HEADER_BYTES + bodyLength + (hasFooter ? 10 : 0);
}
