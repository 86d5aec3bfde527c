/**
 * The tasks of `pipeline()`: the loader and the types of each. The worker and the public types use this table, too. A new task needs
 * an entry in both tables. A short name is a separate entry.
 */
import { UniSpeechForCTC } from '../speech/unispeech-models.ts';
import {
  AutomaticSpeechRecognitionPipeline,
  type SpeechRecognitionCall,
} from './automatic-speech-recognition.ts';
import { loadPipeline, type PipelineOptions } from './load-pipeline.ts';
import type { Wav2Vec2Processor } from './processor.ts';

interface SpeechRecognition {
  readonly pipeline: AutomaticSpeechRecognitionPipeline;
  /** The call signature of the pipeline and of its client for a worker. */
  readonly call: SpeechRecognitionCall;
}

// No call at the top: bundlers would keep it, and all that it needs, in apps that never load a pipeline.
const loadSpeechRecognition: LoadPipeline<SpeechRecognition> = (location, options) =>
  loadPipeline(UniSpeechForCTC, (parts) => new AutomaticSpeechRecognitionPipeline(parts), location, options);

/** The types of each task. */
export interface Tasks {
  readonly 'automatic-speech-recognition': SpeechRecognition;
  readonly asr: SpeechRecognition;
}

/** The loader of each task. */
export const TASKS: { readonly [Task in PipelineTask]: LoadPipeline<Tasks[Task]> } = {
  'automatic-speech-recognition': loadSpeechRecognition,
  asr: loadSpeechRecognition,
};

/** Tasks and their short names. */
export type PipelineTask = keyof Tasks;

/** The common interface of all pipelines. */
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
