/** AIFF and AIFF-C files: PCM of 8 to 32 bits, IEEE float, A-law and mu-law. */
import { textAt, viewOf } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import { readChunks } from './chunks.ts';
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

interface AiffFormat extends PcmFormat {
  readonly frameCount: number;
}

const COMMON_BYTES = 18;
/** Bytes before the samples: their offset, and a block size that nothing uses. */
const SOUND_HEADER_BYTES = 8;
const MAX_PADDING_SECONDS = 0.05;

/**
 * Parses a whole AIFF file. A cut file gives the complete frames that it still has, and a warning.
 *
 * @param name shown in errors.
 * @throws UniSpeechError `bad-audio`; `unsupported` for encodings that another decoder may know.
 */
export function parseAiff(bytes: Uint8Array, name: string, options: ReadOptions = {}): AudioClip {
  let format: AiffFormat | undefined;
  let sound: Uint8Array | undefined;
  for (const { id, body, rest, declaredByteLength } of readChunks(bytes, false)) {
    if (id === 'COMM') format ??= parseCommon(body, name);
    // Programs that write to a pipe cannot fill in the size.
    else if (id === 'SSND') sound ??= declaredByteLength <= SOUND_HEADER_BYTES ? rest : body;
  }
  if (format === undefined || sound === undefined) {
    throw malformed(name, `it has no "${format === undefined ? 'COMM' : 'SSND'}" chunk`);
  }
  const { channelCount, sampleRate, encoding } = format;
  const offset = sound.length < SOUND_HEADER_BYTES ? 0 : viewOf(sound).getUint32(0);
  const frameByteLength = channelCount * encoding.byteLength;
  const declaredByteLength = format.frameCount * frameByteLength;
  const samples = sound.subarray(SOUND_HEADER_BYTES + offset);
  // If more than padding follows the counted frames, the count was written before the writer stopped.
  const surplus = samples.length - declaredByteLength;
  const isCounted = format.frameCount > 0 && surplus <= sampleRate * frameByteLength * MAX_PADDING_SECONDS;
  const body = isCounted ? samples.subarray(0, declaredByteLength) : samples;
  if (body.length < frameByteLength) {
    throw malformed(
      name,
      `its "SSND" chunk has ${body.length} bytes of samples, less than one frame of ${frameByteLength}`,
    );
  }
  const clip = readPcm([body], format, name, options);
  const warnings = missingWarning(declaredByteLength, body.length, sampleRate * frameByteLength);
  return warnings.length > 0 ? { ...clip, warnings } : clip;
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
      return byteLength === 1 ? UNSIGNED_BYTES : undefined;
    case 'fl32':
      return floats(4, false);
    case 'fl64':
      return floats(8, false);
    case 'alaw':
      return A_LAW;
    case 'ulaw':
      return MU_LAW;
    default:
      return undefined;
  }
}

function malformed(name: string, what: string): UniSpeechError {
  return new UniSpeechError('bad-audio', `${name} is not a readable AIFF file: ${what}.`);
}
