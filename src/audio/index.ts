// Audio in: WAV parsing, mixing down, resampling and the feature extractor, all pure functions of samples.
// Other file formats are decoded in `src/platform`.
export type { AudioInput, AudioSamples } from './clips.ts';
export { toMono } from './downmix.ts';
export type { FeatureExtractorConfig } from './feature-extractor-config.ts';
export { Wav2Vec2FeatureExtractor } from './feature-extractor.ts';
export type { FeatureOptions, PadOptions } from './feature-extractor.ts';
export type { AudioFeatures, FeatureRows, FeaturesToPad, MaskValues } from './features.ts';
export type { PaddingOptions, PaddingStrategy } from './padding.ts';
export { resample } from './resample.ts';
export { parseWav } from './wav.ts';
