/** Tags before, after and between pieces of compressed audio: ID3, APE and Lyrics3. */
import { textAt, viewOf } from '../base/bytes.ts';

const ID3_HEADER_BYTES = 10;
const APE_FRAME_BYTES = 32;

/** The bytes without the leading ID3v2 tags, which MP3 and sometimes FLAC files have. */
export function skipId3(bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  while (textAt(rest, 0, 3) === 'ID3' && rest.length >= ID3_HEADER_BYTES)
    rest = rest.subarray(id3ByteLength(rest));
  return rest;
}

/** Counts the bytes between two pieces of audio, or after the last one, without the tags at their start. */
export function untaggedByteLength(gap: Uint8Array): number {
  let rest = gap;
  for (let length = tagByteLength(rest); length > 0; length = tagByteLength(rest))
    rest = rest.subarray(length);
  // This tag states its length only at its end.
  const hasFooter = textAt(rest, Math.max(0, rest.length - 256), 256).includes('APETAGEX');
  return hasFooter || textAt(rest, 0, 11) === 'LYRICSBEGIN' ? 0 : rest.length;
}

/** The length of the tag that `bytes` starts with, as the tag states it. It may exceed the existing bytes. */
function tagByteLength(bytes: Uint8Array): number {
  const magic = textAt(bytes, 0, 8);
  if (magic.startsWith('ID3')) return id3ByteLength(bytes);
  if (magic.startsWith('TAG')) return magic.startsWith('TAG+') ? 227 : 128;
  if (magic !== 'APETAGEX' || bytes.length < APE_FRAME_BYTES) return 0;
  const isHeader = ((bytes[23] ?? 0) & 0x20) !== 0;
  return APE_FRAME_BYTES + (isHeader ? viewOf(bytes).getUint32(12, true) : 0);
}

function id3ByteLength(bytes: Uint8Array): number {
  const [flags = 0, ...sizeBytes] = bytes.subarray(5, ID3_HEADER_BYTES);
  // Seven bits per byte, so that no byte looks like the start of a frame. Some programs write eight.
  const base = sizeBytes.some((byte) => byte >= 128) ? 256 : 128;
  const bodyLength = sizeBytes.reduce((size, byte) => size * base + byte, 0);
  const hasFooter = (flags & 0x10) !== 0;
  return ID3_HEADER_BYTES + bodyLength + (hasFooter ? 10 : 0);
}
