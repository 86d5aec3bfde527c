/**
 * `unispeech-webgpu/beam`: beam search with a language model and hotwords, on the logits of any CTC model of letters.
 *
 *     import { createBeamDecoder } from 'unispeech-webgpu/beam';
 *     const decoder = await createBeamDecoder({ labels, language_model: 'lm.arpa' });
 *     const [best, second] = decoder.decode_beams(logits);
 *
 * This file holds no engine.
 */
export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export {
  type BeamCallOptions,
  type BeamHypothesis,
  type BeamInput,
  BeamSearchDecoder,
  type BeamSession,
} from './beam-decoder.ts';
export type { BeamOptions, LanguageModelState } from './beam-options.ts';
export { type BeamDecoderOptions, createBeamDecoder } from './create-decoder.ts';
export { type WordAlternatives, wordAlternatives } from '../decode/n-best.ts';
export { LanguageModel, type LanguageModelOptions } from './language-model.ts';
export type { LanguageModelSource } from './model-source.ts';
