/**
 * Prepares audio for a worker. Samples are copied once and the copies transferred, so that the caller's arrays stay unchanged. Files are read by the page, bit by
 * bit, when the worker asks for them, and decoded there. The page decodes what only it can: streams, and formats whose decoders workers lack.
 */
import { clipOf, isAudioBuffer } from '../audio/audio-buffer.ts';
import { isSampleArray } from '../audio/clips.ts';
import { toMono } from '../audio/downmix.ts';
import { isBlob, isUrl, isView } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import { shownLocation } from '../base/shown-location.ts';
import type { ByteStream, RandomBytes, SoundStream } from '../base/sound-stream.ts';
import { isAudioItems } from '../pipelines/audio-items.ts';
import { blobBytes } from '../pipelines/blob-bytes.ts';
import { fileName, memoryOf } from '../pipelines/byte-source.ts';
import { openItems } from '../pipelines/item-stream.ts';
import { openAudioFile, streamAudio } from '../platform/later-audio.ts';
import type { OpenRequest, SentClip } from './protocol.ts';
import type { ServedItem, ServedItems, ServedSource } from './served-sources.ts';

export interface PackedAudio<Audio = SentClip | readonly SentClip[]> {
  readonly audio: Audio;
  /** The transferable memory of `audio`, all of it copies. */
  readonly transfer: ArrayBuffer[];
}

export interface PackOptions {
  /** The model's sample rate in Hz, which is assumed for samples without a rate. */
  readonly sampleRate: number;
  readonly signal?: AbortSignal | undefined;
  /** Lets the worker read a source; gives its number. */
  readonly serve: (source: ServedSource) => number;
}

/** Passes anything but audio on unchanged; the pipeline in the worker refuses it. */
export function packAudio(source: unknown, options: PackOptions): PackedAudio {
  if (!Array.isArray(source)) return packClip(source, options);
  const packed = source.map((clip: unknown) => packClip(clip, options));
  return {
    audio: packed.map(({ audio }) => audio),
    transfer: packed.flatMap(({ transfer }) => transfer),
  };
}

export function packClip(clip: unknown, { sampleRate, signal, serve }: PackOptions): PackedAudio<SentClip> {
  const transfer: ArrayBuffer[] = [];
  /** The same samples in transferable memory. */
  const own = <T extends Copyable>(view: T): T => {
    const copy = view.slice() as T;
    transfer.push(copy.buffer as ArrayBuffer);
    return copy;
  };
  const packSignal = (signal: unknown): unknown => {
    if (isTensor(signal)) return packTensor(signal, own);
    if (Array.isArray(signal)) return signal.map((row: unknown) => (isSampleArray(row) ? own(row) : row));
    return isSampleArray(signal) ? own(signal) : signal;
  };
  const packValue = (): unknown => {
    if (isAudioBuffer(clip)) return packChannels(clipOf(clip), own);
    if (isTensor(clip)) return { raw: packTensor(clip, own), sampling_rate: sampleRate };
    if (isSampleArray(clip)) return own(clip);
    if (typeof clip !== 'object' || clip === null || Array.isArray(clip)) return clip;
    const { raw, array, ...others } = clip as Readonly<Record<string, unknown>>;
    return { ...others, ...(raw ? { raw: packSignal(raw) } : { array: packSignal(array) }) };
  };
  const file = openFile(clip, signal);
  if (file) {
    const source = serve(servedFile(file, signal));
    return { audio: { source, name: file.name, isFile: true }, transfer };
  }
  if (!isAudioItems(clip)) return { audio: { value: packValue() }, transfer };
  const source = serve({
    open: ({ maxSeconds }) =>
      servedSound(openItems(clip, 'the audio', { sampleRate, maxSeconds, signal }, streamAudio)),
  });
  return { audio: { source, name: undefined, isFile: false }, transfer };
}

function servedFile(file: OpenableFile, signal: AbortSignal | undefined): ServedSource {
  let random: Promise<RandomBytes | undefined> | undefined;
  async function* blocksOf({ form, at = 0, byteLength }: OpenRequest): AsyncGenerator<Uint8Array> {
    const bytes = file.open();
    if (form === 'bytes') yield* bytes.blocks;
    const opened = form === 'range' ? await (random ??= bytes.openRandom?.()) : undefined;
    if (opened && byteLength === undefined) yield* opened.from(at);
    else if (opened) yield opened.read(at, byteLength ?? 0);
  }
  async function* lengthOf(): AsyncGenerator<ServedItem> {
    const opened = await (random ??= file.open().openRandom?.());
    if (opened) yield { value: opened.byteLength };
  }
  return {
    open: (how) => {
      if (how.form === 'length') return lengthOf();
      if (how.form !== 'sound') return copies(blocksOf(how));
      const { maxSeconds } = how;
      const options = { mono: true, maxSeconds, signal };
      return servedSound(streamAudio(file.open(), file.name ?? 'the audio', options));
    },
    close: () => void random?.then((opened) => opened?.close()).catch(() => undefined),
  };
}

interface OpenableFile {
  /** Undefined for bytes, which have none. */
  readonly name: string | undefined;
  readonly open: () => ByteStream;
}

function openFile(clip: unknown, signal: AbortSignal | undefined): OpenableFile | undefined {
  if (typeof clip === 'string' || isUrl(clip))
    return { name: shownLocation(clip, true), open: () => openAudioFile(clip, signal) };
  const bytes = isBlob(clip) ? undefined : memoryOf(clip);
  // A copy: the caller may change the bytes while they are read.
  const blob = isBlob(clip) ? clip : bytes && new Blob([bytes as Uint8Array<ArrayBuffer>]);
  if (!blob) return undefined;
  const name = fileName(clip);
  return { name, open: () => blobBytes(blob, name ?? 'the audio') };
}

/** Copies, as a reader may keep what it has given. */
async function* copies(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<ServedItem, void, undefined> {
  for await (const block of blocks) {
    const value = block.slice();
    yield { value, transfer: [value.buffer] };
  }
}

function servedSound(sound: SoundStream): ServedItems {
  async function* items(): AsyncGenerator<ServedItem, void, undefined> {
    for await (const block of sound) {
      const mono = toMono(block).slice();
      yield { value: { channels: [mono], sampleRate: block.sampleRate }, transfer: [mono.buffer] };
    }
  }
  return {
    get news() {
      return { declaredSeconds: sound.declaredSeconds, warnings: sound.warnings };
    },
    [Symbol.asyncIterator]: items,
  };
}

/** An object with samples holds one or two channels. */
function packChannels(clip: AudioClip, own: (samples: Float32Array) => Float32Array): unknown {
  const channels = clip.channels.length <= 2 ? clip.channels : [toMono(clip)];
  return { raw: channels.map(own), sampling_rate: clip.sampleRate };
}

type Copyable = Uint8Array | Float32Array | Float64Array | Int16Array | Int32Array;

interface TensorLike {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** Checks properties, not the class: a tensor from another entry of this package has another class. */
const isTensor = (value: unknown): value is TensorLike =>
  typeof value === 'object' &&
  value !== null &&
  'dims' in value &&
  'data' in value &&
  isView(value.data, 'Float32Array');

/** A tensor `[samples]` or `[channels, samples]` as samples or rows of samples. */
function packTensor({ dims, data }: TensorLike, own: (samples: Float32Array) => Float32Array): unknown {
  const [rowCount = 0, sampleCount = 0] = dims;
  if (dims.length === 1) return own(data);
  if (dims.length === 2) {
    return Array.from({ length: rowCount }, (_, row) =>
      own(data.subarray(row * sampleCount, (row + 1) * sampleCount)),
    );
  }
  throw new UniSpeechError(
    'bad-input',
    `A pipeline got a tensor of dims [${dims.join(', ')}], expected [samples] or [channels, samples].`,
  );
}
