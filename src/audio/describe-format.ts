/** Names other formats that are given in place of audio, for error messages. */
import { textAt } from '../base/bytes.ts';

/** [offset, bytes at that offset as characters, name] of formats that are not decoded here. */
const MAGICS: readonly (readonly [offset: number, magic: string, name: string])[] = [
  [4, 'ftyp', 'MP4 or M4A'],
  [0, '\x1aE\xdf\xa3', 'WebM or Matroska'],
  [0, '0&\xb2u', 'ASF or WMA'],
  [0, '#!AMR', 'AMR'],
  [0, 'caff', 'CAF'],
  [0, '.snd', 'AU'],
  [0, 'RIFX', 'big-endian WAV'],
  [0, 'riff', 'Wave64'],
  [8, 'AVI ', 'AVI'],
  [0, 'FLV', 'FLV'],
  [0, 'wvpk', 'WavPack'],
  [0, 'NIST_1A', 'NIST SPHERE'],
  [0, 'Creative Voice', 'VOC'],
  [0, 'MAC ', "Monkey's Audio"],
  [0, 'MThd', 'MIDI, notes without sound'],
  [0, 'PK\x03\x04', 'a ZIP archive'],
  [0, '\x1f\x8b', 'a gzip file'],
  [0, '%PDF', 'a PDF document'],
];
/** Enough bytes to tell text from a binary file that only starts like text. */
const TEXT_BYTES = 256;

/** A short name of a format that is not decoded here; undefined for unknown and for decoded formats. */
export function nameOfMagic(bytes: Uint8Array): string | undefined {
  for (const [offset, magic, name] of MAGICS) if (textAt(bytes, offset, magic.length) === magic) return name;
  const [first = 0, second = 0] = bytes;
  // It looks like a frame of MPEG audio, but its layer is 0.
  return first === 0xff && (second & 0xf6) === 0xf0 ? 'AAC (ADTS)' : undefined;
}

/** The same, and the kind of text for text files. */
export function describeFormat(bytes: Uint8Array): string | undefined {
  const head = textAt(bytes, 0, TEXT_BYTES);
  if (!/^[\t\n\r\x20-\x7e]+$/.test(head)) return nameOfMagic(bytes);
  if (/^\s*<(!doctype|html)/i.test(head)) return 'an HTML page';
  return nameOfMagic(bytes) ?? (/^\s*[[{]/.test(head) ? 'JSON' : 'text');
}
