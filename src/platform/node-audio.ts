/** Decodes audio files in Node. WebAssembly decoders, loaded on demand, decode packet by packet. ffmpeg decodes other formats if it is installed. */
import type { DecodedSink } from '../audio/assemble.ts';
import { describeFirstBytes } from '../audio/container.ts';
import { type AudioDecoders, decodeFile } from '../audio/decode-file.ts';
import { describeFormat } from '../audio/describe-format.ts';
import type { EncodedStretch } from '../audio/encoded-audio.ts';
import { skipId3 } from '../audio/tags.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Platform } from '../base/platform.ts';
import { openPacketDecoder, type PacketDecoder } from './node-codecs.ts';
import { decodeWithFfmpeg, isForFfmpeg } from './node-ffmpeg.ts';

const SUPPORTED = 'WAV, AIFF, FLAC, MP3, Ogg Vorbis, Ogg Opus and Ogg FLAC files can be decoded.';
const FORMAT_NAMES = { wav: 'WAV', aiff: 'AIFF', flac: 'FLAC', mpeg: 'MP3', ogg: 'Ogg' } as const;

/** See `decodeFile`. @throws UniSpeechError `unsupported` for formats that need ffmpeg, if it is missing. */
export const decodeAudioFile: Platform['decodeAudio'] = async (bytes, name, options = {}) => {
  const decoders = new NodeDecoders();
  try {
    return await decodeFile(bytes, name, options, {
      decodeStretch: (stretch, sink) => decoders.decode(stretch, sink),
      decodeOther,
    });
  } finally {
    decoders.free();
  }
};

const decodeOther: AudioDecoders['decodeOther'] = async ({ bytes, name, options, format }, reason) => {
  const formatName = format ? FORMAT_NAMES[format] : describeFormat(skipId3(bytes));
  if (formatName !== undefined && isForFfmpeg(formatName))
    return decodeWithFfmpeg(bytes, name, { ...options, formatName });
  throw (
    reason ??
    new UniSpeechError(
      'bad-audio',
      `${name} is not an audio file of a known format: ${describeFirstBytes(bytes)}.`,
      SUPPORTED,
    )
  );
};

/** Blocks of sound to decode before other work may run. */
const PACKETS_PER_TURN = 512;

/** The current decoder of one file. The next stretch of the same stream can use it, too. */
class NodeDecoders {
  #decoder: PacketDecoder | undefined;
  #stretch: EncodedStretch | undefined;

  async decode(stretch: EncodedStretch, sink: DecodedSink): Promise<void> {
    const decoder = await this.#open(stretch);
    let end = 0;
    for (const [index, packet] of stretch.packets.entries()) {
      end += stretch.sampleCounts[index] ?? 0;
      const channels = await decoder.decode(packet);
      // More samples than the packet declares would move all later sound.
      const length = Math.min(channels[0]?.length ?? 0, end - sink.position);
      if (length > 0) sink.write(channels.map((channel) => channel.subarray(0, length)));
      sink.skipTo(end);
      if (index % PACKETS_PER_TURN === PACKETS_PER_TURN - 1) await new Promise(setImmediate);
    }
  }

  async #open(stretch: EncodedStretch): Promise<PacketDecoder> {
    const isSame =
      this.#stretch?.codec === stretch.codec && this.#stretch.description === stretch.description;
    // Only Opus can continue after a gap: libFLAC counts frames, and Vorbis overlaps them.
    if (this.#decoder && isSame && stretch.codec === 'opus') return this.#decoder;
    this.free();
    this.#decoder = await openPacketDecoder(stretch);
    this.#stretch = stretch;
    return this.#decoder;
  }

  free(): void {
    this.#decoder?.free();
    this.#decoder = undefined;
  }
}
