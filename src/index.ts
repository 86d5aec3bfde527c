/**
 * UniSpeech on WebGPU: speech and phoneme recognition on hand-written compute kernels.
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

export { pipeline, type PipelineOptions, type PipelineTask } from './pipelines/pipeline.ts';
export {
  AutomaticSpeechRecognitionPipeline,
  type PassedThrough,
  type SpeechRecognitionCall,
  type SpeechRecognitionOutput,
  type TimedText,
} from './pipelines/automatic-speech-recognition.ts';
export type { SpeechRecognitionOptions } from './pipelines/recognition-options.ts';
export type { AudioObject, AudioSignal, AudioSource } from './pipelines/audio-source.ts';
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

export { modelStorage } from './model/model-storage.ts';
export { UniSpeechConfig } from './model/config.ts';
export type { ModelOptions, PretrainedOptions } from './model/load-options.ts';
export {
  AutoConfig,
  AutoModel,
  AutoModelForCTC,
  UniSpeechForCTC,
  UniSpeechModel,
  UniSpeechPreTrainedModel,
} from './model/models.ts';
export type { BaseModelOutput, CausalLMOutput } from './model/outputs.ts';
export type { ModelInputs, RunProfile, TimedStep } from './model/runner.ts';
export type { Explanation, StepFacts } from './graph/explain.ts';
export type { HostSpan } from './graph/run.ts';

export * from './audio/index.ts';
export {
  type AddedToken,
  argmaxRows,
  type Batched,
  type CharOffset,
  type CTCDecoded,
  type CTCDecodeOptions,
  type CTCTokenizerOptions,
  type DecodeOptions,
  type EncodeOptions,
  type ListEncoding,
  type PhonemeDecoded,
  type PhonemeDecodeOptions,
  type PhonemeTokenizeOptions,
  type PhonemeTokenizerOptions,
  type TensorEncoding,
  type TokenIdBatch,
  type TokenIds,
  type Tokenizer,
  type TokenizerOptions,
  Wav2Vec2CTCTokenizer,
  Wav2Vec2PhonemeCTCTokenizer,
  type WordOffset,
} from './text/index.ts';
