/** AIFF and AIFF-C files: PCM of 8 to 32 bits, IEEE float, A-law and mu-law. */
import { textAt, viewOf } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ByteWindow } from './byte-window.ts';
import { type Chunk, ChunkReader, type Waiting } from './chunks.ts';
import { type OpenReader, type PcmOutput, PcmReader } from './pcm-reader.ts';
import {
  aLaw,
  checkHeader,
  type Encoding,
  floats,
  integers,
  missingWarning,
  muLaw,
  type PcmFormat,
  unsignedBytes,
} from './pcm.ts';

interface AiffFormat extends PcmFormat {
  readonly frameCount: number;
}

const COMMON_BYTES = 18;
/** With the encoding of AIFF-C. Nothing behind it is read. */
const MAX_COMMON_BYTES = COMMON_BYTES + 4;
/** Bytes before the samples: their offset, and a block size that nothing uses. */
const SOUND_HEADER_BYTES = 8;
const MAX_PADDING_SECONDS = 0.05;

/**
 * Reads an AIFF file while its bytes come. A cut file gives the complete frames that it still has, and a warning.
 * @throws UniSpeechError `bad-audio`; `unsupported` for encodings that another decoder may know.
 */
export const openAiff: OpenReader = (name, options) => new PcmReader(readAiff, name, options);

function* readAiff(window: ByteWindow, output: PcmOutput, name: string): Waiting {
  const chunks = new ChunkReader(window, false);
  let format: AiffFormat | undefined;
  let sound: Chunk | undefined;
  while (!format || !sound) {
    const chunk = yield* chunks.next();
    if (!chunk) throw malformed(name, `it has no "${format === undefined ? 'COMM' : 'SSND'}" chunk`);
    if (chunk.id === 'COMM') format ??= parseCommon(yield* chunks.head(chunk, MAX_COMMON_BYTES), name);
    else if (chunk.id === 'SSND' && !sound) {
      sound = chunk;
      chunks.keep(chunk.start);
    }
  }
  const { channelCount, sampleRate, encoding, frameCount } = format;
  const frameByteLength = channelCount * encoding.byteLength;
  const declaredByteLength = frameCount * frameByteLength;
  if (frameCount > 0) output.declaredSeconds = frameCount / sampleRate;
  const add = (piece: Uint8Array): void => output.add(piece, format);
  // Programs that write to a pipe cannot fill in the size.
  const end = sound.declaredByteLength <= SOUND_HEADER_BYTES ? Infinity : sound.end;
  const header = yield* chunks.bytesAt(sound.start, Math.min(end - sound.start, SOUND_HEADER_BYTES));
  const offset = header.length < SOUND_HEADER_BYTES ? 0 : viewOf(header).getUint32(0);
  const start = sound.start + SOUND_HEADER_BYTES + offset;
  const countedEnd = frameCount > 0 ? Math.min(end, start + declaredByteLength) : end;
  let byteLength = yield* chunks.read(start, countedEnd, frameByteLength, add);
  // If more than padding follows the counted frames, the count was written before the writer stopped.
  const paddingByteLength = Math.floor(sampleRate * frameByteLength * MAX_PADDING_SECONDS);
  const surplusEnd = Math.min(end, countedEnd + paddingByteLength + 1);
  if ((yield* chunks.waitFor(countedEnd, surplusEnd)) > paddingByteLength)
    byteLength += yield* chunks.read(countedEnd, end, frameByteLength, add);
  yield* chunks.waitForEnd();
  if (byteLength < frameByteLength) {
    throw malformed(
      name,
      `its "SSND" chunk has ${byteLength} bytes of samples, less than one frame of ${frameByteLength}`,
    );
  }
  output.warnings.push(...missingWarning(declaredByteLength, byteLength, sampleRate * frameByteLength));
}

function parseCommon(body: Uint8Array, name: string): AiffFormat {
  if (body.length < COMMON_BYTES) {
    throw malformed(name, `its "COMM" chunk has ${body.length} bytes, expected ${COMMON_BYTES} or more`);
  }
  const view = viewOf(body);
  const channelCount = view.getUint16(0);
  const frameCount = view.getUint32(2);
  const bitsPerSample = view.getUint16(6);
  // An 80-bit float: sign and exponent, then 64 bits with the point behind the first.
  const exponent = (view.getUint16(8) & 0x7fff) - 16_383;
  const sampleRate = Math.round(Number(view.getBigUint64(10)) * 2 ** (exponent - 63));
  checkHeader(name, channelCount, sampleRate);
  const compression = textAt(body, COMMON_BYTES, 4) || 'NONE';
  const encoding = encodingOf(compression, Math.ceil(bitsPerSample / 8));
  if (encoding === undefined) {
    throw new UniSpeechError(
      'unsupported',
      `${name} is an AIFF file of encoding "${compression}" at ${bitsPerSample} bits per sample, ` +
        'expected integer PCM of 8 to 32 bits, float of 32 or 64, A-law or mu-law.',
      'Convert it to 16-bit PCM.',
    );
  }
  return { channelCount, sampleRate, encoding, frameCount };
}

function encodingOf(compression: string, byteLength: number): Encoding | undefined {
  switch (compression.toLowerCase()) {
    case 'none':
    case 'twos':
      return integers(byteLength, false);
    case 'sowt':
      return integers(byteLength, true);
    case 'in24':
      return integers(3, false);
    case 'in32':
      return integers(4, false);
    case 'raw ':
      return byteLength === 1 ? unsignedBytes() : undefined;
    case 'fl32':
      return floats(4, false);
    case 'fl64':
      return floats(8, false);
    case 'alaw':
      return aLaw();
    case 'ulaw':
      return muLaw();
    default:
      return undefined;
  }
}

function malformed(name: string, what: string): UniSpeechError {
  return new UniSpeechError('bad-audio', `${name} is not a readable AIFF file: ${what}.`);
}
