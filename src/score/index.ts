/**
 * `unispeech-webgpu/score`: how well speech was recognised: error rates of words, characters and phonemes, as jiwer counts them.
 *
 *     import { wer } from 'unispeech-webgpu/score';
 *     wer('the cat sat', 'the cat sat down'); // 0.333…
 *
 * This file holds no engine.
 */
export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export type { EditBlock, EditType } from './edit-path.ts';
export { cer, type ErrorRates, per, score, type ScoreOptions, wer } from './score.ts';
export { showAlignment } from './show-alignment.ts';
export type { ScoreUnit } from './tokens.ts';
