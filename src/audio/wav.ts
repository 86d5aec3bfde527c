/** WAV files (RIFF/WAVE): integer PCM of 8 to 32 bits and IEEE float, any sample rate and channel count. */
import { hexOf, textAt, viewOf } from '../base/bytes.ts';
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
  if (textAt(bytes, 0, 4) !== 'RIFF' || textAt(bytes, 8, 4) !== 'WAVE') {
    throw malformed(name, `expected a "RIFF" header of type "WAVE" in its first 12 bytes`);
  }
  let format: WavFormat | undefined;
  for (let offset = 12; offset + 8 <= bytes.length;) {
    const id = textAt(bytes, offset, 4);
    const declaredByteLength = viewOf(bytes).getUint32(offset + 4, true);
    const rest = bytes.subarray(offset + 8);
    const body = rest.subarray(0, declaredByteLength);
    if (id === 'fmt ') {
      format = parseFormat(body, name);
    } else if (id === 'data') {
      if (format === undefined) throw malformed(name, 'its "data" chunk comes before any "fmt " chunk');
      const isStreamed = declaredByteLength === 0 || declaredByteLength === 0xffffffff;
      return readFrames(isStreamed ? rest : body, format, name);
    }
    // Chunks of odd length are followed by one byte of padding.
    offset += 8 + declaredByteLength + (declaredByteLength & 1);
  }
  throw malformed(name, `it has no "${format === undefined ? 'fmt ' : 'data'}" chunk`);
}

function parseFormat(body: Uint8Array, name: string): WavFormat {
  if (body.length < 16) {
    throw malformed(name, `its "fmt " chunk has ${body.length} bytes, expected 16 or more`);
  }
  const view = viewOf(body);
  const tag = readFormatTag(body, name);
  const channelCount = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const frameByteLength = view.getUint16(12, true);
  const bitsPerSample = view.getUint16(14, true);
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
function readFormatTag(body: Uint8Array, name: string): number {
  const view = viewOf(body);
  const tag = view.getUint16(0, true);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (body.length < 40) {
    throw malformed(name, `its extensible "fmt " chunk has ${body.length} bytes, expected 40`);
  }
  if (hexOf(body.subarray(26, 40)).join('') !== SUB_FORMAT_TAIL) {
    throw malformed(name, `its extensible "fmt " chunk has an unknown sub-format`);
  }
  return view.getUint16(24, true);
}

function readFrames(body: Uint8Array, format: WavFormat, name: string): AudioClip {
  const { channelCount, sampleRate, bytesPerSample, readSample } = format;
  const frameByteLength = channelCount * bytesPerSample;
  const frameCount = Math.floor(body.length / frameByteLength);
  if (frameCount === 0) {
    throw malformed(
      name,
      `its "data" chunk has ${body.length} bytes, less than one frame of ${frameByteLength}`,
    );
  }
  const view = viewOf(body);
  const channels = Array.from({ length: channelCount }, (_, channel) => {
    const samples = new Float32Array(frameCount);
    let offset = channel * bytesPerSample;
    for (let frame = 0; frame < frameCount; frame += 1, offset += frameByteLength) {
      samples[frame] = readSample(view, offset);
    }
    return samples;
  });
  return { channels, sampleRate };
}

function malformed(name: string, what: string): UniSpeechError {
  return new UniSpeechError('bad-audio', `${name} is not a readable WAV file: ${what}.`);
}
