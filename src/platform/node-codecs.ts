/** One interface for Node's WebAssembly decoders: a packet in, its samples out. */
import type { EncodedStretch } from '../audio/encoded-audio.ts';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';

export interface PacketDecoder {
  /** One array per channel. No arrays, or empty ones, for a packet that it cannot decode. */
  decode(packet: Uint8Array): Promise<readonly Float32Array[]>;
  free(): void;
}

/** What the decoder packages return. */
interface Decoded {
  readonly channelData: readonly Float32Array[];
  readonly errors: readonly unknown[];
}

/** Makes a decoder for the packets of this stretch. @throws UniSpeechError `unsupported` if its package cannot be loaded. */
export async function openPacketDecoder(stretch: EncodedStretch): Promise<PacketDecoder> {
  try {
    return await OPENERS[stretch.codec](stretch);
  } catch (cause) {
    // In a bundle of ES modules these packages lack Node's `require`.
    throw new UniSpeechError(
      'unsupported',
      `The decoder of ${stretch.codec} could not be loaded: ${messageOf(cause)}.`,
      'Leave the packages out of a bundle (esbuild: --packages=external, or --external:NAME for webgpu and each decoder) ' +
        'and install unispeech-webgpu where the program runs.',
      { cause },
    );
  }
}

const OPENERS: Readonly<
  Record<EncodedStretch['codec'], (stretch: EncodedStretch) => Promise<PacketDecoder>>
> = {
  async flac() {
    const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
    const decoder = new FLACDecoder();
    await decoder.ready;
    return packetDecoder(decoder, (packet) => decoder.decodeFrames([packet]));
  },

  async mp3() {
    const { MPEGDecoder } = await import('mpg123-decoder');
    // The demuxer tells which samples the encoder added.
    const decoder = new MPEGDecoder({ enableGapless: false });
    await decoder.ready;
    // It gives a mono channel twice.
    return packetDecoder(decoder, (packet) => decoder.decodeFrame(packet));
  },

  async opus({ channelCount, description = new Uint8Array(0) }) {
    const { OpusDecoder } = await import('opus-decoder');
    // The description is the header `OpusHead`, with a table of streams if there are more than two channels.
    const [family = 0, streamCount = 1, coupledStreamCount = 0, ...channelMappingTable] =
      description.subarray(18);
    const decoder = new OpusDecoder({
      channels: channelCount,
      ...(family > 0 && { streamCount, coupledStreamCount, channelMappingTable }),
    });
    await decoder.ready;
    return packetDecoder(decoder, (packet) => decoder.decodeFrame(packet));
  },

  async vorbis({ description = new Uint8Array(0) }) {
    const [{ OggVorbisDecoder }, symbols] = await Promise.all([
      import('@wasm-audio-decoders/ogg-vorbis'),
      import('codec-parser'),
    ]);
    const { codecFrames, data, header, isLastPage, vorbisSetup } = symbols;
    type OggPage = Parameters<InstanceType<typeof OggVorbisDecoder>['decodeOggPages']>[0][number];
    const decoder = new OggVorbisDecoder();
    await decoder.ready;
    // The headers follow their number and the lengths of two of them.
    const [, identificationLength = 0, commentLength = 0] = description;
    const identification = description.subarray(3, 3 + identificationLength);
    const setup = description.subarray(3 + identificationLength + commentLength);
    /** The decoder reads only these parts of a page. */
    const pageOf = (parts: Readonly<Record<PropertyKey, unknown>>) =>
      ({ [isLastPage]: false, ...parts }) as unknown as OggPage;
    // Headers are sent with the first packet. Alone they would take the decoder 10 ms: it has no channel count yet, reads 36,000
    // from uninitialised memory, and makes an array for each of these channels.
    let headerPages = [pageOf({ [data]: identification, [codecFrames]: [] })];
    return packetDecoder(decoder, (packet) => {
      const pages = [
        ...headerPages,
        pageOf({ [data]: packet, [codecFrames]: [{ [data]: packet, [header]: { [vorbisSetup]: setup } }] }),
      ];
      headerPages = [];
      return decoder.decodeOggPages(pages);
    });
  },
};

function packetDecoder(
  decoder: { readonly free: () => void },
  decode: (packet: Uint8Array) => Decoded | Promise<Decoded>,
): PacketDecoder {
  return {
    async decode(packet) {
      try {
        const { channelData, errors } = await decode(packet);
        return errors.length === 0 ? channelData : [];
      } catch {
        // The packet is too large for the decoder's memory, or makes it trap.
        return [];
      }
    },
    free: () => decoder.free(),
  };
}
