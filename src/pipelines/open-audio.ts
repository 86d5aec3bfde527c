/** Opens any audio that pipelines accept as one stream of mono samples at the model's rate. */
import { platform } from '#platform';
import type { AudioStream } from '../audio/audio-stream.ts';
import { emptyPart } from '../audio/duration.ts';
import { isBlob, isUrl } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { keepUnread } from '../base/keep-unread.ts';
import { shownLocation } from '../base/shown-location.ts';
import { isAudioItems } from './audio-items.ts';
import { fileName, memoryOf } from './byte-source.ts';
import { GivenSource } from './given-source.ts';
import { openSoundLater } from './later-streams.ts';
import { readMemory } from './memory-source.ts';
import type { SoundSource } from './open-sound.ts';
import type { PreparedClip, PrepareOptions } from './prepared-clip.ts';

export interface OpenedAudio extends Pick<PreparedClip, 'stride' | 'passThrough'> {
  /** The sound. Files are opened when the iteration begins. */
  readonly stream: AudioStream;
  /** All samples of `stream`, where they are in memory already; undefined for what comes bit by bit. */
  readonly samples: Float32Array | undefined;
  /** Where the sound begins in the clip, in samples. */
  readonly startSample: number;
}

/**
 * @param options without `maxSeconds` sound may be of any length: however long it is, no more than a few blocks are in memory. Files
 *   are needed whole on pages without WebCodecs, and in browsers where the engine does not know the format itself. In Node an MP4 file
 *   that comes as bytes goes to a temporary file, for ffmpeg.
 * @throws UniSpeechError `bad-input` for what is no audio; `bad-audio`. Everything else is found while the stream is iterated.
 */
export function openAudio(source: unknown, options: PrepareOptions): OpenedAudio {
  keepUnread(source);
  const { position, sampleRate, maxSeconds, signal, ahead, part, name: givenName } = options;
  const isLocation = typeof source === 'string' || isUrl(source);
  const place = position ? `clip ${position.index + 1} of ${position.count}` : 'the audio';
  const given = source instanceof GivenSource ? source : undefined;
  const name =
    givenName ??
    (isLocation
      ? shownLocation(source, platform.name === 'browser')
      : (given?.name ?? fileName(source) ?? place));

  const range = part && {
    startSample: Math.round(part.startSeconds * sampleRate),
    endSample: Math.round(part.endSeconds * sampleRate),
  };
  const startSample = range?.startSample ?? 0;
  // Of a long file that is read for a part of it, only the part counts.
  const decodeSeconds = part ? undefined : maxSeconds;
  // A thread reads files from their start.
  const soundAhead =
    isLocation && ahead !== undefined && startSample === 0
      ? platform.decodeAhead?.(source, name, {
          sampleRate,
          maxSeconds: decodeSeconds,
          signal,
          isOneOfMany: ahead === 'many',
        })
      : undefined;
  const file = isLocation ? platform.openAudioFile(source, signal) : undefined;
  const sound: SoundSource | undefined = soundAhead
    ? { sound: soundAhead }
    : file
      ? { file }
      : (given ?? memoryOf(source) ?? (isBlob(source) || isAudioItems(source) ? source : undefined));
  if (sound !== undefined) {
    const stream = openSoundLater(sound, { name, sampleRate, range, maxSeconds, signal });
    return { stream, samples: undefined, startSample, stride: undefined, passThrough: {} };
  }
  const { samples: all, stride, passThrough } = readMemory(source, sampleRate, name);
  if (range && stride) {
    throw new UniSpeechError(
      'bad-option',
      `${name} has a stride of its own, which cannot be combined with start_s and end_s.`,
    );
  }
  const samples = range ? all.subarray(range.startSample, range.endSample) : all;
  if (range && samples.length === 0) throw emptyPart(name, part.startSeconds, all.length / sampleRate);
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
  return { stream, samples, startSample, stride, passThrough };
}
