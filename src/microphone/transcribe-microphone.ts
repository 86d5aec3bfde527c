/** Transcription of the microphone. */
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import type { Recognize } from './hypothesis.ts';
import { type Microphone, type MicrophoneOptions, openMicrophone } from './open-microphone.ts';
import { STREAM_OPTION_NAMES, type TranscribeStreamOptions } from './options.ts';
import { transcribeStream } from './transcribe-stream.ts';
import type { TranscriptUpdate } from './transcript.ts';

export type TranscribeMicrophoneOptions = Omit<TranscribeStreamOptions, 'sampling_rate'> & MicrophoneOptions;

export interface MicrophoneTranscription extends AsyncGenerator<TranscriptUpdate, void, undefined> {
  /** Ends the recording. What was heard is still transcribed: the loop ends with a final update. */
  stop(): void;
}

const OPTION_NAMES = [
  ...STREAM_OPTION_NAMES.filter((name) => name !== 'sampling_rate'),
  'stream',
  'deviceId',
  'workletUrl',
  'max_behind_s',
];

/**
 * Opens the microphone with the first turn of the loop, and transcribes it until `stop()`, until the loop is left, the
 * signal gives up or the track ends; then the microphone, the audio context and the worklet are let go.
 *
 *     for await (const { committed, tentative } of transcribeMicrophone(recognize)) show(committed, tentative);
 *
 * @param recognize the pipeline, of `pipeline()` or `createWorkerPipeline()`.
 * @throws UniSpeechError `bad-option`; from the loop `no-microphone` with the reason, and what `transcribeStream` throws.
 */
export function transcribeMicrophone(
  recognize: Recognize,
  options: TranscribeMicrophoneOptions = {},
): MicrophoneTranscription {
  rejectUnknownOptions(options, OPTION_NAMES, 'transcribeMicrophone');
  const { stream, deviceId, workletUrl, max_behind_s, ...streamOptions } = options;
  if (max_behind_s !== undefined && !(max_behind_s >= 1)) {
    throw new UniSpeechError(
      'bad-option',
      `max_behind_s is ${describeValue(max_behind_s)}, but it must be a number of at least 1.`,
    );
  }
  const stopping = new AbortController();
  async function* run(): AsyncGenerator<TranscriptUpdate, void, undefined> {
    const { signal } = streamOptions;
    let microphone: Microphone;
    try {
      microphone = await openMicrophone({
        stream,
        deviceId,
        workletUrl,
        max_behind_s,
        signal: signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal,
      });
    } catch (error) {
      // Stopped before there was any sound, perhaps while the browser asked for permission.
      if (stopping.signal.aborted && !signal?.aborted) return;
      throw error;
    }
    const { chunks, sampleRate } = microphone;
    try {
      stopping.signal.addEventListener('abort', () => chunks.end());
      if (stopping.signal.aborted) chunks.end();
      yield* transcribeStream(recognize, chunks, { ...streamOptions, sampling_rate: sampleRate });
    } finally {
      await microphone.close();
    }
  }
  return Object.assign(run(), { stop: () => stopping.abort() });
}
