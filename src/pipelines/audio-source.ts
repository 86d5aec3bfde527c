/** The forms of audio that pipelines accept, and their conversion to mono samples at the model's rate. */
import { platform } from '#platform';
import { type AudioSamples } from '../audio/clips.ts';
import { resample } from '../audio/resample.ts';
import { toMono } from '../audio/downmix.ts';
import { type AudioBufferLike, clipOf, isAudioBuffer } from '../audio/audio-buffer.ts';
import { isSampleArray, toClips } from '../audio/clips.ts';
import { isArrayBuffer, isBlob, isCount, isRecord, isUrl, isView, messageOf, tagOf } from '../base/checks.ts';
import { describeValue, oneLine, UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import { roundHalfToEven } from '../base/python-round.ts';
import { shownLocation } from '../base/shown-location.ts';
import { Tensor } from '../base/tensor.ts';

/** Samples of one clip: mono, or `[channels, samples]` with one or two channels, which are averaged. */
export type AudioSignal = AudioSamples | Tensor<'float32'> | readonly AudioSamples[];

/** Samples with their rate. Speech recognition passes other keys through to its result, other tasks ignore them. */
export interface AudioObject {
  /** The samples; takes precedence over `array`. */
  readonly raw?: AudioSignal | null | undefined;
  readonly array?: AudioSignal | null | undefined;
  /** The samples under the names of transformers.js, in its `RawAudio` and from text to speech. Read if there are no others. */
  readonly data?: unknown;
  readonly audio?: unknown;
  /** Sample rate in Hz. Rates other than the model's are resampled. */
  readonly sampling_rate: number;
  /** Numbers of samples at the start and the end that are only context. Their frames are recognised and dropped. Speech recognition only. */
  readonly stride?: readonly [left: number, right: number] | null | undefined;
  /** Ignored. Data sets have it beside `array`, so it is not passed through then. */
  readonly path?: unknown;
}

/**
 * One clip: the path or URL of an audio file (in browsers relative to the page), its bytes, a `Blob` or `File`, a decoded
 * `AudioBuffer`, samples at the model's rate, or an object with samples and their rate.
 */
export type AudioSource =
  | string
  | URL
  | Blob
  | Uint8Array
  | ArrayBufferLike
  | DataView
  | AudioBufferLike
  | Exclude<AudioSamples, readonly number[]>
  | Tensor<'float32'>
  | AudioObject;

/** One clip, ready for the feature extractor. */
export interface PreparedClip {
  /** Shown in errors. */
  readonly name: string;
  /** Mono, at the model's rate, finite, at least one. */
  readonly samples: Float32Array;
  /** Strides in samples at the model's rate. */
  readonly stride: readonly [left: number, right: number] | undefined;
  readonly passThrough: Readonly<Record<string, unknown>>;
  /** Sentences about damaged or missing parts of its file. Each begins with the name. */
  readonly warnings?: readonly string[] | undefined;
}

export interface PrepareOptions {
  /** Position in a list of clips; undefined for a single one. */
  readonly position?: { readonly index: number; readonly count: number } | undefined;
  /** The model's sample rate in Hz. */
  readonly sampleRate: number;
  /** Maximum duration of files. Longer ones are an error. */
  readonly maxSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads, decodes, mixes down and resamples a clip. The caller's objects stay unchanged.
 * @throws UniSpeechError `bad-input`, `bad-audio`, `not-found`, `network`; the signal's reason.
 */
export async function prepareClip(
  source: unknown,
  { position, sampleRate, maxSeconds, signal }: PrepareOptions,
): Promise<PreparedClip> {
  const isLocation = typeof source === 'string' || isUrl(source);
  const place = position ? `clip ${position.index + 1} of ${position.count}` : 'the audio';
  const name = isLocation ? shownLocation(source, platform.name === 'browser') : (fileName(source) ?? place);
  const plain = { name, stride: undefined, passThrough: {} };

  const bytes = isLocation ? await platform.readAudioFile(source, signal) : await bytesOf(source, name);
  signal?.throwIfAborted();
  if (bytes) {
    const decoded = await platform.decodeAudio(bytes, name, { mono: true, maxSeconds, signal });
    signal?.throwIfAborted();
    return { ...plain, samples: toRate(decoded, sampleRate, name), warnings: warningsOf(decoded, name) };
  }
  if (isAudioBuffer(source)) return { ...plain, samples: toRate(clipOf(source), sampleRate, name) };
  if (source instanceof Tensor || isSampleArray(source)) {
    const clip = readSignal(source, sampleRate, name);
    return { ...plain, samples: toRate(clip, sampleRate, name, clip.channels) };
  }
  if (isRecord(source) && !ArrayBuffer.isView(source))
    return { name, ...readObject(source, sampleRate, name) };
  throw new UniSpeechError(
    'bad-input',
    `For ${name} a pipeline got ${describeValue(source)}, expected a path or URL, the bytes of an audio file, ` +
      `a Blob, an AudioBuffer, samples as Float32Array, or { raw, sampling_rate }.`,
    Array.isArray(source) || typeof source === 'number'
      ? 'A list is a batch of clips: give samples as Float32Array.from(samples).'
      : undefined,
  );
}

const isShared = ({ buffer }: Uint8Array): boolean => tagOf(buffer) === 'SharedArrayBuffer';

const MAX_WARNING_LENGTH = 400;

/** Warnings of a file, with its name. */
export const warningsOf = ({ warnings = [] }: AudioClip, name: string): string[] =>
  warnings.map((warning) => oneLine(`${name}: ${warning}`, MAX_WARNING_LENGTH));

/** The bytes of a file in memory; undefined for anything else. */
export async function bytesOf(source: unknown, name: string): Promise<Uint8Array | undefined> {
  let view = source;
  if (isArrayBuffer(source)) view = new Uint8Array(source);
  if (isView(source, 'DataView')) view = new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  // Shared memory may change while a decoder reads it, and most decoders refuse it.
  if (isView(view, 'Uint8Array')) return isShared(view) ? new Uint8Array(view) : view;
  if (!isBlob(source)) return undefined;
  try {
    return new Uint8Array(await source.arrayBuffer());
  } catch (cause) {
    // The file on disk changed or disappeared after it was picked.
    const reason = messageOf(cause);
    throw new UniSpeechError('not-found', `${name} could not be read: ${reason}.`, 'Pick the file again.', {
      cause,
    });
  }
}

/** The name of a `File`. The `name` of a plain object is passed through instead. */
export const fileName = (source: unknown): string | undefined =>
  isBlob(source) && 'name' in source && typeof source.name === 'string' && source.name !== ''
    ? source.name
    : undefined;

/** Converts samples in any accepted form to channels, and checks that all are finite. */
function readSignal(signal: unknown, sampleRate: number, name: string): AudioClip {
  const channels = toClips(signal as AudioSamples, `For ${name} a pipeline`);
  if (channels.length <= 2) return { channels, sampleRate };
  throw new UniSpeechError(
    'bad-input',
    `For ${name} a pipeline got ${channels.length} rows, expected samples, or [channels, samples] of one or two channels.`,
    'Transpose [samples, channels], and mix further channels down.',
  );
}

/**
 * Mixes down first, then resamples.
 * @param checked whether the samples are known to be finite.
 */
function toRate(
  clip: AudioClip,
  sampleRate: number,
  name: string,
  checked?: readonly Float32Array[],
): Float32Array {
  const samples = resample(toMono(clip), clip.sampleRate, sampleRate);
  // Float files may contain any value, and sums of large samples may become infinite.
  if (!checked?.includes(samples)) toClips(samples, `For ${name} a pipeline`);
  return samples;
}

function readObject(
  source: Readonly<Record<string, unknown>>,
  sampleRate: number,
  name: string,
): Omit<PreparedClip, 'name'> {
  const { raw, array, sampling_rate, stride, ...rest } = source;
  const { data, audio, ...withoutThose } = rest;
  const isUsual = (raw ?? array ?? undefined) !== undefined;
  const others = isUsual ? rest : withoutThose;
  const signal = raw ?? array ?? data ?? audio;
  const keys = Object.keys(source).join(', ');
  const found = `For ${name} a pipeline got ${keys ? `an object with the keys [${keys}]` : describeValue(source)}`;
  if (signal === undefined || signal === null || sampling_rate === undefined || sampling_rate === null) {
    throw new UniSpeechError(
      'bad-input',
      `${found}, expected samples in "raw" or "array" and their rate in Hz in "sampling_rate".`,
    );
  }
  if (typeof sampling_rate !== 'number' || !Number.isInteger(sampling_rate)) {
    throw new UniSpeechError(
      'bad-input',
      `The sampling_rate of ${name} is ${describeValue(sampling_rate)}, expected a whole number of Hz.`,
    );
  }
  const clip = readSignal(signal, sampling_rate, name);
  const { path, ...withoutPath } = others;
  return {
    samples: toRate(clip, sampleRate, name, clip.channels),
    stride: readStride(stride, clip, sampleRate, name),
    passThrough: raw === undefined || raw === null || path === undefined ? withoutPath : others,
  };
}

/** The stride at the model's rate. */
function readStride(
  stride: unknown,
  clip: AudioClip,
  sampleRate: number,
  name: string,
): readonly [number, number] | undefined {
  if (stride === undefined || stride === null) return undefined;
  const [left, right, ...more] = Array.isArray(stride) ? (stride as readonly unknown[]) : [];
  if (!isCount(left) || !isCount(right) || more.length > 0) {
    throw new UniSpeechError(
      'bad-input',
      `The stride of ${name} is ${describeValue(stride)}, expected [left, right] in whole samples of at least 0.`,
    );
  }
  const sampleCount = clip.channels[0]?.length ?? 0;
  if (left + right > sampleCount) {
    throw new UniSpeechError(
      'bad-input',
      `Stride is too large for input: ${left} + ${right} samples, but ${name} has ${sampleCount}.`,
    );
  }
  const ratio = sampleRate / clip.sampleRate;
  return [roundHalfToEven(left * ratio), roundHalfToEven(right * ratio)];
}
