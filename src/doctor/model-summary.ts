/** What a model is and whether it runs here, from its small files: no weights are downloaded. */
import { platform } from '#platform';
import { isListOf } from '../base/checks.ts';
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import { checkSignal } from '../base/option-checks.ts';
import { measureWeights, type WeightFiles } from '../checkpoint/open-checkpoint.ts';
import { filesOfFolder } from '../files/picked-files.ts';
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import { openContext } from '../gpu/context.ts';
import { openFilesOptions } from '../speech/core/load-options.ts';
import { loadConfig } from '../speech/core/load-runner.ts';
import { DTYPES, type Dtype } from '../speech/encoder/weight-dtype.ts';
import { CONFIG_CLASSES } from '../speech/families/family-list.ts';
import { type Architecture, loadArchitecture } from '../speech/heads/architecture.ts';
import {
  estimateMemory,
  longestClip,
  parameterCountOf,
  weightMemory,
  type MemoryEstimate,
} from './estimate-memory.ts';
import { namedClassOf, type ModelTask } from './model-tasks.ts';
import { attempt, describePartError } from './part.ts';
import { namedLabels, readVocabularyFacts, type VocabularyFacts } from './read-languages.ts';
import type { Outcome } from './report.ts';

/** Clips whose memory is told, in seconds. */
const CLIP_SECONDS = [5, 15] as const;

/** A model with weights of one precision on an adapter. */
export interface DtypeFit {
  readonly dtype: Dtype;
  readonly weightByteLength: number;
  /** Whether each weight fits one buffer of the adapter. */
  readonly weightsFit: boolean;
  /** Of clips of 5 and 15 seconds, or an error if one cannot run in one piece. */
  readonly clips: readonly Outcome<MemoryEstimate>[];
}

/** A model on an adapter. */
export interface AdapterFit {
  readonly adapter: string;
  readonly dtypes: readonly DtypeFit[];
  /** The longest clip in one piece, in whole seconds. The search ends at one hour. */
  readonly longestClipSeconds: number;
}

export interface ModelSummary extends VocabularyFacts {
  /** What was asked for, without what grants access. */
  readonly location: string;
  readonly model_type: string;
  readonly className: string;
  readonly task: ModelTask;
  /** Names of the classes of a classifier; empty if it has none of its own. */
  readonly labels: readonly string[];
  /** How many classes it tells apart; undefined where the task has none. */
  readonly labelCount: number | undefined;
  readonly parameterCount: number;
  /** Undefined if there are none. */
  readonly weights: WeightFiles | undefined;
  /** The only precision, if `unispeech quantize` made the weights. */
  readonly quantizedDtype: Dtype | undefined;
  /** Failed where there is no adapter. */
  readonly fit: Outcome<AdapterFit>;
}

export interface SummaryOptions {
  readonly signal?: AbortSignal | undefined;
  /** The adapter to plan for. Default: that of this machine. */
  readonly capabilities?: GpuCapabilities | undefined;
  /** As in `from_pretrained`. */
  readonly revision?: string | null | undefined;
  readonly token?: string | boolean | null | undefined;
  readonly variant?: string | null | undefined;
  readonly cache_dir?: string | null | undefined;
  readonly local_files_only?: boolean | null | undefined;
}

/**
 * Says what a model is, what it takes and whether it fits this machine, before any weight is downloaded.
 * @param model a Hugging Face id, a folder or the URL of one; or the files of a folder that the user of a page dropped or chose.
 * @throws UniSpeechError with one sentence: `not-found`, `bad-config`, `unsupported` (a type or a class that the engine does not have),
 * `bad-option`, `network`; the signal's reason.
 */
export async function summarizeModel(
  model: string | URL | readonly File[],
  options: SummaryOptions = {},
): Promise<ModelSummary> {
  const { signal, capabilities, variant, ...fileOptions } = options;
  rejectUnknownOptions(fileOptions, ['revision', 'token', 'cache_dir', 'local_files_only'], 'summarizeModel');
  checkSignal(signal);
  const files = filesOf(model, fileOptions);
  const config = await loadConfig(files, CONFIG_CLASSES, signal);
  const { className, task, head: choice } = namedClassOf(config, `${files.location}/config.json`);
  const architecture = await loadArchitecture(config, choice);
  const [vocabulary, weights, fit] = await Promise.all([
    readVocabularyFacts(files, signal),
    measureWeights(files, signal, variant),
    attempt(async () => fitAdapter(architecture, capabilities ?? (await ownCapabilities()))),
  ]);
  signal?.throwIfAborted();
  const hasLabels = architecture.head.sizes.some(([field]) => field === 'num_labels');
  return {
    ...vocabulary,
    location: files.location,
    model_type: config.model_type,
    className,
    task,
    labels: hasLabels ? namedLabels(config.json) : [],
    labelCount: hasLabels ? config.num_labels : undefined,
    parameterCount: parameterCountOf(architecture),
    weights,
    quantizedDtype: config.quantizedDtype,
    fit,
  };
}

const isFileList = (model: string | URL | readonly File[]): model is readonly File[] =>
  isListOf(model, (entry): entry is File => entry instanceof File);

/** Nothing is kept of what is only looked at, unless only what is kept may be looked at. */
function filesOf(model: string | URL | readonly File[], options: SummaryOptions): ModelFiles {
  if (isFileList(model)) return filesOfFolder(model);
  const opening = options.local_files_only === true ? options : { ...options, cache: false };
  return platform.openModelFiles(model, openFilesOptions(model, opening));
}

async function ownCapabilities(): Promise<GpuCapabilities> {
  const context = (await openContext(platform)).retain();
  context.release();
  return context.capabilities;
}

/** How a model would run on an adapter. Pure. */
export function fitAdapter(architecture: Architecture, capabilities: GpuCapabilities): AdapterFit {
  const { quantizedDtype } = architecture.config;
  const dtypes = quantizedDtype === undefined ? DTYPES : [quantizedDtype];
  return {
    adapter: capabilities.adapter,
    dtypes: dtypes.map((dtype) => fitDtype(architecture, capabilities, dtype)),
    longestClipSeconds: longestClip(architecture, capabilities),
  };
}

function fitDtype(architecture: Architecture, capabilities: GpuCapabilities, dtype: Dtype): DtypeFit {
  const { byteLength, largest } = weightMemory(architecture, dtype);
  const { maxBufferSize, maxStorageBufferBindingSize } = capabilities.limits;
  const clips = CLIP_SECONDS.map((seconds): Outcome<MemoryEstimate> => {
    try {
      return { status: 'done', value: estimateMemory(architecture, capabilities, { dtype, seconds }) };
    } catch (error) {
      if (!(error instanceof UniSpeechError)) throw error;
      return { status: 'failed', error: describePartError(error) };
    }
  });
  return {
    dtype,
    weightByteLength: byteLength,
    weightsFit: largest <= Math.min(maxBufferSize, maxStorageBufferBindingSize),
    clips,
  };
}
