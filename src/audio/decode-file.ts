/** Decodes audio files. Node, pages and workers share everything here; only the decoders themselves belong to the platform. */
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
import { demuxWhole } from './demux-whole.ts';
import { FlacDemuxer } from './flac.ts';
import { MpegDemuxer } from './mpeg.ts';
import { OggDemuxer } from './ogg.ts';
import { skipId3 } from './tags.ts';
import { parseWav } from './wav.ts';

/** Four hours. At 48 kHz they take 2.6 GB of samples. */
export const DEFAULT_MAX_SECONDS = 14_400;

export interface FileToDecode {
  readonly bytes: Uint8Array;
  /** Shown in errors. */
  readonly name: string;
  readonly options: AudioDecodeOptions & { readonly maxSeconds: number };
  /** Determined by the first bytes; undefined for unknown formats. */
  readonly format: AudioFormat | undefined;
}

/** The decoders of a platform. */
export interface AudioDecoders {
  readonly decodeStretch: DecodeStretch;
  /**
   * Decodes files of other formats, and known formats with an unknown encoding.
   * @param reason the error about the unknown encoding; undefined if the format is unknown.
   * @throws UniSpeechError for what the platform cannot decode either: `reason` if it is given.
   */
  decodeOther(file: FileToDecode, reason: UniSpeechError | undefined): Promise<AudioClip>;
}

/**
 * Decodes a file. The bytes determine the container, never the name. Damaged or missing parts become silence if any other part can be
 * decoded, and the clip's warnings tell of them. Joined files become one clip.
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
  // The lengths of tags may be wrong. MP3 frames are found behind any of them.
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

/** Applies the caller's limits to the output of the platform's decoder. */
function inLimits({ name, options }: FileToDecode, clip: AudioClip): AudioClip {
  const { channels, sampleRate } = clip;
  checkDuration(name, (channels[0]?.length ?? 0) / sampleRate, options.maxSeconds);
  return options.mono && channels.length > 1 ? { ...clip, channels: [toMono(clip)] } : clip;
}

type EncodedFormat = Exclude<AudioFormat, 'wav' | 'aiff'>;

const DEMUXERS: Readonly<Record<EncodedFormat, (bytes: Uint8Array) => EncodedAudio>> = {
  flac: (bytes) => demuxWhole(new FlacDemuxer(), bytes),
  mpeg: (bytes) => demuxWhole(new MpegDemuxer(), bytes),
  ogg: (bytes) => demuxWhole(new OggDemuxer(), bytes),
};

const FORMAT_NAMES: Readonly<Record<EncodedFormat, string>> = { flac: 'FLAC', mpeg: 'MP3', ogg: 'Ogg' };
