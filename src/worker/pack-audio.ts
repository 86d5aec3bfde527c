/**
 * Prepares audio for transfer to the worker. Files are fetched and decoded on the page, because some browsers decode compressed audio
 * only there. Samples are copied once and the copies transferred, so that the caller's arrays stay unchanged.
 */
import { clipOf, isAudioBuffer } from '../audio/audio-buffer.ts';
import { readAll } from '../audio/byte-stream.ts';
import { isSampleArray } from '../audio/clips.ts';
import { toMono } from '../audio/downmix.ts';
import { sniffAudioFormat } from '../audio/container.ts';
import { joinSamples } from '../audio/channels.ts';
import { DEFAULT_MAX_SECONDS } from '../audio/duration.ts';
import { monoStream, namedWarning } from '../audio/mono-stream.ts';
import { parseWav } from '../audio/wav.ts';
import { isBlob, isUrl, isView } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import { shownLocation } from '../base/shown-location.ts';
import { fileName, memoryOf, readBlob } from '../pipelines/byte-source.ts';
import { type AudioItems, isAudioItems, openItems } from '../pipelines/item-stream.ts';
import { decodeAudio, openAudioFile, streamAudio } from '../platform/later-audio.ts';

export interface PackedAudio {
  readonly audio: unknown;
  /** The transferable memory of `audio`: copies, or samples decoded here. */
  readonly transfer: ArrayBuffer[];
  /** Warnings per clip about damaged or missing parts of its file. */
  readonly warnings: readonly (readonly string[])[];
}

export interface PackOptions {
  /** The model's sample rate in Hz, which is assumed for samples without a rate. */
  readonly sampleRate: number;
  /** Maximum duration of files. Longer ones are an error. */
  readonly maxSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Passes anything but audio on unchanged; the pipeline in the worker refuses it. */
export async function packAudio(source: unknown, options: PackOptions): Promise<PackedAudio> {
  const transfer: ArrayBuffer[] = [];
  const warnings: string[][] = [];
  /** The same bytes or samples in transferable memory. */
  const own = <T extends Copyable>(view: T): T => {
    const copy = view.slice() as T;
    transfer.push(copy.buffer as ArrayBuffer);
    return copy;
  };
  const packClip = (clip: AudioClip): unknown => {
    // An object with samples holds one or two channels.
    const channels = clip.channels.length <= 2 ? clip.channels : [toMono(clip)];
    return { raw: channels.map(own), sampling_rate: clip.sampleRate };
  };
  const packFile = async (bytes: Uint8Array, name: string): Promise<unknown> => {
    // The worker can read this file itself.
    if (sniffAudioFormat(bytes) === 'wav' && isReadByWorker(bytes))
      return new File([bytes as Uint8Array<ArrayBuffer>], name);
    const { maxSeconds, signal } = options;
    const clip = await decodeAudio(bytes, name, { mono: true, maxSeconds, signal });
    signal?.throwIfAborted();
    const clipWarnings = clip.warnings ?? [];
    warnings.at(-1)?.push(...clipWarnings.map((warning) => namedWarning(name, warning)));
    return packClip(clip);
  };
  const packItems = async (items: AudioItems, name: string): Promise<Float32Array> => {
    const { sampleRate, maxSeconds = DEFAULT_MAX_SECONDS, signal } = options;
    const sound = openItems(items, name, { sampleRate, maxSeconds, signal }, streamAudio);
    const stream = monoStream(sound, name, sampleRate);
    const blocks: Float32Array[] = [];
    for await (const block of stream) blocks.push(block);
    warnings.at(-1)?.push(...stream.warnings);
    return own(joinSamples(blocks));
  };
  const packSignal = (signal: unknown): unknown => {
    if (isTensor(signal)) return packTensor(signal, own);
    if (Array.isArray(signal)) return signal.map((row: unknown) => (isSampleArray(row) ? own(row) : row));
    return isSampleArray(signal) ? own(signal) : signal;
  };
  const pack = async (clip: unknown, name: string): Promise<unknown> => {
    const shown =
      typeof clip === 'string' || isUrl(clip) ? shownLocation(clip, true) : (fileName(clip) ?? name);
    const blocks =
      typeof clip === 'string' || isUrl(clip)
        ? openAudioFile(clip, options.signal).blocks
        : isBlob(clip)
          ? readBlob(clip, shown)
          : undefined;
    const bytes = blocks ? await readAll(blocks, shown) : memoryOf(clip);
    if (bytes) return packFile(bytes, shown);
    if (isAudioBuffer(clip)) return packClip(clipOf(clip));
    if (isAudioItems(clip)) return packItems(clip, shown);
    if (isTensor(clip)) return { raw: packTensor(clip, own), sampling_rate: options.sampleRate };
    if (isSampleArray(clip)) return own(clip);
    if (typeof clip !== 'object' || clip === null || Array.isArray(clip)) return clip;
    const { raw, array, ...others } = clip as Readonly<Record<string, unknown>>;
    return { ...others, ...(raw ? { raw: packSignal(raw) } : { array: packSignal(array) }) };
  };
  const packNext = (clip: unknown, name: string): Promise<unknown> => {
    warnings.push([]);
    return pack(clip, name);
  };
  if (!Array.isArray(source)) return { audio: await packNext(source, 'the audio'), transfer, warnings };
  const audio: unknown[] = [];
  for (const [index, clip] of source.entries())
    audio.push(await packNext(clip, `clip ${index + 1} of ${source.length}`));
  return { audio, transfer, warnings };
}

const MAX_WAV_HEADER_BYTES = 2 ** 16;

/** Only the browser's decoder on the page knows some kinds of WAV. */
function isReadByWorker(wav: Uint8Array): boolean {
  try {
    parseWav(wav.subarray(0, MAX_WAV_HEADER_BYTES), '');
  } catch (error) {
    return !(error instanceof UniSpeechError && error.code === 'unsupported');
  }
  return true;
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
