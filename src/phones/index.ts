/**
 * `unispeech-webgpu/phones`: phonemes with times, visemes, and scores of pronunciation, with models that recognise phonemes.
 *
 *     import { phones, pronunciation } from 'unispeech-webgpu/phones';
 *     const { visemes } = await phones(recognize, 'hola.wav', { return_visemes: true });
 *     const { score, words } = await pronunciation(recognize, 'hola.wav', 'o l a');
 *
 * This file holds no engine.
 */
export type { Lexicon, Pronunciation } from '../align/lexicon.ts';
export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export type { ConfidenceRule } from '../decode/confidence.ts';
export type { Phone } from './phone-runs.ts';
export type { PhonemeCallOptions } from './phoneme-source.ts';
export { phones, type PhonesOptions, type PhonesResult } from './phones.ts';
export { pronunciation, type PronunciationOptions } from './pronunciation.ts';
export type {
  InsertedPhone,
  PhoneFeatures,
  PhonePronunciation,
  PronunciationResult,
  WordPronunciation,
} from './pronunciation-result.ts';
export type { SegmentFeatures } from './segment-features.ts';
export { toVisemes, type TimedViseme, type VisemeOptions, type VisemeTrack } from './viseme-track.ts';
export { ARKIT_WEIGHTS, type PhonemeVisemes, type Viseme, VISEMES, visemesOf } from './visemes.ts';
