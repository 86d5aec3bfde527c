/** Loads a model: configuration, then weights and kernels at the same time. */
import { abortWith } from '../../base/abortable.ts';
import { UniSpeechError } from '../../base/errors.ts';
import type { LoadStage, ModelFiles, WarningCallback } from '../../base/files.ts';
import { readJsonFile } from '../../base/json-file.ts';
import type { TuningStore } from '../../base/platform.ts';
import { warningsTo } from '../../base/warnings.ts';
import type { GpuContext } from '../../gpu/context.ts';
import type { Plan } from '../../graph/plan.ts';
import { trustedPlan } from '../../graph/trusted-plan.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { openCheckpoint } from '../../checkpoint/open-checkpoint.ts';
import { listNames } from '../../checkpoint/names.ts';
import { withProgress } from '../../files/progress.ts';
import type { ConfigClass, EncoderConfig } from '../encoder/config.ts';
import { chooseByModelType } from '../encoder/family.ts';
import { CONFIG_CLASSES } from '../families/family-list.ts';
import type { ModelOptions } from './load-options.ts';
import type { OpenLanguage } from './language.ts';
import { languageLayout } from './language-layout.ts';
import { languageLoader, openLanguage } from './later-language.ts';
import { loadWeights, type WeightPart } from './load-weights.ts';
import { LoadedModel } from './loaded-model.ts';
import { conventionOf } from './hidden-states-convention.ts';
import { planClip } from './model-plans.ts';
import { ModelRunner } from './runner.ts';
import { openTuning, tune, type TuningOptions } from './tuning.ts';
import { isDtype, WEIGHT_FORMAT, type Dtype } from '../encoder/weight-dtype.ts';
import { fitNames } from './fit-checkpoint.ts';
import { quantizedLayout } from '../encoder/weight-buffers.ts';
import { type Architecture, loadArchitecture, modelLayout } from '../heads/architecture.ts';
import type { HeadChoice, OutputOf } from '../heads/later-heads.ts';

/**
 * Reads config.json as the class that its `model_type` asks for.
 * @throws UniSpeechError `not-found`, `bad-config`, `unsupported`.
 */
export async function loadConfig<C extends EncoderConfig>(
  files: ModelFiles,
  classes: readonly ConfigClass<C>[],
  signal?: AbortSignal,
): Promise<C> {
  const file = await readJsonFile(files, 'config.json', signal);
  if (file === undefined) {
    throw new UniSpeechError(
      'not-found',
      `${files.location} holds no config.json.`,
      files.missingFix ?? 'Give the folder or base URL of a model in the Hugging Face layout.',
    );
  }
  return new (chooseByModelType(file, classes, CONFIG_CLASSES))(file.value, file.name);
}

/** A kind of model: the configurations of one family, and a head. Every model class is one. */
export interface ModelKind {
  readonly config_class: ConfigClass;
  readonly head: HeadChoice;
}

/** The kind that is of the family of a configuration. */
export function kindOf<K extends ModelKind>(kinds: readonly K[], { family }: EncoderConfig): K {
  const kind = kinds.find(({ config_class }) => config_class.family === family);
  if (kind === undefined) throw new Error('no kind of this family');
  return kind;
}

export interface RunnerLoadOptions extends Pick<
  ModelOptions,
  'signal' | 'progress_callback' | 'hiddenStatesConvention' | 'dtype' | 'tune' | 'variant' | 'target_lang'
> {
  /** Where what is measured is kept; without one `tune: 'auto'` measures nothing. */
  readonly tuningStore?: TuningStore | undefined;
}

/**
 * @param kinds of which `model_type` of config.json chooses one.
 * @param openContext called once the configuration is known to be good, and again when its device was lost; its context is
 * released again on any failure.
 * @throws UniSpeechError saying what is wrong; nothing stays open or allocated.
 */
export async function loadRunner<K extends ModelKind>(
  plainFiles: ModelFiles,
  kinds: readonly K[],
  openContext: () => Promise<GpuContext>,
  options: RunnerLoadOptions = {},
): Promise<ModelRunner<OutputOf<K['head']>>> {
  options.signal?.throwIfAborted();
  const warn = warningsTo(options.progress_callback, plainFiles.location);
  const progress = options.progress_callback
    ? withProgress(plainFiles, options.progress_callback)
    : undefined;
  const files = progress ?? plainFiles;
  const classes = kinds.map(({ config_class }) => config_class);
  const config = await loadConfig(files, classes, options.signal);
  const architecture = await loadArchitecture<K['head']>(config, kindOf(kinds, config).head);
  const { head, pieces } = architecture;
  const dtype = dtypeOf(options.dtype, config);
  const hiddenStatesConvention = conventionOf(options.hiddenStatesConvention, config, head, warn);
  /** Of the weights that are loaded. */
  let language = options.target_lang ?? undefined;
  const common = { openContext, dtype, variant: options.variant, warn };
  const loaded = await loadOnDevice(files, architecture, {
    ...common,
    language,
    signal: options.signal,
    onStage: (stage) => progress?.setStage(stage),
    tuning: { mode: options.tune ?? 'auto', store: options.tuningStore },
  });
  try {
    progress?.finish();
  } catch (error) {
    // The callback is the caller's: when it throws, nobody else knows of the model.
    await loaded.model.dispose();
    throw error;
  }
  return new ModelRunner(loaded.config, loaded.model, {
    head,
    pieces,
    hiddenStatesConvention,
    load: async (signal) => {
      const again = await loadOnDevice(plainFiles, architecture, {
        ...common,
        language,
        signal,
        // The same choices as before give the same results.
        tuning: { mode: 'off', store: undefined, before: loaded.model.tuning },
      });
      return again.model;
    },
    loadLanguage: languageLoader(plainFiles, architecture, dtype, (next) => {
      language = next;
    }),
    dtype,
    warn,
  });
}

/** @throws UniSpeechError `unsupported` where the weights were quantized to something else. */
function dtypeOf(wanted: ModelOptions['dtype'], { quantizedDtype }: EncoderConfig): Dtype {
  if (!isDtype(wanted)) return quantizedDtype ?? 'fp32';
  if (quantizedDtype !== undefined && wanted !== quantizedDtype) {
    throw new UniSpeechError(
      'unsupported',
      `The weights of this model were quantized to ${quantizedDtype}, but dtype is '${wanted}'.`,
      'Leave dtype out, or load the original checkpoint.',
    );
  }
  return wanted;
}

interface LoadOnDeviceOptions {
  readonly openContext: () => Promise<GpuContext>;
  /** The language whose weights are loaded in place of those in the model's file. */
  readonly language: string | undefined;
  readonly dtype: Dtype;
  readonly variant: ModelOptions['variant'];
  readonly signal: AbortSignal | undefined;
  readonly warn: WarningCallback;
  /** What is waited for after the download. */
  readonly onStage?: (stage: LoadStage) => void;
  readonly tuning: TuningOptions;
}

/** A model on a device, with the configuration of its language. */
interface LoadedOnDevice {
  readonly model: LoadedModel;
  readonly config: EncoderConfig;
}

/** Opens the checkpoint, a device once the two fit, and loads weights onto it while kernels are compiled and checked. */
async function loadOnDevice(
  files: ModelFiles,
  architecture: Architecture,
  options: LoadOnDeviceOptions,
): Promise<LoadedOnDevice> {
  const { language, signal } = options;
  const checkpoint = await openCheckpoint(files, signal, options.variant);
  let opened: OpenLanguage | undefined;
  try {
    // Nothing is built for a configuration that its weights contradict.
    const fitting = fitCheckpoint(checkpoint, architecture, options);
    if (language !== undefined) opened = await openLanguage(files, language, architecture, signal);
    const context = await options.openContext();
    const apart = new Set(languageLayout(architecture).map(({ name }) => name));
    const ofModel = { ...fitting, layout: fitting.layout.filter(({ name }) => !apart.has(name)) };
    const parts = opened ? [ofModel, opened] : [fitting];
    const config = opened?.config ?? architecture.config;
    const model = await loadOnContext(parts, apart, { ...architecture, config }, context, options);
    return { model, config };
  } finally {
    await Promise.all([checkpoint.close(), opened?.checkpoint.close()]);
  }
}

/** @param apart names of weights that may be replaced. */
async function loadOnContext(
  parts: readonly WeightPart[],
  apart: ReadonlySet<string>,
  architecture: Architecture,
  context: GpuContext,
  { dtype, signal, warn, onStage, tuning }: LoadOnDeviceOptions,
): Promise<LoadedModel> {
  const known = await openTuning(context, tuning);
  // The kernels of a one-second clip; other shapes share them or bring theirs on first use.
  const makePlan = (): Plan =>
    planClip(architecture, { ...context.capabilities, tuned: known.choices }, 1, dtype);
  const compiling = compileKernels(context, makePlan).catch(() => undefined);
  const checking = trustedPlan(context, makePlan, warn);
  // A kernel that cannot be used ends the download.
  const stop = new AbortController();
  checking.catch((error: unknown) => stop.abort(error));
  const format = WEIGHT_FORMAT[dtype];
  const loading = loadWeights(context, parts, {
    format,
    apart,
    signal: abortWith(stop, signal),
  }).then((weights) => new LoadedModel(context, weights, known));
  const checked = (async () => {
    const model = await loading;
    onStage?.('compile');
    await compiling;
    onStage?.('check');
    await checking;
    return model;
  })();
  // What may be better is compiled after what is needed.
  const tuned = checking.then(() =>
    tune(context, known, tuning, {
      planClip: (seconds) => planClip(architecture, context.capabilities, seconds, dtype),
      loading: checked,
      signal,
      onMeasure: () => onStage?.('tune'),
    }),
  );
  // It is awaited last, but may fail first.
  tuned.catch(() => undefined);
  try {
    const model = await checked;
    model.tuning = await tuned;
    signal?.throwIfAborted();
    return model;
  } catch (error) {
    // The device must not go while it compiles.
    const [model] = await Promise.allSettled([loading, compiling, checking, tuned]);
    const reason = signal?.aborted ? error : await context.explain(error);
    if (model.status === 'fulfilled') await model.value.dispose();
    else context.release();
    throw reason;
  } finally {
    stop.abort();
  }
}

/** Starts all compilations at once; what goes wrong with a plan or a kernel is found when kernels are checked. */
async function compileKernels({ pipelines }: GpuContext, makePlan: () => Plan): Promise<void> {
  await Promise.allSettled(makePlan().steps.map(({ call }) => pipelines.compile(call.kernel)));
}

/** Finds every tensor of a configuration in its checkpoint, and reports the others. @throws UniSpeechError `bad-checkpoint`. */
function fitCheckpoint(
  checkpoint: Checkpoint,
  architecture: Architecture,
  { dtype, warn }: LoadOnDeviceOptions,
): WeightPart {
  const plainLayout = modelLayout(architecture);
  const layout =
    architecture.config.quantizedDtype === undefined
      ? plainLayout
      : quantizedLayout(plainLayout, WEIGHT_FORMAT[dtype]);
  const { names, unexpected } = fitNames(checkpoint, architecture, layout);
  if (checkpoint.warning !== undefined) warn('renamed-tensors', checkpoint.warning);
  if (unexpected.length > 0) reportUnexpected(unexpected, checkpoint.name, warn);
  return { checkpoint, layout, names };
}

/** Tensors that change the arithmetic must not be ignored; others are only odd. */
function reportUnexpected(names: readonly string[], checkpointName: string, warn: WarningCallback): void {
  const list = listNames(names);
  if (names.some((name) => /conv_layers\.\d+\./.test(name))) {
    throw new UniSpeechError(
      'bad-checkpoint',
      `${checkpointName} holds convolution tensors that its config.json does not call for: ${list}.`,
      'Revisions of one model differ here: set "conv_bias" and "feat_extract_norm" as these weights were trained.',
    );
  }
  warn('unexpected-tensors', `${checkpointName} holds tensors that this model does not use: ${list}`);
}
