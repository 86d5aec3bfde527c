/** The base of all model classes. Names and calls are those of transformers and transformers.js. */
import { platform } from '#platform';
import { Callable } from '../base/callable.ts';
import { contextOf, openSharedContext, type GpuContext } from '../gpu/context.ts';
import type { Explanation } from '../graph/explain.ts';
import { checkModelOptions, openFilesOptions, type ModelOptions } from './core/load-options.ts';
import { kindOf, loadRunner, type ModelKind } from './core/load-runner.ts';
import type { RunProfile } from './core/batch-parts.ts';
import type { LoadLanguageOptions } from './core/language-options.ts';
import type { ModelInputs, ModelRunner } from './core/runner.ts';
import type { EncoderConfig } from './encoder/config.ts';
import type { HeadChoice } from './heads/later-heads.ts';

/**
 * A loaded model: configuration, weights on the GPU, and a call.
 * @typeParam O the result of a call.
 * @typeParam A the arguments of a call that only its head takes.
 */
export abstract class SpeechModel<O, A = unknown> extends Callable<[inputs: ModelInputs & A], Promise<O>> {
  /** Another language may have another vocabulary. */
  config: EncoderConfig;

  /**
   * Loads a model of this class.
   * @param location a Hugging Face id, or a folder or base URL with config.json and the weights: model.safetensors or pytorch_model.bin, in
   * one file or shards. The file may be of another class of the family if it has the tensors of this one.
   * @throws UniSpeechError that says what is wrong and what to do. Nothing stays allocated then.
   */
  static from_pretrained<M>(
    this: ModelClass<M>,
    location: string | URL,
    options: ModelOptions = {},
  ): Promise<M> {
    return loadModel([this], location, options);
  }

  /** The runner below the model, for benchmarks and reports. */
  readonly runner: ModelRunner<O>;

  constructor(runner: ModelRunner<O>) {
    super();
    this.runner = runner;
    this.config = runner.config;
  }

  /** Whether the models of its class have this head. */
  hasHead(head: HeadChoice): boolean {
    return (this.constructor as unknown as ModelKind).head === head;
  }

  override _call(inputs: ModelInputs & A): Promise<O> {
    return this.runner.call(inputs);
  }

  /** The plan of a forward pass for input_values of these dims, [batch, samples]. Print it with `String(...)`. */
  explain(dims: readonly number[]): Explanation {
    return this.runner.explain(dims);
  }

  /**
   * Runs a forward pass and reports when every kernel ran, if the adapter has timestamps. The first run of a shape also prepares
   * it, so profile the second. `unispeech-webgpu/profile` turns the result into tables, traces and tracks of DevTools.
   */
  profile(inputs: ModelInputs & A): Promise<RunProfile> {
    return this.runner.profile(inputs);
  }

  /** `Wav2Vec2ForCTC.load_adapter`, for callers who do not know the class. @throws UniSpeechError `bad-option` for models without languages. */
  async loadLanguage(language: string, options: LoadLanguageOptions = {}): Promise<void> {
    await this.runner.loadLanguage(language, options);
    this.config = this.runner.config;
  }

  /** Frees weights, activations and, if no other model uses it, the device. Waits for pending runs. */
  dispose(): Promise<void> {
    return this.runner.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** The part of a model class that loading needs. */
export interface ModelClass<M> extends ModelKind {
  /** The runner is one of its head. */
  new (runner: ModelRunner<never>): M;
}

/**
 * Loads a model with the class that its `model_type` chooses.
 * @param classes classes with the same head, one per family.
 */
export async function loadModel<M>(
  classes: readonly ModelClass<M>[],
  location: string | URL,
  options: ModelOptions,
): Promise<M> {
  checkModelOptions(options, 'from_pretrained');
  const files = platform.openModelFiles(location, openFilesOptions(location, options));
  // Callers who do not want the model stored do not want measurements stored either.
  const tuningStore = options.cache === false ? undefined : platform.tuningStore;
  const runner = await loadRunner(files, classes, () => openContextFor(options.device), {
    ...options,
    tuningStore,
  });
  return new (kindOf(classes, runner.config))(runner as ModelRunner<never>);
}

async function openContextFor(device: ModelOptions['device']): Promise<GpuContext> {
  return typeof device === 'object' && device !== null ? contextOf(device) : openSharedContext(platform);
}
