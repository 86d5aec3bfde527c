/** Fetches audio files in browsers and lets the browser decode them. `later-audio.ts` loads it. */
import { bytesInMemory, readAll } from '../audio/byte-stream.ts';
import { describeFirstBytes } from '../audio/container.ts';
import { decodeFile } from '../audio/decode-file.ts';
import { type AudioDecoders, decodeStream, type OtherFile } from '../audio/decode-stream.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Platform } from '../base/platform.ts';
import type { SoundBlock } from '../base/sound-stream.ts';
import { httpAudio } from './http-audio.ts';
import { OnlyOnPages } from './only-on-pages.ts';
import { BrowserDecoder, canDecodeFiles, decodeWholeFile, WORKER_FIX } from './webcodecs-audio.ts';

export const openAudioFile: Platform['openAudioFile'] = (location, signal) =>
  httpAudio(
    String(location),
    signal,
    'Check the address and the connection; a server on another origin must allow this page (CORS).',
  );

/** On a page the browser decodes files of unknown formats, and resamples them to this rate in Hz. */
const OTHER_SAMPLE_RATE = 16_000;

/** The browser takes such files only whole, and on pages. */
async function* decodeOther(
  { input, name, head, isWhole }: OtherFile,
  reason: UniSpeechError | undefined,
): AsyncGenerator<SoundBlock, void, undefined> {
  const isPage = canDecodeFiles();
  const bytes = isPage ? await readAll(input.all(), name) : head;
  let cause: unknown = reason;
  try {
    if (isPage) {
      yield await decodeWholeFile(bytes, OTHER_SAMPLE_RATE);
      return;
    }
  } catch (error) {
    cause ??= error;
  }
  if (reason) throw reason;
  throw new UniSpeechError(
    'bad-audio',
    `${name} cannot be decoded ${isPage ? 'by this browser' : 'in a worker'}: ${describeFirstBytes(bytes, isPage || isWhole)}${cause === undefined ? '' : ` (${messageOf(cause)})`}.`,
    `Use WAV, FLAC, MP3 or Ogg${isPage ? ', or another format of this browser' : `. ${WORKER_FIX}`}.`,
    { cause: isPage ? cause : new OnlyOnPages('an unknown format', { cause }) },
  );
}

const DECODERS: AudioDecoders = {
  openDecoder: () => new BrowserDecoder(),
  decodeOther: (file, reason) => {
    const blocks = decodeOther(file, reason);
    return { declaredSeconds: undefined, warnings: [], [Symbol.asyncIterator]: () => blocks };
  },
};

/** Gives the same samples for WAV as Node. Compressed files are demuxed as in Node and decoded by WebCodecs. */
export const streamAudio: Platform['streamAudio'] = (bytes, name, options = {}) =>
  decodeStream(bytes, name, options, DECODERS);

/** See `decodeFile`. */
export const decodeAudio: Platform['decodeAudio'] = (bytes, name, options = {}) =>
  decodeFile(bytesInMemory(bytes), name, options, DECODERS);
