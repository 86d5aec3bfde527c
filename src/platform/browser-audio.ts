/** Audio files in browsers: fetched, and decoded by the browser. Apart from the rest of the platform, as the worker's client needs no more. */
import { clipOf } from '../audio/audio-buffer.ts';
import { describeFirstBytes, sniffAudioFormat } from '../audio/container.ts';
import { skipId3 } from '../audio/tags.ts';
import { parseWav } from '../audio/wav.ts';
import { isError } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import type { Platform } from '../base/platform.ts';
import { fetchAudio } from './http-audio.ts';
import { decodeWithWebCodecs } from './webcodecs-audio.ts';

export const readAudioFile: Platform['readAudioFile'] = (location, signal) =>
  fetchAudio(
    String(location),
    signal,
    'Check the address and the connection; a server on another origin must allow this page (CORS).',
  );

/**
 * WAV is read as in Node, to the same samples. On the page everything else is the browser's, resampled to 16 kHz by it; in
 * workers, which lack that decoder, MP3, FLAC and Ogg files as far as the browser's WebCodecs decode them.
 */
export const decodeAudio: Platform['decodeAudio'] = async (bytes, name) => {
  const format = sniffAudioFormat(bytes);
  // Lengths of tags may be wrong, and MP3 frames are found behind any.
  const content = format === 'mpeg' ? bytes : skipId3(bytes);
  if (format === 'wav') return parseWav(content, name);
  const isPage = typeof OfflineAudioContext === 'function';
  let cause: unknown;
  try {
    const clip = isPage
      ? await decodeOnPage(bytes)
      : format && format !== 'aiff' && (await decodeWithWebCodecs(content, format));
    if (clip) return clip;
  } catch (error) {
    cause = error;
  }
  const reason = isError(cause) ? ` (${cause.message})` : '';
  throw new UniSpeechError(
    'bad-audio',
    `${name} cannot be decoded ${isPage ? 'by this browser' : 'in a worker'}: ${describeFirstBytes(bytes)}${reason}.`,
    isPage
      ? 'WAV, FLAC, MP3, Ogg Vorbis and Ogg Opus files can be, and what else the browser knows.'
      : 'WAV, FLAC, MP3 and Ogg files can be, where the browser has WebCodecs. Decode it on the page, or use ' +
          'createWorkerPipeline(), which does.',
    { cause },
  );
};

async function decodeOnPage(bytes: Uint8Array): Promise<AudioClip> {
  const context = new OfflineAudioContext(1, 1, 16_000);
  // Decoding takes the memory away from whoever holds it.
  return clipOf(await context.decodeAudioData(bytes.slice().buffer));
}
