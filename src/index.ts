/**
 * UniSpeech on WebGPU: speech and phoneme recognition, audio classification and features of speech on hand-written compute kernels.
 *
 *     import { pipeline } from 'unispeech-webgpu';
 *     const recognize = await pipeline('automatic-speech-recognition', 'path/to/model');
 *     const { text } = await recognize('speech.wav');
 *
 * Names, options and result shapes follow transformers.js. Everything exported here is public; nothing else is.
 */
export { UniSpeechError, type ErrorCode } from './base/errors.ts';
export type { AudioClip, ProgressCallback, ProgressInfo } from './base/files.ts';
export type { ModelStorage, StoredFile, StoredModel } from './base/model-storage.ts';
export { Tensor, type TensorDataByType, type TensorType } from './base/tensor.ts';

export { pipeline } from './pipelines/pipeline.ts';
export type { PipelineOptions } from './pipelines/load-pipeline.ts';
export type { PipelineTask } from './pipelines/registry.ts';
export { AutomaticSpeechRecognitionPipeline } from './pipelines/automatic-speech-recognition.ts';
export type { EachOptions, PassedThrough, SpeechRecognitionCall } from './pipelines/recognition-call.ts';
export type { EmissionInfo, EmissionOptions, EmissionPart, EmissionSource } from './pipelines/emissions.ts';
export type { SpeechRecognitionOptions } from './pipelines/recognition-options.ts';
export type {
  RecognitionProgress,
  SpeechRecognitionOutput,
  SpeechRecognitionPart,
} from './pipelines/recognition-output.ts';
export type { QueueBatch, QueuedClipOptions, RecognitionQueueOptions } from './pipelines/queue-options.ts';
export type { QueuedClip, RecognitionQueue } from './pipelines/queue.ts';
export type { ClipList } from './pipelines/clip-list.ts';
export type { EachResult } from './pipelines/recognize-clips.ts';
export type { CallOptions } from './pipelines/call-options.ts';
export {
  type AudioClassificationCall,
  AudioClassificationPipeline,
} from './pipelines/audio-classification.ts';
export type { AudioClassificationOptions } from './pipelines/classify-clips.ts';
export type { LabelGroups, LabelRange } from './pipelines/label-groups.ts';
export type {
  AudioClassificationOutput,
  AudioClassificationSingle,
  ScoreFunction,
} from './pipelines/label-scores.ts';
export type {
  AudioFrameClassificationOptions,
  AudioFrameClassificationOutput,
} from './pipelines/diarize-clips.ts';
export {
  type AudioFrameClassificationCall,
  AudioFrameClassificationPipeline,
} from './pipelines/audio-frame-classification.ts';
export type { SpeakerSegment } from './pipelines/speaker-segments.ts';
export type { SpeakerComparison, SpeakerComparisonOptions } from './pipelines/compare-speakers.ts';
export { cos_sim } from './pipelines/cosine.ts';
export type { SpeakerEmbeddingOptions } from './pipelines/embed-speakers.ts';
export {
  type SpeakerVerificationCall,
  SpeakerVerificationPipeline,
} from './pipelines/speaker-verification.ts';
export type { FeatureExtractionOptions } from './pipelines/extract-features.ts';
export { type FeatureExtractionCall, FeatureExtractionPipeline } from './pipelines/feature-extraction.ts';
export type { PipelineParts } from './pipelines/audio-pipeline.ts';
export type { TimedText } from './base/timed-text.ts';
export type { AudioSource } from './pipelines/audio-source.ts';
export { decodeAudio, type DecodeAudioOptions, type DecodedAudio } from './pipelines/decode-audio.ts';
export type { AudioItem, AudioItems, SampleObject } from './pipelines/audio-items.ts';
export type { AudioObject, AudioSignal } from './pipelines/memory-source.ts';
export { AutoFeatureExtractor, AutoProcessor, AutoTokenizer } from './pipelines/auto.ts';
export type { ProcessorLoadOptions, TokenizerLoadOptions } from './pipelines/pretrained.ts';
export {
  type AudioAndText,
  type LabelledFeatures,
  type ProcessorCall,
  type ProcessorDecoded,
  type ProcessorDecodeOptions,
  type ProcessorOptions,
  type ProcessorPadOptions,
  Wav2Vec2Processor,
} from './pipelines/processor.ts';
export {
  type BeamDecoded,
  type BeamDecodeOptions,
  Wav2Vec2ProcessorWithLM,
} from './pipelines/processor-with-lm.ts';
export type { DecoderChoice } from './pipelines/choose-decoder.ts';
export type { BeamOptions } from './beam/beam-options.ts';
export type { BeamSettings } from './beam/pipeline-decoder.ts';
export type {
  DecodedText,
  Decoder,
  DecoderKind,
  DecoderOptions,
  FrameLogits,
  FrameTokens,
  RecognizedAlternative,
} from './decode/decoder.ts';

export { modelFromFiles } from './files/picked-files.ts';
export { modelStorage } from './speech/core/model-storage.ts';
export { Data2VecAudioConfig } from './speech/families/data2vec-audio.ts';
export { HubertConfig } from './speech/families/hubert.ts';
export { SEWConfig } from './speech/families/sew.ts';
export { UniSpeechSatConfig } from './speech/families/unispeech-sat.ts';
export { UniSpeechConfig } from './speech/families/unispeech.ts';
export { Wav2Vec2Config } from './speech/families/wav2vec2.ts';
export { WavLMConfig } from './speech/families/wavlm.ts';
export type { LoadLanguageOptions } from './speech/core/language-options.ts';
export type { ModelOptions, PretrainedOptions } from './speech/core/load-options.ts';
export {
  AutoConfig,
  AutoModel,
  AutoModelForAudioClassification,
  AutoModelForAudioClassification as AutoModelForSequenceClassification,
  AutoModelForAudioFrameClassification,
  AutoModelForAudioXVector,
  AutoModelForCTC,
  AutoModelForPreTraining,
} from './speech/auto.ts';
export {
  UniSpeechForCTC,
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
  UniSpeechModel,
  UniSpeechPreTrainedModel,
} from './speech/unispeech-models.ts';
export {
  Data2VecAudioForAudioFrameClassification,
  Data2VecAudioForCTC,
  Data2VecAudioForSequenceClassification,
  Data2VecAudioForXVector,
  Data2VecAudioModel,
  Data2VecAudioPreTrainedModel,
} from './speech/data2vec-audio-models.ts';
export {
  HubertForCTC,
  HubertForSequenceClassification,
  HubertModel,
  HubertPreTrainedModel,
} from './speech/hubert-models.ts';
export {
  SEWForCTC,
  SEWForSequenceClassification,
  SEWModel,
  SEWPreTrainedModel,
} from './speech/sew-models.ts';
export {
  UniSpeechSatForAudioFrameClassification,
  UniSpeechSatForCTC,
  UniSpeechSatForPreTraining,
  UniSpeechSatForSequenceClassification,
  UniSpeechSatForXVector,
  UniSpeechSatModel,
  UniSpeechSatPreTrainedModel,
} from './speech/unispeech-sat-models.ts';
export {
  Wav2Vec2ForAudioFrameClassification,
  Wav2Vec2ForCTC,
  Wav2Vec2ForPreTraining,
  Wav2Vec2ForSequenceClassification,
  Wav2Vec2ForXVector,
  Wav2Vec2Model,
  Wav2Vec2PreTrainedModel,
} from './speech/wav2vec2-models.ts';
export {
  WavLMForAudioFrameClassification,
  WavLMForCTC,
  WavLMForSequenceClassification,
  WavLMForXVector,
  WavLMModel,
  WavLMPreTrainedModel,
} from './speech/wavlm-models.ts';
export type {
  ModelForAudioFrameClassification,
  ModelForCTC,
  ModelForPreTraining,
  ModelForSequenceClassification,
  ModelForXVector,
  ModelWithoutHead,
  PreTrainingOutput,
} from './speech/model-types.ts';
export type { CausalLMOutput, TextLabels } from './speech/heads/ctc.ts';
export type { FrameLabels, TokenClassifierOutput } from './speech/heads/frame-classification.ts';
export type { BaseModelOutput, EncoderModelOutput } from './speech/heads/none.ts';
export type { GumbelOptions } from './speech/heads/pre-training-loss.ts';
export type { PreTrainingArguments, UniSpeechForPreTrainingOutput } from './speech/heads/pre-training.ts';
export type { QuantizedOutputs, QuantizerArguments } from './speech/heads/quantizer.ts';
export type { UniSpeechSatForPreTrainingOutput } from './speech/heads/speaker-pre-training.ts';
export type { ClassLabels, SequenceClassifierOutput } from './speech/heads/sequence-classification.ts';
export type { SpeakerLabels, XVectorOutput } from './speech/heads/x-vector.ts';
export type { RunProfile, TimedStep } from './speech/core/batch-parts.ts';
export type { ModelInputs } from './speech/core/runner.ts';
export { compute_mask_indices, type MaskIndicesOptions } from './losses/mask-indices.ts';
export { sample_negative_indices, type NegativeIndicesOptions } from './losses/negative-indices.ts';
export type { Explanation, StepFacts } from './graph/explain.ts';
export type { HostSpan } from './graph/run.ts';

export type { AudioInput, AudioSamples } from './audio/clips.ts';
export { toMono } from './audio/downmix.ts';
export type { FeatureExtractorConfig } from './audio/feature-extractor-config.ts';
export { type FeatureOptions, type PadOptions, Wav2Vec2FeatureExtractor } from './audio/feature-extractor.ts';
export type { AudioFeatures, FeatureRows, FeaturesToPad, MaskValues } from './audio/features.ts';
export type { PaddingOptions, PaddingStrategy } from './audio/padding.ts';
export { resample } from './audio/resample.ts';
export { parseWav } from './audio/parse-wav.ts';
export { type AddedToken } from './text/vocabulary.ts';
export { argmaxRows } from './decode/argmax.ts';
export type { ConfidenceMeasure, ConfidenceRule } from './decode/confidence.ts';
export type { TokenLogprob } from './decode/decoder.ts';
export {
  type Batched,
  type DecodeOptions,
  type EncodeOptions,
  type ListEncoding,
  type TensorEncoding,
  type TokenizerOptions,
} from './text/tokenizer-options.ts';
export { type CharOffset, type WordOffset } from './text/word-offsets.ts';
export {
  type CTCDecoded,
  type CTCDecodeOptions,
  type CTCTokenizerOptions,
  Wav2Vec2CTCTokenizer,
} from './text/ctc-tokenizer.ts';
export {
  type PhonemeDecoded,
  type PhonemeDecodeOptions,
  type PhonemeTokenizeOptions,
  type PhonemeTokenizerOptions,
  Wav2Vec2PhonemeCTCTokenizer,
} from './text/phoneme-tokenizer.ts';
export { type TokenIdBatch, type TokenIds } from './text/token-ids.ts';
export { type Tokenizer } from './text/load-tokenizer.ts';
