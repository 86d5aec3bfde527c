/** Tells the format of an audio file by its magic number, or by its frames for MP3, which has none. */
import { hexOf, textAt, viewOf } from '../base/bytes.ts';
import { describeFormat, nameOfMagic } from './describe-format.ts';
import { isMpegAudio } from './mpeg.ts';
import { skipId3 } from './tags.ts';

/** The formats that are decoded here. An Ogg file may hold Opus, Vorbis, FLAC, or an unknown codec. */
export type AudioFormat = 'wav' | 'aiff' | 'flac' | 'mpeg' | 'ogg';

/** Shown in errors. */
export const FORMAT_NAMES: Readonly<Record<AudioFormat, string>> = {
  wav: 'WAV',
  aiff: 'AIFF',
  flac: 'FLAC',
  mpeg: 'MP3',
  ogg: 'Ogg',
};

/** How many bytes are searched for MP3 frames. */
const SEARCH_BYTES = 2 ** 20;
/** The format tag in a WAV file whose first chunk is its format. */
const WAV_TAG_OFFSET = 20;
/** Layers 1 and 2, layer 3. */
const WAV_TAGS_MPEG = [0x50, 0x55];

/** Longer tags are believed as they are: no frames are looked for behind them. */
const MAX_TAG_BYTES = 2 ** 24;
/** Enough to tell all formats but MP3. */
const MAGIC_BYTES = 64;
/** A frame of MP3 is known by those that follow it, which must be there. */
const MAX_FRAMES_BYTES = 2 ** 13;

/** @param bytes a whole file, with or without its leading ID3 tags. */
export const sniffAudioFormat = (bytes: Uint8Array): AudioFormat | undefined => sniff(bytes, SEARCH_BYTES);

/** @param head the first bytes of a file that goes on. Where more of them are needed, it gives `more`. */
export function sniffHead(head: Uint8Array): AudioFormat | undefined | 'more' {
  const content = skipId3(head);
  if (head.length > MAX_TAG_BYTES + SEARCH_BYTES) return sniffAudioFormat(head);
  if (content.length < MAGIC_BYTES) return 'more';
  const searchByteLength = content.length - MAX_FRAMES_BYTES;
  const format = sniff(head, Math.min(searchByteLength, SEARCH_BYTES));
  const isKnown = format !== undefined || nameOfMagic(content) !== undefined;
  return isKnown || searchByteLength >= SEARCH_BYTES ? format : 'more';
}

function sniff(bytes: Uint8Array, searchByteLength: number): AudioFormat | undefined {
  const content = skipId3(bytes);
  const magic = textAt(content, 0, 4);
  const type = textAt(content, 8, 4);
  if (/^(RIFF|RF64|BW64)$/.test(magic) && type === 'WAVE') {
    const hasFormat = textAt(content, 12, 4) === 'fmt ' && content.length > WAV_TAG_OFFSET + 1;
    const tag = hasFormat ? viewOf(content).getUint16(WAV_TAG_OFFSET, true) : 0;
    return WAV_TAGS_MPEG.includes(tag) ? 'mpeg' : 'wav';
  }
  if (magic === 'FORM' && /^AIF[FC]$/.test(type)) return 'aiff';
  if (magic === 'fLaC') return 'flac';
  if (magic === 'OggS') return 'ogg';
  // A file with another known magic number holds no MP3 frames, only bytes that look like some.
  const mayBeMpeg = nameOfMagic(content) === undefined && searchByteLength > 0;
  return mayBeMpeg && isMpegAudio(bytes, searchByteLength) ? 'mpeg' : undefined;
}

/** Describes a file of unknown format for error messages. @param isWhole whether no bytes follow. */
export function describeFirstBytes(bytes: Uint8Array, isWhole = true): string {
  if (bytes.length === 0) return 'it is empty';
  const format = describeFormat(skipId3(bytes));
  const start = `${isWhole ? `its ${bytes.length} bytes start` : 'it starts'} with ${hexOf(bytes.subarray(0, 12)).join(' ')}`;
  return format === undefined ? start : `it looks like ${format}: ${start}`;
}
