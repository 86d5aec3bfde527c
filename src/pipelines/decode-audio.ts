/** The sound of any audio that pipelines take, for what is done with samples beside a model: preparing, showing, measuring. */
import { isDuration } from '../audio/duration.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption, checkSignal } from '../base/option-checks.ts';
import type { AudioSource } from './audio-source.ts';
import { checkedRate } from './memory-source.ts';
import { openAudio } from './open-audio.ts';

export interface DecodeAudioOptions {
  /** Of the samples that come, in Hz. Default: 16000. */
  readonly sampling_rate?: number | undefined;
  /** Longer audio is an error, after its first block if its header tells the length. Default: none. */
  readonly max_duration_s?: number | undefined;
  /** Stands for the audio in errors and warnings. Default: the name of the file. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Mono samples, block by block. Can be iterated once; leaving the loop early closes the file. */
export interface DecodedAudio extends AsyncIterable<Float32Array> {
  /** In Hz. */
  readonly sampling_rate: number;
  /** Seconds of the whole, where a header tells it by now. The sound may turn out shorter or longer. */
  readonly declared_s: number | undefined;
  /** Which parts of the sound are damaged or missing: complete when the loop is over. */
  readonly warnings: readonly string[];
}

/**
 * Decodes, mixes down and resamples audio, as pipelines do. In Node, files are decoded in threads, so that the calling one stays free.
 * No more than a minute of sound is in memory, however long the audio is.
 * @throws UniSpeechError `bad-option`, `bad-input`. Iterating throws `bad-audio`, `not-found`, `unsupported`, `network`; the signal's reason.
 */
export function decodeAudio(audio: AudioSource, options: DecodeAudioOptions = {}): DecodedAudio {
  rejectUnknownOptions(options, ['sampling_rate', 'max_duration_s', 'name', 'signal'], 'decodeAudio()');
  const { sampling_rate = 16_000, max_duration_s: maxSeconds, name, signal } = options;
  if (maxSeconds !== undefined && !isDuration(maxSeconds))
    throw badOption('max_duration_s', maxSeconds, 'a positive number of seconds');
  const given: unknown = name;
  if (given !== undefined && typeof given !== 'string') throw badOption('name', given, 'a text');
  checkSignal(signal);
  const sampleRate = checkedRate(sampling_rate, 'decodeAudio()');
  const { stream } = openAudio(audio, { sampleRate, maxSeconds, name, signal, ahead: 'many' });
  return {
    sampling_rate: sampleRate,
    get declared_s() {
      return stream.declaredSeconds;
    },
    get warnings() {
      return stream.warnings;
    },
    [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
  };
}
