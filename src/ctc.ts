/**
 * `unispeech-webgpu/ctc`: speech recognition with CTC models alone, for pages where every kilobyte counts. The same names
 * as in `src/index.ts`.
 */
export { UniSpeechError, type ErrorCode } from './base/errors.ts';
export type { AudioClip, ProgressCallback, ProgressInfo } from './base/files.ts';
export { Tensor } from './base/tensor.ts';
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
export { AutoProcessor, AutoTokenizer } from './pipelines/auto.ts';
export { Wav2Vec2Processor } from './pipelines/processor.ts';
export { modelStorage } from './speech/core/model-storage.ts';
export { AutoModelForCTC, UniSpeechForCTC } from './speech/models.ts';
export type { PretrainedOptions } from './speech/core/load-options.ts';
export type { CausalLMOutput } from './speech/core/outputs.ts';
