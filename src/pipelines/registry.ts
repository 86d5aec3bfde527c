/**
 * The tasks of `pipeline()`, which the worker and the types follow too: what loads each, and the types of what it is and
 * how it is called. A new task is an entry in both tables; a short name is an entry of its own.
 */
import { UniSpeechForCTC } from '../speech/unispeech-models.ts';
import {
  AutomaticSpeechRecognitionPipeline,
  type SpeechRecognitionCall,
} from './automatic-speech-recognition.ts';
import { pipelineLoader, type PipelineOptions } from './load-pipeline.ts';
import type { Wav2Vec2Processor } from './processor.ts';

interface SpeechRecognition {
  readonly pipeline: AutomaticSpeechRecognitionPipeline;
  /** How the pipeline is called, and so its client for a worker. */
  readonly call: SpeechRecognitionCall;
}
const loadSpeechRecognition = pipelineLoader(
  UniSpeechForCTC,
  (parts) => new AutomaticSpeechRecognitionPipeline(parts),
);

/** The types of each task. */
export interface Tasks {
  readonly 'automatic-speech-recognition': SpeechRecognition;
  readonly asr: SpeechRecognition;
}

/** What loads each task. */
export const TASKS: { readonly [Task in PipelineTask]: LoadPipeline<Tasks[Task]> } = {
  'automatic-speech-recognition': loadSpeechRecognition,
  asr: loadSpeechRecognition,
};

/** Tasks and their short names. */
export type PipelineTask = keyof Tasks;

/** What all pipelines have. */
export interface AnyPipeline {
  /** The full name. */
  readonly task: PipelineTask;
  readonly processor: Wav2Vec2Processor;
  _call(input: unknown, options: object): Promise<unknown>;
  dispose(): Promise<void>;
}

type LoadPipeline<Types extends { readonly pipeline: AnyPipeline }> = (
  location: string | URL,
  options: PipelineOptions,
) => Promise<Types['pipeline']>;
