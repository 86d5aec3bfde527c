/** Files of plain samples: WAV and AIFF. */
import { encodeSamples, formatChunk, riff, chunk, writeWav } from '../../audio/write-wav.ts';
import { asciiBytes, joinBytes } from '../mutate-bytes.ts';
import { type AudioSeed, audioTarget, keepsBytes } from './audio-target.ts';

const SAMPLES = Array.from({ length: 400 }, (_, index) => Math.sin(index / 5) / 2);

/** Sound begins where the samples do: what lies before is the header. */
const wavSeed = (
  name: string,
  spec: Pick<Parameters<typeof writeWav>[0], 'tag' | 'bits' | 'isExtensible' | 'extraChunks'>,
  channelCount = 1,
): AudioSeed => {
  const data = encodeSamples(SAMPLES, spec.tag, spec.bits);
  const bytes = writeWav({ ...spec, sampleRate: 16_000, channelCount, data });
  return { name, bytes, soundStart: bytes.length - data.length };
};

const wavSeeds = (): readonly AudioSeed[] => {
  const format = formatChunk({ tag: 1, bits: 16, sampleRate: 8000, channelCount: 1, data: new Uint8Array() });
  const data = chunk('data', encodeSamples(SAMPLES, 1, 16));
  const listFirst = riff(chunk('LIST', asciiBytes('INFOISFT')), format, data);
  return [
    wavSeed('16 bits', { tag: 1, bits: 16 }),
    wavSeed('8 bits, 2 channels', { tag: 1, bits: 8 }, 2),
    wavSeed('24 bits, extensible', { tag: 1, bits: 24, isExtensible: true }),
    wavSeed('float', { tag: 3, bits: 32 }),
    { name: 'LIST in front', bytes: listFirst, soundStart: listFirst.length - 2 * SAMPLES.length },
  ];
};

export const wav = audioTarget({
  name: 'wav',
  about: 'WAV of 8, 16 and 24 bits, float, extensible, with a LIST chunk',
  extension: 'wav',
  seeds: wavSeeds,
  tokens: ['RIFF', 'RF64', 'BW64', 'WAVE', 'fmt ', 'data', 'LIST', 'fact', 'ds64', 'bext'],
  mustKeep: (edits, { soundStart }) => edits.every((edit) => keepsBytes(edit) && edit.offset >= soundStart),
});

const bigEndian = (byteLength: number, value: number): Uint8Array =>
  Uint8Array.from({ length: byteLength }, (_, index) => (value / 256 ** (byteLength - 1 - index)) & 255);

function aiffSeed(): AudioSeed {
  const samples = encodeSamples(SAMPLES, 1, 16);
  for (let offset = 0; offset < samples.length; offset += 2) samples.subarray(offset, offset + 2).reverse();
  // 16,000 as an 80-bit float: the exponent of 2^13, and the mantissa.
  const rate = [0x40, 0x0c, 0xfa, 0, 0, 0, 0, 0, 0, 0];
  const common = joinBytes(
    asciiBytes('COMM'),
    bigEndian(4, 18),
    bigEndian(2, 1),
    bigEndian(4, SAMPLES.length),
    bigEndian(2, 16),
    Uint8Array.from(rate),
  );
  const sound = joinBytes(asciiBytes('SSND'), bigEndian(4, 8 + samples.length), new Uint8Array(8), samples);
  const content = joinBytes(asciiBytes('AIFF'), common, sound);
  const bytes = joinBytes(asciiBytes('FORM'), bigEndian(4, content.length), content);
  return { name: '16 bits', bytes, soundStart: bytes.length - samples.length };
}

export const aiff = audioTarget({
  name: 'aiff',
  about: 'AIFF of 16 bits',
  extension: 'aiff',
  seeds: () => [aiffSeed()],
  tokens: ['FORM', 'AIFF', 'AIFC', 'COMM', 'SSND', 'sowt', 'NONE', 'FVER'],
  mustKeep: (edits, { soundStart }) => edits.every((edit) => keepsBytes(edit) && edit.offset >= soundStart),
});
