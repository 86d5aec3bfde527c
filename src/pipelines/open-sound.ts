/** Opens audio that comes bit by bit as a stream of mono samples at the model's rate. */
import { platform } from '#platform';
import type { AudioStream } from '../audio/audio-stream.ts';
import { bytesInMemory } from '../audio/byte-stream.ts';
import { monoStream } from '../audio/mono-stream.ts';
import { type SoundRange, wantedFrameOf } from '../audio/sound-range.ts';
import { isBlob, isView } from '../base/checks.ts';
import type { ByteStream, SoundStream } from '../base/sound-stream.ts';
import type { AudioItems } from './audio-items.ts';
import { blobBytes } from './blob-bytes.ts';
import { GivenSource } from './given-source.ts';
import { openItems } from './item-stream.ts';
import type { PrepareOptions } from './prepared-clip.ts';

/** Sound that is opened already, a file that is, the bytes or the `Blob` of one, or a stream. */
export type SoundSource =
  | { readonly sound: SoundStream }
  | { readonly file: ByteStream }
  | GivenSource
  | Uint8Array
  | Blob
  | AudioItems;

export interface OpenSoundOptions extends Pick<PrepareOptions, 'sampleRate' | 'maxSeconds' | 'signal'> {
  /** Shown in errors. */
  readonly name: string;
  /** The part that is asked for, in samples of the model's rate. Of a long file only the part counts for the limit. */
  readonly range: SoundRange | undefined;
}

/** Iterating throws what an `AudioStream` throws. */
export function openSound(source: SoundSource, options: OpenSoundOptions): AudioStream {
  const { name, sampleRate, range, maxSeconds } = options;
  return monoStream(soundOf(source, options), name, sampleRate, range && { range, maxSeconds });
}

function soundOf(source: SoundSource, options: OpenSoundOptions): SoundStream {
  const { name, sampleRate, range, signal } = options;
  const maxSeconds = range ? undefined : options.maxSeconds;
  const wantedFrame = range && wantedFrameOf(range, sampleRate);
  const decodeOptions = { mono: true, maxSeconds, signal, wantedFrame };
  const decode = (file: ByteStream): SoundStream => platform.streamAudio(file, name, decodeOptions);
  if ('sound' in source) return source.sound;
  if ('file' in source) return decode(source.file);
  if (source instanceof GivenSource) return source.open(name, decodeOptions);
  if (isView(source, 'Uint8Array')) return decode(bytesInMemory(source));
  if (isBlob(source)) return decode(blobBytes(source, name));
  return openItems(source, name, { sampleRate, maxSeconds, signal }, platform.streamAudio);
}
