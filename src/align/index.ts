/**
 * `unispeech-webgpu/align`: when each word and character of a known text is said.
 *
 *     import { align } from 'unispeech-webgpu/align';
 *     const { words } = await align(recognizer, 'talk.wav', 'Hello, world!');
 *
 * This file holds no engine: the recogniser is a pipeline of `unispeech-webgpu`, or its client for a worker.
 */
export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export type { EmissionInfo, EmissionOptions, EmissionPart, EmissionSource } from '../pipelines/emissions.ts';
export { align } from './align.ts';
export { alignLogits, LogitAligner, type AlignLogitsOptions, type LogitAlignment } from './align-logits.ts';
export type { AlignOptions, AlignProgress, BoundaryMode, StarPlaces } from './align-options.ts';
export type {
  AlignedToken,
  AlignedUtterance,
  AlignedWord,
  Alignment,
  UntranscribedAudio,
} from './alignment.ts';
export type { UnalignedText, UnknownMode } from './alignment-text.ts';
export type { SearchMode } from './find-path.ts';
export type { Lexicon, Pronunciation } from './lexicon.ts';
export type { FrameBlock } from './path-columns.ts';
export type { TokenSpan } from './spans.ts';
export type { StarMode } from './target.ts';
export type { UtteranceMode } from './utterances.ts';
