/** Audio files in browsers: fetched, and decoded by the browser. Apart from the rest of the platform, as the worker's client needs no more. */
import { describeFirstBytes } from '../audio/container.ts';
import { type AudioDecoders, decodeFile } from '../audio/decode-file.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Platform } from '../base/platform.ts';
import { fetchAudio } from './http-audio.ts';
import { canDecodeFiles, decodeStretch, decodeWholeFile, WORKER_FIX } from './webcodecs-audio.ts';

export const readAudioFile: Platform['readAudioFile'] = (location, signal) =>
  fetchAudio(
    String(location),
    signal,
    'Check the address and the connection; a server on another origin must allow this page (CORS).',
  );

/** On pages, files of formats that are not known here are left to the browser, which resamples them to this rate. */
const OTHER_SAMPLE_RATE = 16_000;

const decodeOther: AudioDecoders['decodeOther'] = async ({ bytes, name }, reason) => {
  const isPage = canDecodeFiles();
  let cause: unknown = reason;
  try {
    if (isPage) return await decodeWholeFile(bytes, OTHER_SAMPLE_RATE);
  } catch (error) {
    cause ??= error;
  }
  if (reason) throw reason;
  throw new UniSpeechError(
    'bad-audio',
    `${name} cannot be decoded ${isPage ? 'by this browser' : 'in a worker'}: ${describeFirstBytes(bytes)}${cause === undefined ? '' : ` (${messageOf(cause)})`}.`,
    `WAV, FLAC, MP3 and Ogg files can be${isPage ? ', and what else the browser knows' : `. ${WORKER_FIX}`}.`,
    { cause },
  );
};

/** WAV is read as in Node, to the same samples; compressed files are taken apart as in Node, and decoded by WebCodecs. */
export const decodeAudio: Platform['decodeAudio'] = (bytes, name, options = {}) =>
  decodeFile(bytes, name, options, { decodeStretch, decodeOther });
