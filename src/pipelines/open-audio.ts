/** Opens any audio that pipelines accept as one stream of mono samples at the model's rate. */
import { platform } from '#platform';
import type { AudioStream } from '../audio/audio-stream.ts';
import { bytesInMemory } from '../audio/byte-stream.ts';
import { monoStream } from '../audio/mono-stream.ts';
import { isBlob, isUrl } from '../base/checks.ts';
import { shownLocation } from '../base/shown-location.ts';
import type { ByteStream } from '../base/sound-stream.ts';
import { fileName, memoryOf, readBlob } from './byte-source.ts';
import { isAudioItems, openItems } from './item-stream.ts';
import { readMemory } from './memory-source.ts';
import type { PreparedClip, PrepareOptions } from './prepared-clip.ts';

export interface OpenedAudio extends Pick<PreparedClip, 'stride' | 'passThrough'> {
  /** The sound. Files are opened when the iteration begins. */
  readonly stream: AudioStream;
  /** All samples of `stream`, where they are in memory already; undefined for what comes bit by bit. */
  readonly samples: Float32Array | undefined;
}

/**
 * @param options without `maxSeconds` sound may be of any length: however long it is, no more than a few blocks are in memory. Files
 *   are needed whole on pages without WebCodecs, and in browsers where the engine does not know the format itself. In Node an MP4 file
 *   that comes as bytes goes to a temporary file, for ffmpeg.
 * @throws UniSpeechError `bad-input` for what is no audio; `bad-audio`. Everything else is found while the stream is iterated.
 */
export function openAudio(source: unknown, options: PrepareOptions): OpenedAudio {
  const { position, sampleRate, maxSeconds, signal, ahead, name: givenName } = options;
  const isLocation = typeof source === 'string' || isUrl(source);
  const place = position ? `clip ${position.index + 1} of ${position.count}` : 'the audio';
  const name =
    givenName ??
    (isLocation ? shownLocation(source, platform.name === 'browser') : (fileName(source) ?? place));

  const soundAhead =
    isLocation && ahead !== undefined
      ? platform.decodeAhead?.(source, name, {
          sampleRate,
          maxSeconds,
          signal,
          isOneOfMany: ahead === 'many',
        })
      : undefined;
  const bytes = isLocation ? platform.openAudioFile(source, signal) : bytesOf(source, name);
  const sound =
    soundAhead ??
    (bytes
      ? platform.streamAudio(bytes, name, { mono: true, maxSeconds, signal })
      : isAudioItems(source)
        ? openItems(source, name, options, platform.streamAudio)
        : undefined);
  if (sound) {
    const stream = monoStream(sound, name, sampleRate);
    return { stream, samples: undefined, stride: undefined, passThrough: {} };
  }
  const { samples, stride, passThrough } = readMemory(source, sampleRate, name);
  const stream: AudioStream = {
    name,
    sampleRate,
    declaredSeconds: samples.length / sampleRate,
    warnings: [],
    async *[Symbol.asyncIterator]() {
      signal?.throwIfAborted();
      yield await Promise.resolve(samples);
    },
  };
  return { stream, samples, stride, passThrough };
}

/** The bytes of a file that is in memory, or that was picked on a page; undefined for anything else. */
function bytesOf(source: unknown, name: string): ByteStream | undefined {
  const bytes = memoryOf(source);
  if (bytes) return bytesInMemory(bytes);
  return isBlob(source) ? { blocks: readBlob(source, name), byteLength: source.size } : undefined;
}
