/** Decodes audio files in Node. WebAssembly decoders, loaded on demand, decode packet by packet. ffmpeg decodes other formats if it is installed. */
import type { DecodedSink, StretchDecoder } from '../audio/assemble.ts';
import { bytesInMemory } from '../audio/byte-stream.ts';
import { describeFirstBytes, FORMAT_NAMES } from '../audio/container.ts';
import { decodeFile } from '../audio/decode-file.ts';
import { type AudioDecoders, decodeStream } from '../audio/decode-stream.ts';
import type { StretchPart } from '../audio/demuxer.ts';
import { describeFormat } from '../audio/describe-format.ts';
import type { EncodedStretch } from '../audio/encoded-audio.ts';
import { skipId3 } from '../audio/tags.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Platform } from '../base/platform.ts';
import { openPacketDecoder, type PacketDecoder } from './node-codecs.ts';
import { isForFfmpeg, streamWithFfmpeg } from './node-ffmpeg.ts';

const SUPPORTED = 'WAV, AIFF, FLAC, MP3, Ogg Vorbis, Ogg Opus and Ogg FLAC files can be decoded.';

/** See `decodeStream`. Iterating throws UniSpeechError `unsupported` for formats that need ffmpeg, if it is missing. */
export const streamAudio: Platform['streamAudio'] = (bytes, name, options = {}) =>
  decodeStream(bytes, name, options, DECODERS);

/** See `decodeFile`. */
export const decodeAudioFile: Platform['decodeAudio'] = (bytes, name, options = {}) =>
  decodeFile(bytesInMemory(bytes), name, options, DECODERS);

const DECODERS: AudioDecoders = {
  openDecoder: () => new NodeDecoder(),
  decodeOther({ input, path, head, isWhole, name, options, format }, reason) {
    const formatName = format ? FORMAT_NAMES[format] : describeFormat(skipId3(head));
    if (formatName !== undefined && isForFfmpeg(formatName))
      return streamWithFfmpeg({ input, path }, name, { ...options, formatName });
    throw (
      reason ??
      new UniSpeechError(
        'bad-audio',
        `${name} is not an audio file of a known format: ${describeFirstBytes(head, isWhole)}.`,
        SUPPORTED,
      )
    );
  },
};

/** The first samples of the first channels. Most often these are all, and views cost more than they seem to. */
const firstOf = (
  channels: readonly Float32Array[],
  channelCount: number,
  length: number,
): readonly Float32Array[] =>
  channels.length === channelCount && channels[0]?.length === length
    ? channels
    : channels.slice(0, channelCount).map((channel) => channel.subarray(0, length));

/** Packets to decode before other work may run. */
const PACKETS_PER_TURN = 512;

/** The current decoder of one file. The next stretch of the same stream can use it, too. */
class NodeDecoder implements StretchDecoder {
  #decoder: PacketDecoder | undefined;
  #stretch: EncodedStretch | undefined;
  /** Where the packets so far end in the stretch, as they declare it. */
  #end = 0;
  #packetCount = 0;

  async decode(part: StretchPart, sink: DecodedSink): Promise<void> {
    if (!part.continues) this.#end = 0;
    const decoder = await this.#open(part);
    for (const [index, packet] of part.packets.entries()) {
      this.#end += part.sampleCounts[index] ?? 0;
      const channels = await decoder.decode(packet);
      // More samples than the packet declares would move all later sound.
      const length = Math.min(channels[0]?.length ?? 0, this.#end - sink.position);
      if (length > 0) sink.write(firstOf(channels, part.channelCount, length));
      sink.skipTo(this.#end);
      this.#packetCount += 1;
      if (this.#packetCount % PACKETS_PER_TURN === 0) await new Promise(setImmediate);
    }
  }

  /** Everything is written already. */
  finish(): Promise<void> {
    return Promise.resolve();
  }

  async #open(part: StretchPart): Promise<PacketDecoder> {
    const isSame = this.#stretch?.codec === part.codec && this.#stretch.description === part.description;
    // After a gap only Opus can go on: libFLAC counts frames, and Vorbis overlaps them.
    if (this.#decoder && (part.continues || (isSame && part.codec === 'opus'))) return this.#decoder;
    this.free();
    this.#decoder = await openPacketDecoder(part);
    this.#stretch = part;
    return this.#decoder;
  }

  free(): void {
    this.#decoder?.free();
    this.#decoder = undefined;
  }
}
