/** Reads WAV files that are in memory, for callers. A file of its own: what streams files needs none of it. */
import { isView } from '../base/checks.ts';
import type { AudioClip } from '../base/files.ts';
import { badInput, checkObject, checkString } from '../base/option-checks.ts';
import { type ReadOptions, readWhole } from './pcm-reader.ts';
import { readWav } from './wav.ts';

/**
 * Parses a whole WAV file. Unknown chunks are skipped. A `data` chunk without a size, as streaming writers leave it,
 * extends to the end of the file. If a chunk declares more bytes than the file has, the existing whole frames are decoded, as in
 * ffmpeg and sox, with a warning.
 *
 * @param name shown in errors.
 * @throws UniSpeechError `bad-audio`; `unsupported` for encodings that another decoder may know.
 */
export function parseWav(bytes: Uint8Array, name = 'The audio', options: ReadOptions = {}): AudioClip {
  checkString('name', name);
  checkObject('The options of parseWav', options);
  if (!isView(bytes, 'Uint8Array')) throw badInput('bytes', bytes, 'a Uint8Array');
  return readWhole(readWav, bytes, name, options);
}
