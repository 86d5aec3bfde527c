/** Compressed audio in workers, where browsers have no `OfflineAudioContext`: cut into packets here, decoded by WebCodecs. */
import { type AudioFormat, sniffOgg } from '../audio/container.ts';
import { toMono } from '../audio/downmix.ts';
import { findFlacFrames } from '../audio/flac.ts';
import { demuxMpeg } from '../audio/mpeg.ts';
import { readOggPackets } from '../audio/ogg.ts';
import { viewOf } from '../base/bytes.ts';
import type { AudioClip } from '../base/files.ts';

interface EncodedAudio {
  readonly config: AudioDecoderConfig;
  readonly packets: readonly Uint8Array[];
  /** What counts of the decoded samples; all where left out. */
  readonly range?: readonly [start: number, end: number];
}

/** More than this behind the last whole frame is damage, not a frame that was cut off. */
const MAX_REST_BYTES = 2 ** 16;

/**
 * Decodes to one channel, the mean of all.
 * @returns undefined where this browser cannot decode the format in a worker.
 * @throws Error for damaged files, and files without samples.
 */
export async function decodeWithWebCodecs(
  bytes: Uint8Array,
  format: Exclude<AudioFormat, 'wav' | 'aiff'>,
): Promise<AudioClip | undefined> {
  if (typeof AudioDecoder === 'undefined') return undefined;
  const { config, packets, range } = DEMUXERS[format](bytes);
  if (packets.length === 0) throw new Error(`no samples in its ${bytes.length} bytes`);
  const { supported } = await AudioDecoder.isConfigSupported(config);
  if (!supported) return undefined;

  const parts: Float32Array[] = [];
  let { sampleRate } = config;
  let failure: Error | undefined;
  const decoder = new AudioDecoder({
    output(data) {
      ({ sampleRate } = data);
      parts.push(mixDown(data));
      data.close();
    },
    error(error) {
      failure = error;
    },
  });
  decoder.configure(config);
  try {
    packets.forEach((data, index) =>
      // The times only have to rise: the packets follow each other without gaps.
      decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: index * 20_000, data })),
    );
    await decoder.flush();
  } catch (error) {
    throw failure ?? error;
  } finally {
    if (decoder.state !== 'closed') decoder.close();
  }
  return { channels: [join(parts).subarray(...(range ?? [0]))], sampleRate };
}

function mixDown(data: AudioData): Float32Array {
  const { numberOfFrames, numberOfChannels, sampleRate } = data;
  const channels = Array.from({ length: numberOfChannels }, (_, planeIndex) => {
    const plane = new Float32Array(numberOfFrames);
    data.copyTo(plane, { planeIndex, format: 'f32-planar' });
    return plane;
  });
  return toMono({ channels, sampleRate });
}

function join(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

const DEMUXERS: Readonly<Record<Exclude<AudioFormat, 'wav' | 'aiff'>, (bytes: Uint8Array) => EncodedAudio>> =
  {
    mpeg: (bytes) => {
      const [stretch] = demuxMpeg(bytes).stretches;
      if (stretch?.codec !== 'mp3') throw new Error(`no MPEG audio frames in its ${bytes.length} bytes`);
      const { sampleRate, channelCount, packets, range } = stretch;
      return { config: { codec: 'mp3', sampleRate, numberOfChannels: channelCount }, packets, range };
    },
    flac: (bytes) => {
      const { header, frames, restByteLength } = findFlacFrames(bytes);
      if (restByteLength > MAX_REST_BYTES)
        throw new Error(`damaged after byte ${bytes.length - restByteLength}`);
      return { config: flacConfig(header), packets: frames };
    },
    ogg: (bytes) => OGG_DEMUXERS[sniffOgg(bytes) ?? 'ogg-opus'](bytes),
  };

const OGG_DEMUXERS = {
  'ogg-flac': (bytes: Uint8Array): EncodedAudio => {
    const { packets } = readOggPackets(bytes);
    const header = packets[0]?.subarray(9) ?? bytes;
    return { config: flacConfig(header), packets: packets.filter(([first]) => first === 0xff) };
  },
  'ogg-vorbis': (bytes: Uint8Array): EncodedAudio => {
    const { packets, lastGranule } = readOggPackets(bytes);
    const headers = packets.slice(0, 3);
    const [identification = bytes, comment = bytes] = headers;
    /** Lengths in bytes of at most 255, as in an Ogg page. */
    const lacing = [identification, comment].flatMap(({ length }) => [
      ...new Array<number>(Math.floor(length / 255)).fill(255),
      length % 255,
    ]);
    return {
      config: {
        codec: 'vorbis',
        numberOfChannels: identification[11] ?? 0,
        sampleRate: viewOf(identification).getUint32(12, true),
        description: Uint8Array.from([2, ...lacing, ...headers.flatMap((header) => [...header])]),
      },
      packets: packets.slice(3),
      range: [0, lastGranule],
    };
  },
  'ogg-opus': (bytes: Uint8Array): EncodedAudio => {
    const { packets, lastGranule } = readOggPackets(bytes);
    const [head = bytes] = packets;
    return {
      // Without a description, as a decoder that has one drops the samples before the start by itself.
      config: { codec: 'opus', sampleRate: 48_000, numberOfChannels: head[9] ?? 0 },
      packets: packets.slice(2),
      range: [viewOf(head).getUint16(10, true), lastGranule],
    };
  },
};

/** From STREAMINFO behind the marker `fLaC`: twenty bits of rate, three of channels. */
function flacConfig(description: Uint8Array): AudioDecoderConfig {
  const [high = 0, middle = 0, low = 0] = description.subarray(18, 21);
  return {
    codec: 'flac',
    sampleRate: (high << 12) | (middle << 4) | (low >> 4),
    numberOfChannels: ((low >> 1) & 7) + 1,
    description,
  };
}
