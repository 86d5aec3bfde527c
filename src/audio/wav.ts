/** WAV files (RIFF, RF64 and BW64): PCM of 8 to 32 bits, IEEE float, A-law, mu-law and IMA ADPCM. */
import { hexOf, textAt, viewOf } from '../base/bytes.ts';
import { isView } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import { badInput, checkObject, checkString } from '../base/option-checks.ts';
import { CHUNK_HEADER_BYTES, readChunks } from './chunks.ts';
import { decodeIma, imaFrameCount } from './ima-adpcm.ts';
import {
  A_LAW,
  checkHeader,
  type Encoding,
  floats,
  integers,
  missingWarning,
  MU_LAW,
  type PcmFormat,
  type ReadOptions,
  readPcm,
  UNSIGNED_BYTES,
} from './pcm.ts';

interface WavFormat extends PcmFormat {
  /** Byte length of an IMA ADPCM block; the blocks decode to `encoding`. */
  readonly imaBlockByteLength?: number;
  readonly bytesPerSecond: number;
}

const TAG_PCM = 1;
const TAG_IEEE_FLOAT = 3;
const TAG_IMA_ADPCM = 0x11;
const TAG_EXTENSIBLE = 0xfffe;
const TAG_NAMES: Readonly<Record<number, string>> = {
  1: 'PCM',
  2: 'Microsoft ADPCM',
  3: 'float',
  6: 'A-law',
  7: 'mu-law',
  0x11: 'IMA ADPCM',
  0x31: 'GSM 6.10',
  0x55: 'MP3',
};

/** The bytes after the format tag in the sub-format GUID of WAVE_FORMAT_EXTENSIBLE. */
const SUB_FORMAT_TAIL = '000000001000800000aa00389b71';
const CONVERT = 'Convert it to 16-bit PCM.';
/** Programs that write to a pipe do not know the size. They write 0 or one of the largest values. */
const MIN_STREAMED_BYTES = 0x7fff0000;
/** Fewer bytes than this after the samples are padding. */
const MIN_LOST_SECONDS = 0.05;

/**
 * Parses a whole WAV file. Unknown chunks are skipped. A `data` chunk without a size, as streaming writers leave it,
 * extends to the end of the file. If a chunk declares more bytes than the file has, the existing whole frames are decoded, as in
 * ffmpeg and sox, with a warning.
 *
 * @param name shown in errors.
 * @throws UniSpeechError `bad-audio`; `unsupported` for encodings that another decoder may know.
 */
export function parseWav(bytes: Uint8Array, name = 'The audio', options: ReadOptions = {}): AudioClip {
  checkString('name', name);
  checkObject('The options of parseWav', options);
  if (!isView(bytes, 'Uint8Array')) throw badInput('bytes', bytes, 'a Uint8Array');
  if (!/^(RIFF|RF64|BW64)$/.test(textAt(bytes, 0, 4)) || textAt(bytes, 8, 4) !== 'WAVE') {
    throw malformed(name, `expected a "RIFF" header of type "WAVE" in its first 12 bytes`);
  }
  let format: WavFormat | undefined;
  let declaredByteLength = 0;
  const bodies: Uint8Array[] = [];
  const warnings: string[] = [];
  for (const chunk of readChunks(bytes, true)) {
    if (chunk.id === 'fmt ') {
      const next = parseFormat(chunk.body, name);
      if (format !== undefined && !isSame(format, next)) {
        warnings.push(`${chunk.rest.length} bytes of samples in another format follow, which are left out.`);
        break;
      }
      format = next;
    } else if (chunk.id === 'data') {
      const size = chunk.declaredByteLength;
      const isStreamed = size === 0 || (size >= MIN_STREAMED_BYTES && size > chunk.rest.length);
      bodies.push(size === 0 ? chunk.rest : chunk.body);
      declaredByteLength += isStreamed ? chunk.rest.length : size;
      if (size === 0) break;
    } else if (format !== undefined && bodies.length > 0 && !/^[ -~]{4}$/.test(chunk.id)) {
      // These are most likely samples, because the size was written before the writer stopped.
      const byteLength = CHUNK_HEADER_BYTES + chunk.rest.length;
      if (byteLength > format.bytesPerSecond * MIN_LOST_SECONDS)
        warnings.push(`${byteLength} bytes behind its samples are no chunk of a WAV file and are left out.`);
      break;
    }
  }
  if (format === undefined || bodies.length === 0) {
    throw malformed(name, `it has no "${format === undefined ? 'fmt ' : 'data'}" chunk`);
  }
  const { imaBlockByteLength, channelCount, encoding, bytesPerSecond } = format;
  const byteLength = bodies.reduce((sum, { length }) => sum + length, 0);
  const clip = readPcm(
    imaBlockByteLength ? bodies.map((body) => decodeIma(body, imaBlockByteLength, channelCount)) : bodies,
    format,
    name,
    options,
  );
  if (clip.channels[0]?.length === 0) {
    const frameByteLength = imaBlockByteLength ?? channelCount * encoding.byteLength;
    throw malformed(
      name,
      `its "data" chunk has ${byteLength} bytes, less than one frame of ${frameByteLength}`,
    );
  }
  warnings.push(...missingWarning(declaredByteLength, byteLength, bytesPerSecond));
  return warnings.length > 0 ? { ...clip, warnings } : clip;
}

const isSame = (a: WavFormat, b: WavFormat): boolean =>
  a.sampleRate === b.sampleRate &&
  a.channelCount === b.channelCount &&
  a.encoding.byteLength === b.encoding.byteLength &&
  a.imaBlockByteLength === b.imaBlockByteLength;

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
  checkHeader(name, channelCount, sampleRate);
  const plain = { channelCount, sampleRate };

  if (tag === TAG_IMA_ADPCM && bitsPerSample === 4) {
    const framesPerBlock = imaFrameCount(frameByteLength, channelCount);
    const encoding = integers(2, true);
    if (framesPerBlock < 2 || !encoding)
      throw malformed(name, `its header declares blocks of ${frameByteLength} bytes`);
    const bytesPerSecond = (sampleRate / framesPerBlock) * frameByteLength;
    return { ...plain, encoding, imaBlockByteLength: frameByteLength, bytesPerSecond };
  }
  const encoding = encodingOf(tag, bitsPerSample, frameByteLength / channelCount);
  if (encoding === undefined) {
    throw new UniSpeechError(
      'unsupported',
      `${name} is a WAV file of ${TAG_NAMES[tag] ?? `format tag ${tag}`} at ${bitsPerSample} bits per sample, ` +
        'expected integer PCM of 8 to 32 bits, float of 32 or 64, A-law, mu-law or IMA ADPCM.',
      CONVERT,
    );
  }
  const expected = channelCount * encoding.byteLength;
  // A declared frame size that is too small is wrong but harmless. One that is too large may mean anything.
  if (frameByteLength > expected) {
    throw malformed(
      name,
      `its header declares ${frameByteLength} bytes per frame, expected ${expected} ` +
        `for ${channelCount} channels of ${bitsPerSample} bits`,
    );
  }
  return { ...plain, encoding, bytesPerSecond: sampleRate * expected };
}

/** @param container bytes per sample, according to the frame size. */
function encodingOf(tag: number, bitsPerSample: number, container: number): Encoding | undefined {
  if (TAG_NAMES[tag] === 'A-law' && bitsPerSample === 8) return A_LAW;
  if (TAG_NAMES[tag] === 'mu-law' && bitsPerSample === 8) return MU_LAW;
  if (tag === TAG_IEEE_FLOAT) return floats(bitsPerSample / 8, true);
  if (tag !== TAG_PCM) return undefined;
  const byteLength = Math.ceil(bitsPerSample / 8);
  // Integers of up to eight bits are unsigned. Three bytes may lie in four.
  return byteLength === 1
    ? UNSIGNED_BYTES
    : integers(byteLength === 3 && container === 4 ? 4 : byteLength, true);
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
    throw new UniSpeechError('unsupported', `${name} is a WAV file of an unknown sub-format.`, CONVERT);
  }
  return view.getUint16(24, true);
}

function malformed(name: string, what: string): UniSpeechError {
  return new UniSpeechError('bad-audio', `${name} is not a readable WAV file: ${what}.`);
}
