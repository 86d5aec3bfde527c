/** Decodes audio files in Node: WAV here, the compressed formats by WebAssembly decoders loaded when needed. */
import { describeFirstBytes, sniffAudioFormat, sniffOgg } from '../audio/container.ts';
import type { AudioFormat } from '../audio/container.ts';
import { demuxMpeg } from '../audio/mpeg.ts';
import { findOggPages } from '../audio/ogg.ts';
import { skipId3 } from '../audio/tags.ts';
import { parseWav } from '../audio/wav.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';

/** What the decoder packages return. */
interface DecodedAudio {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly errors: readonly DecoderError[];
}

interface DecoderError {
  readonly message: string;
  /** Samples decoded before the error. */
  readonly outputSamples: number;
}

interface Decoder {
  readonly ready: Promise<void>;
  readonly free: () => void;
}

type CompressedFormat = Exclude<AudioFormat, 'wav' | 'aiff'>;

const SUPPORTED = 'WAV, FLAC, MP3, Ogg Vorbis, Ogg Opus and Ogg FLAC files can be decoded.';

/** Decoder errors this close to the end are trailing garbage or a cut last frame; earlier ones are damage. */
const TRAILING_SECONDS = 1;

/**
 * Decodes a whole audio file. The container is told by its first bytes, never by its name. A file that is cut
 * short gives the samples that are there; what is no intact MP3 frame or Ogg page is skipped.
 *
 * @param name shown in errors.
 * @throws UniSpeechError `bad-audio` for unknown formats, and files without samples or with damage before their
 * last second.
 */
export async function decodeAudioFile(bytes: Uint8Array, name: string): Promise<AudioClip> {
  const format = sniffAudioFormat(bytes);
  // Lengths of tags may be wrong, and MP3 frames are found behind any.
  const content = format === 'mpeg' ? bytes : skipId3(bytes);
  if (format === undefined || format === 'aiff') throw unknownFormat(bytes, name);
  if (format === 'wav') return parseWav(content, name);

  let decoded: DecodedAudio;
  try {
    decoded = await DECODERS[format](content);
  } catch (error) {
    throw cannotDecode(name, format, messageOf(error), {
      cause: error,
    });
  }
  const { channelData, sampleRate, errors } = decoded;
  const frameCount = channelData[0]?.length ?? 0;
  const [firstError] = errors;
  if (frameCount === 0) {
    throw cannotDecode(name, format, firstError?.message ?? `no samples in its ${bytes.length} bytes`);
  }
  if (firstError !== undefined && firstError.outputSamples < frameCount - TRAILING_SECONDS * sampleRate) {
    const seconds = (firstError.outputSamples / sampleRate).toFixed(1);
    throw cannotDecode(name, format, `damaged after ${seconds} s (${firstError.message})`);
  }
  return { channels: channelData, sampleRate };
}

/** The intact pages, joined. */
function oggPages(bytes: Uint8Array): Uint8Array {
  const pages = findOggPages(bytes);
  const joined = new Uint8Array(pages.reduce((sum, page) => sum + page.length, 0));
  let offset = 0;
  for (const page of pages) {
    joined.set(page, offset);
    offset += page.length;
  }
  if (joined.length === 0) throw new Error(`no intact Ogg page in its ${bytes.length} bytes`);
  return joined;
}

const decodeFlac = async (bytes: Uint8Array): Promise<DecodedAudio> => {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  return decodeWith(new FLACDecoder(), (decoder) => decoder.decodeFile(bytes));
};

const DECODERS: Readonly<Record<CompressedFormat, (bytes: Uint8Array) => Promise<DecodedAudio>>> = {
  flac: decodeFlac,
  mpeg: async (bytes) => {
    const [stretch] = demuxMpeg(bytes).stretches;
    if (stretch?.codec !== 'mp3') throw new Error(`no MPEG audio frames in its ${bytes.length} bytes`);
    const { MPEGDecoder } = await import('mpg123-decoder');
    const decoder = new MPEGDecoder({ enableGapless: false });
    const decoded = await decodeWith(decoder, () => decoder.decodeFrames([...stretch.packets]));
    // The decoder gives mono streams twice.
    const channels = decoded.channelData.slice(0, stretch.channelCount);
    return { ...decoded, channelData: channels.map((channel) => channel.subarray(...stretch.range)) };
  },
  ogg: async (bytes) => {
    const pages = oggPages(bytes);
    const codec = sniffOgg(pages);
    if (codec === 'ogg-flac') return decodeFlac(pages);
    if (codec === 'ogg-vorbis') {
      const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
      return decodeWith(new OggVorbisDecoder(), (decoder) => decoder.decodeFile(pages));
    }
    if (codec === undefined) throw new Error('no Opus, Vorbis or FLAC in it');
    const { OggOpusDecoder } = await import('ogg-opus-decoder');
    return decodeWith(new OggOpusDecoder(), (decoder) => decoder.decodeFile(pages));
  },
};

async function decodeWith<D extends Decoder>(
  decoder: D,
  decode: (decoder: D) => DecodedAudio | Promise<DecodedAudio>,
): Promise<DecodedAudio> {
  await decoder.ready;
  try {
    return await decode(decoder);
  } finally {
    decoder.free();
  }
}

function cannotDecode(
  name: string,
  format: AudioFormat,
  what: string,
  options?: ErrorOptions,
): UniSpeechError {
  return new UniSpeechError(
    'bad-audio',
    `${name} cannot be decoded as ${FORMAT_NAMES[format]}: ${what}.`,
    undefined,
    options,
  );
}

const FORMAT_NAMES: Readonly<Record<AudioFormat, string>> = {
  wav: 'WAV',
  flac: 'FLAC',
  mpeg: 'MP3',
  aiff: 'AIFF',
  ogg: 'Ogg',
};

const unknownFormat = (bytes: Uint8Array, name: string): UniSpeechError =>
  new UniSpeechError(
    'bad-audio',
    `${name} is no audio file of a known format: ${describeFirstBytes(bytes)}.`,
    SUPPORTED,
  );
