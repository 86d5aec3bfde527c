/**
 * Runs `pipeline()` in its own worker, so that the page stays responsive, with the same calls and the same results. This file
 * contains no engine; the worker (`worker-host.js`) does.
 *
 *     import { createWorkerPipeline } from 'unispeech-webgpu/worker';
 *     const recognize = await createWorkerPipeline('automatic-speech-recognition', '/models/unispeech');
 *     const { text } = await recognize(file);
 */
import { isUrl, messageOf } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badOption, checkCallback, checkObject, checkSignal } from '../base/option-checks.ts';
import type { DecoderKind } from '../decode/decoder.ts';
import type { PipelineOptions } from '../pipelines/load-pipeline.ts';
import { compareSpeakers } from '../pipelines/compare-speakers.ts';
import type { EmissionSource } from '../pipelines/emissions.ts';
import type { PipelineTask, Tasks } from '../pipelines/registry.ts';
import type { SpeakerVerificationCall } from '../pipelines/speaker-verification.ts';
import { modelUrl } from '../platform/browser-location.ts';
import { huggingFaceUrl } from '../files/location.ts';
import { callsOf, type PageCallOptions } from './calls.ts';
import { Channel } from './channel.ts';
import { packDecoder } from './pack-decoder.ts';
import type { LoadedInfo } from './protocol.ts';

export { UniSpeechError, type ErrorCode } from '../base/errors.ts';
export type { ProgressCallback, ProgressInfo } from '../base/files.ts';
export { Tensor, type TensorDataByType, type TensorType } from '../base/tensor.ts';
export type { EmissionInfo, EmissionOptions, EmissionPart, EmissionSource } from '../pipelines/emissions.ts';
export type { BeamOptions } from '../beam/beam-options.ts';
export type { BeamSettings } from '../beam/pipeline-decoder.ts';
export type { RecognizedAlternative } from '../decode/decoder.ts';
export type { EachOptions, PassedThrough, SpeechRecognitionCall } from '../pipelines/recognition-call.ts';
export type { ClipList } from '../pipelines/clip-list.ts';
export type { EachResult } from '../pipelines/recognize-clips.ts';
export type { SpeechRecognitionOptions } from '../pipelines/recognition-options.ts';
export type { SpeechRecognitionOutput, SpeechRecognitionPart } from '../pipelines/recognition-output.ts';
export type { AudioClassificationCall } from '../pipelines/audio-classification.ts';
export type { AudioClassificationOptions } from '../pipelines/classify-clips.ts';
export type { LabelGroups, LabelRange } from '../pipelines/label-groups.ts';
export type {
  AudioClassificationOutput,
  AudioClassificationSingle,
  ScoreFunction,
} from '../pipelines/label-scores.ts';
export type { AudioFrameClassificationCall } from '../pipelines/audio-frame-classification.ts';
export type {
  AudioFrameClassificationOptions,
  AudioFrameClassificationOutput,
} from '../pipelines/diarize-clips.ts';
export type { SpeakerSegment } from '../pipelines/speaker-segments.ts';
export type { SpeakerComparison, SpeakerComparisonOptions } from '../pipelines/compare-speakers.ts';
export type { SpeakerEmbeddingOptions } from '../pipelines/embed-speakers.ts';
export type { SpeakerVerificationCall } from '../pipelines/speaker-verification.ts';
export type { FeatureExtractionOptions } from '../pipelines/extract-features.ts';
export type { FeatureExtractionCall } from '../pipelines/feature-extraction.ts';
export type { CallOptions } from '../pipelines/call-options.ts';
export type { TimedText } from '../base/timed-text.ts';
export type { AudioSource } from '../pipelines/audio-source.ts';
export type { AudioItem, AudioItems, SampleObject } from '../pipelines/audio-items.ts';
export type { AudioObject, AudioSignal } from '../pipelines/memory-source.ts';
export type { PipelineTask } from '../pipelines/registry.ts';

/** The options of `pipeline()`, without a `GPUDevice` and without objects that decode, because they cannot move to a worker. */
export type WorkerPipelineOptions = Omit<PipelineOptions, 'device' | 'decoder'> & {
  readonly decoder?: Exclude<PipelineOptions['decoder'], DecoderKind>;
  readonly device?: 'webgpu' | 'gpu' | 'auto' | null;
  /**
   * A module worker that runs `worker-host.js` of this package. `dispose()` does not end it, and other failures in it are
   * the caller's concern. Dispose the pipeline before you end the worker, because browsers do not always report the end of a
   * worker. Default: a new worker, which Vite and webpack bundle automatically. With esbuild, bundle `unispeech-webgpu/worker-host` as a
   * separate entry and pass a worker that runs it.
   */
  readonly worker?: Worker | undefined;
};

/** Called like the pipeline that `pipeline()` returns for the task. */
export type WorkerPipeline<Task extends PipelineTask = 'automatic-speech-recognition'> = Tasks[Task]['call'] &
  LanguageOf<Tasks[Task]['pipeline']> &
  PartsOf<Tasks[Task]['pipeline']> & {
    readonly task: Tasks[Task]['pipeline']['task'];
    /** Frees the model when pending calls are done, and ends the worker. */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
  };

/** Pipelines with languages change them here, too. Progress goes to the callback that the pipeline was made with. */
type LanguageOf<P> = P extends { set_target_lang(target_lang: string): Promise<void> }
  ? {
      set_target_lang(
        target_lang: string,
        options?: { readonly signal?: AbortSignal | undefined },
      ): Promise<void>;
    }
  : unknown;

/** As in the pipeline. */
type PartsOf<P> = P extends EmissionSource & { readonly stream: unknown; readonly each: unknown }
  ? Pick<P, 'stream' | 'each' | keyof EmissionSource>
  : unknown;

/**
 * Loads a pipeline in a worker. Locations are relative to the page. Files are read on the page, bit by bit, and decoded in the worker, except for formats whose
 * decoders workers lack. Samples are copied to the worker.
 * @param model Hugging Face id or base URL of a model.
 * @throws UniSpeechError as `pipeline()` does; `worker-failed` if the worker cannot be started or ends;
 * `unsupported` if there are no workers, as in Node.
 */
export async function createWorkerPipeline<Task extends PipelineTask>(
  task: Task,
  model: string | URL,
  options: WorkerPipelineOptions = {},
): Promise<WorkerPipeline<Task>> {
  // The worker checks the other options, which are those of pipeline().
  checkObject('The options of createWorkerPipeline', options);
  checkSignal(options.signal);
  checkCallback('progress_callback', options.progress_callback);
  const { worker: givenWorker, progress_callback, signal, ...sent } = options;
  signal?.throwIfAborted();
  if (typeof Worker !== 'function') {
    throw new UniSpeechError(
      'unsupported',
      'createWorkerPipeline() needs the workers of a browser, and there are none here.',
      "Use pipeline() of 'unispeech-webgpu'.",
    );
  }
  if (givenWorker !== undefined && typeof (givenWorker as Partial<Worker> | null)?.postMessage !== 'function')
    throw badOption('worker', givenWorker, 'a Worker');
  const device: unknown = sent.device;
  if (typeof device === 'object' && device !== null) {
    throw new UniSpeechError(
      'bad-option',
      `device is ${describeValue(device)}, which cannot be sent to a worker.`,
      "Use device: 'webgpu', or pipeline() with this device.",
    );
  }
  const channel = new Channel({
    worker: givenWorker ?? startWorker(),
    ownsWorker: givenWorker === undefined,
    onProgress: (info) => progress_callback?.(info),
  });
  const dispose = async (): Promise<void> => {
    // A failed worker has nothing left to free.
    await channel.call({ type: 'dispose' }, {}).catch(() => undefined);
    channel.close(new UniSpeechError('disposed', 'The pipeline was disposed.', 'Make a new one.'));
  };
  try {
    const loaded = await channel.call(
      {
        type: 'load',
        task,
        model: absolute(model),
        reportsProgress: typeof progress_callback === 'function',
        options: { ...sent, decoder: packDecoder(sent.decoder) },
      },
      { signal },
    );
    const { sampleRate, ...info } = loaded as LoadedInfo;
    const { run, ...recognition } = callsOf(channel, sampleRate);
    return Object.assign(run, {
      ...info,
      ...(info.task === 'automatic-speech-recognition' && recognition),
      ...(info.task === 'speaker-verification' && speakerMethods(run)),
      dispose,
      [Symbol.asyncDispose]: dispose,
    }) as unknown as WorkerPipeline<Task>;
  } catch (error) {
    channel.close(new UniSpeechError('disposed', 'The pipeline could not be loaded.'));
    throw error;
  }
}

/** The methods of speaker verification, which are calls with something around them. */
function speakerMethods(
  run: (audio: unknown, options?: PageCallOptions) => Promise<unknown>,
): Pick<SpeakerVerificationCall, 'compare' | 'embed'> {
  const embed = run as SpeakerVerificationCall['embed'];
  return { embed, compare: (first, second, options) => compareSpeakers(embed, first, second, options) };
}

/** Resolves addresses relative to the page, not to the worker's script. The pipeline refuses invalid locations. */
function absolute(model: unknown): unknown {
  if (typeof model !== 'string' && !isUrl(model)) return model;
  return huggingFaceUrl(model) === undefined ? modelUrl(model).href : model;
}

/** Bundlers find and bundle the worker only if it is created in this form. */
function startWorker(): Worker {
  try {
    return new Worker(new URL('./worker-host.js', import.meta.url), { type: 'module' });
  } catch (cause) {
    throw new UniSpeechError(
      'worker-failed',
      `The worker could not be started: ${messageOf(cause)}`,
      'Serve worker-host.js of this package from the same origin as the page, or pass { worker }.',
      { cause },
    );
  }
}
