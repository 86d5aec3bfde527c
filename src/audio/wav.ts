/** WAV files (RIFF, RF64 and BW64): PCM of 8 to 32 bits, IEEE float, A-law, mu-law and IMA ADPCM. */
import { hexOf, textAt, viewOf } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ByteWindow } from './byte-window.ts';
import {
  type Chunk,
  CHUNK_HEADER_BYTES,
  ChunkReader,
  FILE_HEADER_BYTES,
  UNKNOWN_SIZE,
  type Waiting,
} from './chunks.ts';
import { decodeIma, imaFrameCount } from './ima-adpcm.ts';
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

interface WavFormat extends PcmFormat {
  /** Of the header. */
  readonly tag: number;
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
/** Programs that write to a pipe do not know the size. They write 0, or a value around 2 GiB or just below 4 GiB. */
const MIN_STREAMED_BYTES = 0x7fff0000;
/** Of a `fmt ` chunk, nothing behind them is read. */
const EXTENSIBLE_FORMAT_BYTES = 40;
/** Fewer bytes than this after the samples are padding. */
const MIN_LOST_SECONDS = 0.05;

/** Reads a WAV file while its bytes come. The sound is that of `parseWav`. */
export const openWav: OpenReader = (name, options) => new PcmReader(readWav, name, options);

export function* readWav(window: ByteWindow, output: PcmOutput, name: string): Waiting {
  const chunks = new ChunkReader(window, true);
  yield* chunks.waitFor(0, FILE_HEADER_BYTES);
  const header = textAt(window.bytes, 0, FILE_HEADER_BYTES);
  if (!/^(RIFF|RF64|BW64)$/.test(header.slice(0, 4)) || header.slice(8) !== 'WAVE') {
    throw malformed(name, `expected a "RIFF" header of type "WAVE" in its first 12 bytes`);
  }
  let format: WavFormat | undefined;
  let declaredByteLength = 0;
  let byteLength = 0;
  let hasData = false;
  /** `data` chunks before their format. */
  let early: Chunk[] = [];
  const readData = function* ({ declaredByteLength: size, start, end }: Chunk, of: WavFormat): Waiting {
    const isStreamed = isPlaceholder(size);
    if (!isStreamed) output.declaredSeconds ??= size / of.bytesPerSecond;
    const { imaBlockByteLength, channelCount, encoding } = of;
    const unit = imaBlockByteLength ?? channelCount * encoding.byteLength;
    const read = (from: number, to: number): Waiting<number> =>
      chunks.read(from, to, unit, (piece) =>
        output.add(imaBlockByteLength ? decodeIma(piece, imaBlockByteLength, channelCount) : piece, of),
      );
    let found: number;
    if (isStreamed && !isEndless(size)) {
      // The sound may go on, also in the middle of a frame.
      const wholeEnd = end - (size % unit);
      found = yield* read(start, wholeEnd);
      const rest = yield* chunks.bytesAt(wholeEnd, end - wholeEnd + 1 + CHUNK_HEADER_BYTES);
      const isOver = [end, end + 1].some((place) => startsChunk(rest.subarray(place - wholeEnd)));
      found += yield* read(wholeEnd, isOver ? end : Infinity);
    } else found = yield* read(start, isEndless(size) ? Infinity : end);
    byteLength += found;
    declaredByteLength += isStreamed ? found : size;
  };
  for (let chunk = yield* chunks.next(); chunk; chunk = yield* chunks.next()) {
    if (chunk.id === 'fmt ') {
      const next = parseFormat(yield* chunks.head(chunk, EXTENSIBLE_FORMAT_BYTES), name);
      if (format !== undefined && !isSame(format, next)) {
        const restByteLength = (yield* chunks.waitForEnd()) - chunk.start;
        output.warnings.push(
          `${restByteLength} bytes of samples in another format follow, which are left out.`,
        );
        break;
      }
      format = next;
      for (const data of early) yield* readData(data, format);
      early = [];
    } else if (chunk.id === 'data') {
      hasData = true;
      if (format) yield* readData(chunk, format);
      else {
        early.push(chunk);
        chunks.keep(chunk.start);
      }
      if (isEndless(chunk.declaredByteLength)) break;
    } else if (format !== undefined && hasData && !/^[ -~]{4}$/.test(chunk.id)) {
      // These are most likely samples, because the size was written before the writer stopped.
      const lostByteLength = CHUNK_HEADER_BYTES + (yield* chunks.waitForEnd()) - chunk.start;
      if (lostByteLength > format.bytesPerSecond * MIN_LOST_SECONDS) {
        output.warnings.push(
          `${lostByteLength} bytes behind its samples are no chunk of a WAV file and are left out.`,
        );
      }
      break;
    }
  }
  if (format === undefined || !hasData) {
    throw malformed(name, `it has no "${format === undefined ? 'fmt ' : 'data'}" chunk`);
  }
  yield* chunks.waitForEnd();
  if (output.frameCount === 0) {
    const frameByteLength = format.imaBlockByteLength ?? format.channelCount * format.encoding.byteLength;
    throw malformed(
      name,
      `its "data" chunk has ${byteLength} bytes, less than one frame of ${frameByteLength}`,
    );
  }
  output.warnings.push(...missingWarning(declaredByteLength, byteLength, format.bytesPerSecond));
}

/** Whether a chunk of this size reaches to the end of the file, where that may be further than any header can declare. */
const isEndless = (byteLength: number): boolean => byteLength === 0 || byteLength === UNKNOWN_SIZE;

/** Whether a writer that did not know the size left this one. */
const isPlaceholder = (byteLength: number): boolean =>
  byteLength === 0 || (byteLength >= MIN_STREAMED_BYTES && (byteLength + 2 ** 16) % 2 ** 31 < 2 ** 17);

/** Chunks behind the samples are small, unless they are more samples. */
const MAX_LAST_CHUNK_BYTES = 2 ** 24;

/** Whether these bytes look like the header of a chunk, and not like samples. */
function startsChunk(header: Uint8Array): boolean {
  if (header.length < CHUNK_HEADER_BYTES) return false;
  const id = textAt(header, 0, 4);
  const size = viewOf(header).getUint32(4, true);
  return /^(RIFF|RF64|BW64|data)$/.test(id) || (/^[\w ]{4}$/.test(id) && size < MAX_LAST_CHUNK_BYTES);
}

const isSame = (a: WavFormat, b: WavFormat): boolean =>
  a.tag === b.tag &&
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
  const plain = { tag, channelCount, sampleRate };

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
  if (TAG_NAMES[tag] === 'A-law' && bitsPerSample === 8) return aLaw();
  if (TAG_NAMES[tag] === 'mu-law' && bitsPerSample === 8) return muLaw();
  if (tag === TAG_IEEE_FLOAT) return floats(bitsPerSample / 8, true);
  if (tag !== TAG_PCM) return undefined;
  const byteLength = Math.ceil(bitsPerSample / 8);
  // Integers of up to eight bits are unsigned. Three bytes may lie in four.
  return byteLength === 1
    ? unsignedBytes()
    : integers(byteLength === 3 && container === 4 ? 4 : byteLength, true);
}

/** The format tag: WAVE_FORMAT_EXTENSIBLE keeps it at the start of the sub-format GUID. */
function readFormatTag(body: Uint8Array, name: string): number {
  const view = viewOf(body);
  const tag = view.getUint16(0, true);
  if (tag !== TAG_EXTENSIBLE) return tag;
  if (body.length < EXTENSIBLE_FORMAT_BYTES) {
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
