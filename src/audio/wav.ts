/** WAV files (RIFF/WAVE): integer PCM of 8 to 32 bits and IEEE float, any sample rate and channel count. */
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';

type SampleReader = (view: DataView, byteOffset: number) => number;

interface WavFormat {
  readonly channelCount: number;
  readonly sampleRate: number;
  readonly bytesPerSample: number;
  readonly readSample: SampleReader;
}

const TAG_PCM = 1;
const TAG_IEEE_FLOAT = 3;
const TAG_EXTENSIBLE = 0xfffe;
const OTHER_TAGS: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  6: 'A-law',
  7: 'mu-law',
  0x11: 'IMA ADPCM',
  0x31: 'GSM 6.10',
  0x55: 'MP3',
};

/** What follows the format tag in the sub-format GUID of WAVE_FORMAT_EXTENSIBLE. */
const SUB_FORMAT_TAIL = '000000001000800000aa00389b71';

/** The sample readers by encoding and bits. All integers scale to [-1, 1); eight bits are unsigned. */
const SAMPLE_READERS: Readonly<Record<string, SampleReader>> = {
  'PCM 8': (view, offset) => (view.getUint8(offset) - 128) / 2 ** 7,
  'PCM 16': (view, offset) => view.getInt16(offset, true) / 2 ** 15,
  'PCM 24': (view, offset) => ((view.getInt8(offset + 2) << 16) | view.getUint16(offset, true)) / 2 ** 23,
  'PCM 32': (view, offset) => view.getInt32(offset, true) / 2 ** 31,
  'float 32': (view, offset) => view.getFloat32(offset, true),
  'float 64': (view, offset) => view.getFloat64(offset, true),
};

/**
 * Parses a whole WAV file. Unknown chunks are skipped. A `data` chunk that declares 0 or 0xFFFFFFFF bytes, as
 * streaming writers leave it, goes to the end of the file; one that declares more bytes than the file has gives
 * the whole frames that are there, as in ffmpeg and sox.
 *
 * @param name shown in errors.
 * @throws UniSpeechError `bad-audio`.
 */
export function parseWav(bytes: Uint8Array, name: string): AudioClip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (readFourCC(view, 0) !== 'RIFF' || readFourCC(view, 8) !== 'WAVE') {
    throw malformed(name, `expected a "RIFF" header of type "WAVE" in its first 12 bytes`);
  }
  let format: WavFormat | undefined;
  for (let offset = 12; offset + 8 <= view.byteLength;) {
    const id = readFourCC(view, offset);
    const declaredByteLength = view.getUint32(offset + 4, true);
    const bodyOffset = offset + 8;
    if (id === 'fmt ') {
      format = parseFormat(view, bodyOffset, declaredByteLength, name);
    } else if (id === 'data') {
      if (format === undefined) throw malformed(name, 'its "data" chunk comes before any "fmt " chunk');
      const isStreamed = declaredByteLength === 0 || declaredByteLength === 0xffffffff;
      const bytesLeft = view.byteLength - bodyOffset;
      const byteLength = isStreamed ? bytesLeft : Math.min(declaredByteLength, bytesLeft);
      return readFrames(view, bodyOffset, byteLength, format, name);
    }
    // Chunks of odd length are followed by one byte of padding.
    offset = bodyOffset + declaredByteLength + (declaredByteLength & 1);
  }
  throw malformed(name, `it has no "${format === undefined ? 'fmt ' : 'data'}" chunk`);
}

function parseFormat(view: DataView, offset: number, declaredByteLength: number, name: string): WavFormat {
  const byteLength = Math.min(declaredByteLength, view.byteLength - offset);
  if (byteLength < 16) {
    throw malformed(name, `its "fmt " chunk has ${byteLength} bytes, expected 16 or more`);
  }
  const tag = readFormatTag(view, offset, byteLength, name);
  const channelCount = view.getUint16(offset + 2, true);
  const sampleRate = view.getUint32(offset + 4, true);
  const frameByteLength = view.getUint16(offset + 12, true);
  const bitsPerSample = view.getUint16(offset + 14, true);
  if (channelCount === 0) throw malformed(name, 'its header declares 0 channels');
  if (sampleRate === 0) throw malformed(name, 'its header declares a sample rate of 0 Hz');

  const encoding = tag === TAG_PCM ? 'PCM' : tag === TAG_IEEE_FLOAT ? 'float' : OTHER_TAGS[tag];
  const readSample = SAMPLE_READERS[`${encoding ?? ''} ${bitsPerSample}`];
  if (readSample === undefined) {
    throw new UniSpeechError(
      'bad-audio',
      `${name} is a WAV file of ${encoding ?? `format tag ${tag}`} at ${bitsPerSample} bits per sample, ` +
        'expected integer PCM of 8, 16, 24 or 32 bits or float of 32 or 64.',
      'Convert it to 16-bit PCM.',
    );
  }
  const bytesPerSample = bitsPerSample / 8;
  if (frameByteLength !== channelCount * bytesPerSample) {
    throw malformed(
      name,
      `its header declares ${frameByteLength} bytes a frame, expected ${channelCount * bytesPerSample} ` +
        `for ${channelCount} channels of ${bitsPerSample} bits`,
    );
  }
  return { channelCount, sampleRate, bytesPerSample, readSample };
}

/** The format tag: WAVE_FORMAT_EXTENSIBLE keeps it at the start of the sub-format GUID. */
function readFormatTag(view: DataView, offset: number, byteLength: number, name: string): number {
  const tag = view.getUint16(offset, true);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (byteLength < 40) {
    throw malformed(name, `its extensible "fmt " chunk has ${byteLength} bytes, expected 40`);
  }
  const tail = Array.from({ length: 14 }, (_, index) =>
    view
      .getUint8(offset + 26 + index)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
  if (tail !== SUB_FORMAT_TAIL) {
    throw malformed(name, `its extensible "fmt " chunk has an unknown sub-format`);
  }
  return view.getUint16(offset + 24, true);
}

function readFrames(
  view: DataView,
  offset: number,
  byteLength: number,
  format: WavFormat,
  name: string,
): AudioClip {
  const { channelCount, sampleRate, bytesPerSample, readSample } = format;
  const frameByteLength = channelCount * bytesPerSample;
  const frameCount = Math.floor(byteLength / frameByteLength);
  if (frameCount === 0) {
    throw malformed(
      name,
      `its "data" chunk has ${byteLength} bytes, less than one frame of ${frameByteLength}`,
    );
  }
  const channels = Array.from({ length: channelCount }, (_, channel) => {
    const samples = new Float32Array(frameCount);
    let sampleOffset = offset + channel * bytesPerSample;
    for (let frame = 0; frame < frameCount; frame += 1, sampleOffset += frameByteLength) {
      samples[frame] = readSample(view, sampleOffset);
    }
    return samples;
  });
  return { channels, sampleRate };
}

/** The four characters at `offset`, fewer at the end of the file. */
function readFourCC(view: DataView, offset: number): string {
  let text = '';
  for (let index = offset; index < Math.min(offset + 4, view.byteLength); index += 1) {
    text += String.fromCharCode(view.getUint8(index));
  }
  return text;
}

function malformed(name: string, what: string): UniSpeechError {
  return new UniSpeechError('bad-audio', `${name} is not a readable WAV file: ${what}.`);
}
