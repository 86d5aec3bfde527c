/** Tells the format of an audio file by its magic number, or by its frames for MP3, which has none. */
import { hexOf, textAt, viewOf } from '../base/bytes.ts';
import { describeFormat, nameOfMagic } from './describe-format.ts';
import { isMpegAudio } from './mpeg.ts';
import { skipId3 } from './tags.ts';

/** The formats that are decoded here. An Ogg file may hold Opus, Vorbis, FLAC, or an unknown codec. */
export type AudioFormat = 'wav' | 'aiff' | 'flac' | 'mpeg' | 'ogg';

/** How many bytes are searched for MP3 frames. */
const SEARCH_BYTES = 2 ** 20;
/** The format tag in a WAV file whose first chunk is its format. */
const WAV_TAG_OFFSET = 20;
/** Layers 1 and 2, layer 3. */
const WAV_TAGS_MPEG = [0x50, 0x55];

/** @param bytes a whole file, with or without its leading ID3 tags. */
export function sniffAudioFormat(bytes: Uint8Array): AudioFormat | undefined {
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
  return nameOfMagic(content) === undefined && isMpegAudio(bytes, SEARCH_BYTES) ? 'mpeg' : undefined;
}

/** Describes a file of unknown format for error messages. */
export function describeFirstBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty';
  const format = describeFormat(skipId3(bytes));
  const start = `its ${bytes.length} bytes start with ${hexOf(bytes.subarray(0, 12)).join(' ')}`;
  return format === undefined ? start : `it looks like ${format}: ${start}`;
}
