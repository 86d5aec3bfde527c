/** A small WAV writer, so that tests control every byte of the header. */

export interface WavSpec {
  /** 1 PCM, 3 float. */
  readonly tag: number;
  readonly bits: number;
  readonly sampleRate: number;
  readonly channelCount: number;
  /** The content of the data chunk. */
  readonly data: Uint8Array;
  readonly isExtensible?: boolean;
  /** Instead of the true byte length of the data. */
  readonly declaredDataBytes?: number;
  /** Chunks between the format and the data. */
  readonly extraChunks?: readonly { readonly id: string; readonly body: Uint8Array }[];
}

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const u16 = (value: number) => [value & 255, (value >> 8) & 255];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];

export const chunk = (id: string, body: Iterable<number>, declaredBytes?: number): number[] => {
  const bytes = [...body];
  return [
    ...ascii(id),
    ...u32(declaredBytes ?? bytes.length),
    ...bytes,
    ...(bytes.length % 2 === 1 ? [0] : []),
  ];
};

export const riff = (...chunks: readonly number[][]): Uint8Array =>
  Uint8Array.from(chunk('RIFF', [...ascii('WAVE'), ...chunks.flat()]));

export function formatChunk({
  tag,
  bits,
  sampleRate,
  channelCount,
  isExtensible = false,
}: WavSpec): number[] {
  const frameBytes = (channelCount * bits) / 8;
  const plain = [
    ...u16(isExtensible ? 0xfffe : tag),
    ...u16(channelCount),
    ...u32(sampleRate),
    ...u32(sampleRate * frameBytes),
    ...u16(frameBytes),
    ...u16(bits),
  ];
  const guidTail = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
  const extension = isExtensible ? [...u16(22), ...u16(bits), ...u32(0), ...u16(tag), ...guidTail] : [];
  return chunk('fmt ', [...plain, ...extension]);
}

export const writeWav = (spec: WavSpec): Uint8Array =>
  riff(
    formatChunk(spec),
    ...(spec.extraChunks ?? []).map(({ id, body }) => chunk(id, body)),
    chunk('data', spec.data, spec.declaredDataBytes),
  );

/** Interleaved samples in [-1, 1) as the bytes of one sample format. */
export function encodeSamples(samples: readonly number[], tag: number, bits: number): Uint8Array {
  const bytes = new Uint8Array((samples.length * bits) / 8);
  const view = new DataView(bytes.buffer);
  samples.forEach((sample, index) => {
    const offset = (index * bits) / 8;
    if (tag === 3 && bits === 32) view.setFloat32(offset, sample, true);
    else if (tag === 3) view.setFloat64(offset, sample, true);
    else {
      const integer = BigInt(Math.round(sample * 2 ** (bits - 1))) + (bits === 8 ? 128n : 0n);
      for (let byte = 0; byte < bits / 8; byte += 1) {
        bytes[offset + byte] = Number((integer >> BigInt(8 * byte)) & 255n);
      }
    }
  });
  return bytes;
}
