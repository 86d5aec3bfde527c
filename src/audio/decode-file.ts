/** Decodes audio files: what Node, pages and workers have in common, and that is nearly all. */
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import type { AudioDecodeOptions } from '../base/platform.ts';
import { parseAiff } from './aiff.ts';
import { assembleAudio, type DecodeStretch } from './assemble.ts';
import { type AudioFormat, sniffAudioFormat } from './container.ts';
import { toMono } from './downmix.ts';
import { checkDuration } from './duration.ts';
import type { EncodedAudio } from './encoded-audio.ts';
import { demuxFlac } from './flac.ts';
import { demuxMpeg } from './mpeg.ts';
import { demuxOgg } from './ogg.ts';
import { skipId3 } from './tags.ts';
import { parseWav } from './wav.ts';

/** Four hours, which at 48 kHz are 2.6 GB of samples. */
export const DEFAULT_MAX_SECONDS = 14_400;

export interface FileToDecode {
  readonly bytes: Uint8Array;
  /** Shown in errors. */
  readonly name: string;
  readonly options: AudioDecodeOptions & { readonly maxSeconds: number };
  /** By its first bytes; undefined for what is not known here. */
  readonly format: AudioFormat | undefined;
}

/** What a platform can do. */
export interface AudioDecoders {
  readonly decodeStretch: DecodeStretch;
  /**
   * Files of other formats, and of known formats with an encoding that is not.
   * @param reason why it is not known; undefined: its format is not.
   * @throws UniSpeechError, `reason` if there is one, for what it does not know either.
   */
  decodeOther(file: FileToDecode, reason: UniSpeechError | undefined): Promise<AudioClip>;
}

/**
 * The container is told by the bytes of the file, never by its name. What is damaged or missing is silence, if there is anything else, and
 * the clip's warnings tell of it. Files that were joined are one clip.
 *
 * @throws UniSpeechError `bad-audio` for unknown formats, files without samples, and more than `maxSeconds`; the signal's reason.
 */
export async function decodeFile(
  bytes: Uint8Array,
  name: string,
  { maxSeconds = DEFAULT_MAX_SECONDS, ...others }: AudioDecodeOptions,
  decoders: AudioDecoders,
): Promise<AudioClip> {
  const file = { bytes, name, options: { maxSeconds, ...others }, format: sniffAudioFormat(bytes) };
  try {
    if (file.format !== undefined) return await decodeKnown(file, file.format, decoders.decodeStretch);
  } catch (error) {
    if (!(error instanceof UniSpeechError) || error.code !== 'unsupported') throw error;
    return inLimits(file, await decoders.decodeOther(file, error));
  }
  return inLimits(file, await decoders.decodeOther(file, undefined));
}

async function decodeKnown(
  { bytes, name, options }: FileToDecode,
  format: AudioFormat,
  decodeStretch: DecodeStretch,
): Promise<AudioClip> {
  // Lengths of tags may be wrong, and MP3 frames are found behind any.
  const content = format === 'mpeg' ? bytes : skipId3(bytes);
  if (format === 'wav') return parseWav(content, name, options);
  if (format === 'aiff') return parseAiff(content, name, options);
  try {
    return await assembleAudio(DEMUXERS[format](content), decodeStretch, name, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof UniSpeechError) throw error;
    const what = messageOf(error);
    throw new UniSpeechError(
      'bad-audio',
      `${name} cannot be decoded as ${FORMAT_NAMES[format]}: ${what === 'no samples' ? `no samples in its ${bytes.length} bytes` : what}.`,
      undefined,
      { cause: error },
    );
  }
}

/** Holds other decoders to what the caller asked for. */
function inLimits({ name, options }: FileToDecode, clip: AudioClip): AudioClip {
  const { channels, sampleRate } = clip;
  checkDuration(name, (channels[0]?.length ?? 0) / sampleRate, options.maxSeconds);
  return options.mono && channels.length > 1 ? { ...clip, channels: [toMono(clip)] } : clip;
}

type EncodedFormat = Exclude<AudioFormat, 'wav' | 'aiff'>;

const DEMUXERS: Readonly<Record<EncodedFormat, (bytes: Uint8Array) => EncodedAudio>> = {
  flac: demuxFlac,
  mpeg: demuxMpeg,
  ogg: demuxOgg,
};

const FORMAT_NAMES: Readonly<Record<EncodedFormat, string>> = { flac: 'FLAC', mpeg: 'MP3', ogg: 'Ogg' };
