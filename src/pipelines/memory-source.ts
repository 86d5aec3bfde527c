/** Audio whose samples are in memory: its conversion to mono samples at the model's rate. */
import { type AudioSamples, isSampleArray, toClips } from '../audio/clips.ts';
import { toMono } from '../audio/downmix.ts';
import { clipOf, isAudioBuffer } from '../audio/audio-buffer.ts';
import { MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, resample } from '../audio/resample.ts';
import { isCount, isRecord } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import { roundHalfToEven } from '../base/python-round.ts';
import { Tensor } from '../base/tensor.ts';
import type { PreparedClip } from './prepared-clip.ts';

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
 * The clip of an `AudioBuffer`, samples, or an object with samples and their rate. The caller's objects stay unchanged.
 * @param sampleRate of the model, in Hz.
 * @throws UniSpeechError `bad-input`, `bad-audio`.
 */
export function readMemory(source: unknown, sampleRate: number, name: string): PreparedClip {
  const plain = { name, stride: undefined, passThrough: {} };
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
      `a Blob, an AudioBuffer, samples as Float32Array, { raw, sampling_rate }, or a stream of these.`,
    Array.isArray(source) || typeof source === 'number'
      ? 'A list is a batch of clips: give samples as Float32Array.from(samples).'
      : undefined,
  );
}

/** Converts samples in any accepted form to channels, and checks that all are finite. */
export function readSignal(signal: unknown, sampleRate: number, name: string): AudioClip {
  const channels = toClips(signal as AudioSamples, `For ${name} a pipeline`);
  if (channels.length <= 2) return { channels, sampleRate };
  throw new UniSpeechError(
    'bad-input',
    `For ${name} a pipeline got ${channels.length} rows, expected samples, or [channels, samples] of one or two channels.`,
    'Transpose [samples, channels], and mix further channels down.',
  );
}

/** @throws UniSpeechError `bad-input` for a rate that sound cannot have. */
export function checkedRate(rate: unknown, name: string): number {
  if (isCount(rate) && rate >= MIN_SAMPLE_RATE && rate <= MAX_SAMPLE_RATE) return rate;
  throw new UniSpeechError(
    'bad-input',
    `The sampling_rate of ${name} is ${describeValue(rate)}, expected a whole number of Hz from ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE}.`,
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
  const clip = readSignal(signal, checkedRate(sampling_rate, name), name);
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
