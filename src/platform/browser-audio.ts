/** Fetches audio files in browsers and lets the browser decode them. Separate from the rest of the platform, because the worker's client needs only this. */
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

/** On a page the browser decodes files of unknown formats, and resamples them to this rate in Hz. */
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
    `Use WAV, FLAC, MP3 or Ogg${isPage ? ', or another format of this browser' : `. ${WORKER_FIX}`}.`,
    { cause },
  );
};

/** Gives the same samples for WAV as Node. Compressed files are demuxed as in Node and decoded by WebCodecs. */
export const decodeAudio: Platform['decodeAudio'] = (bytes, name, options = {}) =>
  decodeFile(bytes, name, options, { decodeStretch, decodeOther });
