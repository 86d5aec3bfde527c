/** What kind of audio file some bytes are, by their magic numbers; for MP3, which has none, by its frames. */
import { hexOf, textAt, viewOf } from '../base/bytes.ts';
import { describeFormat, nameOfMagic } from './describe-format.ts';
import { isMpegAudio } from './mpeg.ts';
import { skipId3 } from './tags.ts';

/** Those that are decoded here. An Ogg file may hold Opus, Vorbis, FLAC, or what is not known. */
export type AudioFormat = 'wav' | 'aiff' | 'flac' | 'mpeg' | 'ogg';

/** How far MP3 frames are searched for. */
const SEARCH_BYTES = 2 ** 20;
/** The format tag in a WAV file whose first chunk is its format. */
const WAV_TAG_OFFSET = 20;
/** Layers 1 and 2, layer 3. */
const WAV_TAGS_MPEG = [0x50, 0x55];

/** @param bytes a whole file, with or without the ID3 tags in front of it. */
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
  // What has another name has no MP3 frames, only bytes that look like some.
  return nameOfMagic(content) === undefined && isMpegAudio(bytes, SEARCH_BYTES) ? 'mpeg' : undefined;
}

/** For errors about files that are of no known format. */
export function describeFirstBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty';
  const format = describeFormat(skipId3(bytes));
  const start = `its ${bytes.length} bytes start with ${hexOf(bytes.subarray(0, 12)).join(' ')}`;
  return format === undefined ? start : `it looks like ${format}: ${start}`;
}
