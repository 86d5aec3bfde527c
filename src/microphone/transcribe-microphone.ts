/** Transcription of the microphone. */
import { abortWith } from '../base/abortable.ts';
import { isUrl } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import { checkRecognize, type Recognize } from './hypothesis.ts';
import { type Microphone, type MicrophoneOptions, openMicrophone } from './open-microphone.ts';
import { checkStreamOptions, STREAM_OPTION_NAMES, type TranscribeStreamOptions } from './options.ts';
import { transcribeStream } from './transcribe-stream.ts';
import type { TranscriptUpdate } from './transcript.ts';

export type TranscribeMicrophoneOptions = Omit<TranscribeStreamOptions, 'sampling_rate'> & MicrophoneOptions;

export interface MicrophoneTranscription extends AsyncGenerator<TranscriptUpdate, void, undefined> {
  /** Ends the recording. Recorded audio is still transcribed, and the loop ends with a final update. */
  stop(): void;
}

/** One hour. At 16 kHz its samples take 230 MB. */
const MAX_BEHIND_SECONDS = 3600;

const OPTION_NAMES = [
  ...STREAM_OPTION_NAMES.filter((name) => name !== 'sampling_rate'),
  'stream',
  'deviceId',
  'workletUrl',
  'max_behind_s',
];

/**
 * Transcribes the microphone. It opens with the first turn of the loop. Transcription ends at `stop()`, when the loop is left,
 * when the signal aborts, or when the track ends. Then the microphone, the audio context and the worklet are released.
 *
 *     for await (const { committed, tentative } of transcribeMicrophone(recognize)) show(committed, tentative);
 *
 * @param recognize the pipeline from `pipeline()` or `createWorkerPipeline()`.
 * @throws UniSpeechError `bad-option`; from the loop `no-microphone` with the reason, and what `transcribeStream` throws.
 */
export function transcribeMicrophone(
  recognize: Recognize,
  options: TranscribeMicrophoneOptions = {},
): MicrophoneTranscription {
  rejectUnknownOptions(options, OPTION_NAMES, 'transcribeMicrophone');
  const { stream, deviceId, workletUrl, max_behind_s, ...streamOptions } = options;
  checkRecognize(recognize);
  checkStreamOptions(streamOptions);
  const behind: unknown = max_behind_s ?? 30;
  if (typeof behind !== 'number' || !(behind >= 1 && behind <= MAX_BEHIND_SECONDS))
    throw badOption('max_behind_s', behind, `a number of at least 1 and at most ${MAX_BEHIND_SECONDS}`);
  if (stream !== undefined && typeof (stream as Partial<MediaStream> | null)?.getAudioTracks !== 'function')
    throw badOption('stream', stream, 'a MediaStream');
  if (deviceId !== undefined && typeof (deviceId as unknown) !== 'string')
    throw badOption('deviceId', deviceId, 'a string');
  if (workletUrl !== undefined && typeof workletUrl !== 'string' && !isUrl(workletUrl))
    throw badOption('workletUrl', workletUrl, 'a URL');
  const stopping = new AbortController();
  async function* run(): AsyncGenerator<TranscriptUpdate, void, undefined> {
    const { signal } = streamOptions;
    let microphone: Microphone;
    const opening = new AbortController();
    try {
      microphone = await openMicrophone({
        stream,
        deviceId,
        workletUrl,
        max_behind_s,
        signal: abortWith(opening, signal, stopping.signal),
      });
    } catch (error) {
      // It was stopped before there was any sound, perhaps while the browser asked for permission.
      if (stopping.signal.aborted && !signal?.aborted) return;
      throw error;
    } finally {
      opening.abort();
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
