/**
 * `unispeech-webgpu/captions`: results of speech recognition as subtitles and files, those of diarization as RTTM.
 *
 *     import { toSrt } from 'unispeech-webgpu/captions';
 *     const srt = toSrt(await recognize('speech.wav', { return_timestamps: 'word' }));
 *
 * This file holds no engine.
 */
export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export type { TimedText } from '../base/timed-text.ts';
export { type Cue, toCues } from './cues.ts';
export { toJson, type TranscriptFile } from './json.ts';
export { type RttmOptions, type SpeakerTurns, toRttm } from './rttm.ts';
export { toSrt } from './srt.ts';
export type { TimedTranscript } from './transcript.ts';
export { toVtt } from './vtt.ts';
