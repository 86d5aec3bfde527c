/**
 * `unispeech-webgpu/microphone`: text while somebody speaks.
 *
 *     import { transcribeMicrophone } from 'unispeech-webgpu/microphone';
 *     const transcription = transcribeMicrophone(recognize);
 *     stopButton.onclick = () => transcription.stop();
 *     for await (const { committed, tentative } of transcription) show(committed, tentative);
 *
 * This file contains no engine: `recognize` comes from `pipeline()` or `createWorkerPipeline()`.
 */
export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export type { TimedText } from '../base/timed-text.ts';
export type { Recognize } from './hypothesis.ts';
export type { TranscribeStreamOptions } from './options.ts';
export type { ChunkSource } from './reader.ts';
export {
  type MicrophoneTranscription,
  transcribeMicrophone,
  type TranscribeMicrophoneOptions,
} from './transcribe-microphone.ts';
export { transcribeStream } from './transcribe-stream.ts';
export type { TranscriptUpdate } from './transcript.ts';
