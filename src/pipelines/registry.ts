/**
 * The tasks of `pipeline()`: the loader and the types of each. The worker and the public types use this table, too. A new task needs
 * an entry in both tables. A short name is a separate entry.
 */
import {
  AutoModel,
  AutoModelForAudioClassification,
  AutoModelForAudioFrameClassification,
  AutoModelForAudioXVector,
  AutoModelForCTC,
} from '../speech/auto.ts';
import { warningsTo } from '../base/warnings.ts';
import type { DecoderKind } from '../decode/decoder.ts';
import type { LoadLanguageOptions } from '../speech/core/language-options.ts';
import { type AudioClassificationCall, AudioClassificationPipeline } from './audio-classification.ts';
import {
  type AudioFrameClassificationCall,
  AudioFrameClassificationPipeline,
} from './audio-frame-classification.ts';
import { AutoFeatureExtractor } from './auto.ts';
import { chooseDecoder } from './choose-decoder.ts';
import type { ClipList } from './clip-list.ts';
import { AutomaticSpeechRecognitionPipeline } from './automatic-speech-recognition.ts';
import { type FeatureExtractionCall, FeatureExtractionPipeline } from './feature-extraction.ts';
import { loadPipeline, type PipelineOptions } from './load-pipeline.ts';
import { loadFrom, type ProcessorLoadOptions } from './pretrained.ts';
import type { SpeechRecognitionCall } from './recognition-call.ts';
import { readProcessor, Wav2Vec2Processor } from './processor.ts';
import type { EachResult } from './recognize-clips.ts';
import { type SpeakerVerificationCall, SpeakerVerificationPipeline } from './speaker-verification.ts';

interface SpeechRecognition {
  readonly pipeline: AutomaticSpeechRecognitionPipeline;
  /** The call signature of the pipeline and of its client for a worker. */
  readonly call: SpeechRecognitionCall;
}

interface AudioClassification {
  readonly pipeline: AudioClassificationPipeline;
  readonly call: AudioClassificationCall;
}

interface AudioFrameClassification {
  readonly pipeline: AudioFrameClassificationPipeline;
  readonly call: AudioFrameClassificationCall;
}

interface SpeakerVerification {
  readonly pipeline: SpeakerVerificationPipeline;
  readonly call: SpeakerVerificationCall;
}

interface FeatureExtraction {
  readonly pipeline: FeatureExtractionPipeline;
  readonly call: FeatureExtractionCall;
}

// No call at the top: bundlers would keep it, and all that it needs, in apps that never load a pipeline.
const loadSpeechRecognition: LoadPipeline<SpeechRecognition> = async (
  location,
  { decoder: choice, ...options },
) => {
  let decoder: DecoderKind | undefined;
  /** One that the caller made stays the caller's. */
  const closeDecoder = async (): Promise<void> => {
    if (decoder !== choice) await decoder?.close?.();
  };
  try {
    return await loadPipeline(
      {
        modelClass: AutoModelForCTC,
        loadProcessor: (place, loadOptions) =>
          loadFrom(place, loadOptions, async (files) => {
            const { processor, processorClass } = await readProcessor(files, loadOptions);
            const { tokenizer } = processor;
            const warn = warningsTo(loadOptions.progress_callback, files.location);
            decoder = await chooseDecoder(
              choice,
              { files, tokenizer, processorClass, warn },
              place,
              loadOptions,
            );
            return processor;
          }),
        create: (parts) => new AutomaticSpeechRecognitionPipeline({ ...parts, decoder, closeDecoder }),
      },
      location,
      options,
    );
  } catch (error) {
    await closeDecoder();
    throw error;
  }
};

const loadAudioClassification: LoadPipeline<AudioClassification> = (...args) =>
  loadPipeline(
    {
      modelClass: AutoModelForAudioClassification,
      loadProcessor: loadWithoutTokenizer,
      create: (parts) => new AudioClassificationPipeline(parts),
    },
    ...args,
  );

const loadFrameClassification: LoadPipeline<AudioFrameClassification> = (...args) =>
  loadPipeline(
    {
      modelClass: AutoModelForAudioFrameClassification,
      loadProcessor: loadWithoutTokenizer,
      create: (parts) => new AudioFrameClassificationPipeline(parts),
    },
    ...args,
  );

const loadSpeakerVerification: LoadPipeline<SpeakerVerification> = (...args) =>
  loadPipeline(
    {
      modelClass: AutoModelForAudioXVector,
      loadProcessor: loadWithoutTokenizer,
      create: (parts) => new SpeakerVerificationPipeline(parts),
    },
    ...args,
  );

const loadFeatureExtraction: LoadPipeline<FeatureExtraction> = (...args) =>
  loadPipeline(
    {
      modelClass: AutoModel,
      loadProcessor: loadWithoutTokenizer,
      create: (parts) => new FeatureExtractionPipeline(parts),
    },
    ...args,
  );

/** The processor of tasks without text. The files of a tokenizer are not opened: the model may have none. */
async function loadWithoutTokenizer(
  location: string | URL,
  options: ProcessorLoadOptions,
): Promise<Wav2Vec2Processor> {
  return new Wav2Vec2Processor(await AutoFeatureExtractor.from_pretrained(location, options));
}

/** The types of each task. */
export interface Tasks {
  readonly 'automatic-speech-recognition': SpeechRecognition;
  readonly asr: SpeechRecognition;
  readonly 'audio-classification': AudioClassification;
  readonly 'audio-frame-classification': AudioFrameClassification;
  readonly 'speaker-verification': SpeakerVerification;
  readonly 'feature-extraction': FeatureExtraction;
  /** The short name in transformers.js. */
  readonly embeddings: FeatureExtraction;
}

/** The loader of each task. */
export const TASKS: { readonly [Task in PipelineTask]: LoadPipeline<Tasks[Task]> } = {
  'automatic-speech-recognition': loadSpeechRecognition,
  asr: loadSpeechRecognition,
  'audio-classification': loadAudioClassification,
  'audio-frame-classification': loadFrameClassification,
  'speaker-verification': loadSpeakerVerification,
  'feature-extraction': loadFeatureExtraction,
  embeddings: loadFeatureExtraction,
};

/** Tasks and their short names. */
export type PipelineTask = keyof Tasks;

/** The common interface of all pipelines. */
export interface AnyPipeline {
  /** The full name. */
  readonly task: PipelineTask;
  readonly processor: Wav2Vec2Processor;
  _call(input: unknown, options: object): Promise<unknown>;
  stream?(audio: unknown, options: object): AsyncIterable<unknown>;
  emissions?(audio: unknown, options: object): AsyncIterable<unknown>;
  emissionInfo?(): Promise<unknown>;
  _each?(
    clips: ClipList<unknown>,
    options: object,
    count: number | undefined,
  ): AsyncIterable<EachResult<unknown>>;
  set_target_lang?(target_lang: string, options: LoadLanguageOptions): Promise<void>;
  dispose(): Promise<void>;
}

type LoadPipeline<Types extends { readonly pipeline: AnyPipeline }> = (
  location: string | URL,
  options: PipelineOptions,
) => Promise<Types['pipeline']>;
