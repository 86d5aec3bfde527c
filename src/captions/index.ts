/**
 * `unispeech-webgpu/captions`: results of speech recognition and alignment as subtitles and files, those of diarization as RTTM.
 *
 *     import { toSrt } from 'unispeech-webgpu/captions';
 *     const srt = toSrt(await recognize('speech.wav', { return_timestamps: 'word' }));
 *
 * This file holds no engine.
 */
export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export type { TimedText } from '../base/timed-text.ts';
export { toAudacityLabels } from './audacity.ts';
export { type CtmOptions, toCtm } from './ctm.ts';
export type { CueOptions } from './cue-options.ts';
export { type Cue, toCues } from './cues.ts';
export { type EafOptions, toEaf } from './eaf.ts';
export { toJson, type TranscriptFile } from './json.ts';
export { readTextGrid } from './read-textgrid.ts';
export { type RttmOptions, type SpeakerTurns, toRttm } from './rttm.ts';
export { toSrt } from './srt.ts';
export type { GridInterval, IntervalTier, PointTier, TextGrid } from './textgrid.ts';
export { type TextGridOptions, toTextGrid } from './to-textgrid.ts';
export type { TimedWord } from './timed-words.ts';
export type { CaptionSource, TimedTranscript, TimedWords } from './transcript.ts';
export { toVtt, type VttOptions } from './vtt.ts';
