/** The model classes, named and called as in transformers and transformers.js. */
import { platform } from '#platform';
import { Callable } from '../base/callable.ts';
import { contextOf, openSharedContext, type GpuContext } from '../gpu/context.ts';
import type { Explanation } from '../graph/explain.ts';
import { withProgress } from '../files/progress.ts';
import type { UniSpeechConfig } from './encoder/config.ts';
import { checkModelOptions, openFilesOptions, type ModelOptions } from './core/load-options.ts';
import { loadConfig, loadRunner } from './core/load-runner.ts';
import { collect, type BaseModelOutput, type CausalLMOutput } from './core/outputs.ts';
import type { ModelInputs, ModelRunner, RunProfile } from './core/runner.ts';
import type { GraphOptions } from './encoder/encoder-graph.ts';

/** A loaded model: configuration, weights on the GPU, and a call. */
export abstract class UniSpeechPreTrainedModel<O> extends Callable<[inputs: ModelInputs], Promise<O>> {
  readonly config: UniSpeechConfig;
  /** The machinery below the model: for benchmarks and reports. */
  readonly runner: ModelRunner;

  constructor(runner: ModelRunner) {
    super();
    this.runner = runner;
    this.config = runner.config;
  }

  /** The plan of a forward pass for input_values of these dims, [batch, samples]; print it with `String(...)`. */
  explain(dims: readonly number[]): Explanation {
    return this.runner.explain(dims);
  }

  /**
   * Runs a forward pass and tells when every kernel ran, where the adapter has timestamps. The first run of a shape also prepares
   * it: profile the second. `unispeech-webgpu/profile` makes tables, traces and tracks of DevTools of the result.
   */
  profile(inputs: ModelInputs): Promise<RunProfile> {
    return this.runner.profile(inputs);
  }

  /** Frees weights, activations and, when no other model uses it, the device. Waits for runs under way. */
  dispose(): Promise<void> {
    return this.runner.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** The bare encoder (`UniSpeechModel`): hidden states out. */
export class UniSpeechModel extends UniSpeechPreTrainedModel<BaseModelOutput> {
  /**
   * @param location folder or base URL with config.json and model.safetensors (one file or shards). A file of any
   * UniSpeech class will do.
   * @throws UniSpeechError saying what is wrong and what to do; nothing stays allocated.
   */
  static async from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechModel> {
    return new UniSpeechModel(await load(location, 'none', options));
  }

  override async _call(inputs: ModelInputs): Promise<BaseModelOutput> {
    const outputs = await this.runner.run(inputs);
    const last_hidden_state = outputs.get('last_hidden_state');
    const extract_features = outputs.get('extract_features');
    if (!last_hidden_state || !extract_features) throw new Error('the graph lacks an output');
    return { last_hidden_state, extract_features, ...optionalOutputs(outputs) };
  }
}

/** The encoder with a linear CTC head (`UniSpeechForCTC`): logits out. */
export class UniSpeechForCTC extends UniSpeechPreTrainedModel<CausalLMOutput> {
  /** As `UniSpeechModel.from_pretrained`; the file must hold `lm_head`. */
  static async from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechForCTC> {
    return new UniSpeechForCTC(await load(location, 'ctc', options));
  }

  override async _call(inputs: ModelInputs): Promise<CausalLMOutput> {
    const outputs = await this.runner.run(inputs);
    const logits = outputs.get('logits');
    if (!logits) throw new Error('the graph lacks an output');
    return { logits, ...optionalOutputs(outputs) };
  }
}

/** Chooses the class by `model_type`: the bare encoder. */
export class AutoModel {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechModel> {
    return UniSpeechModel.from_pretrained(location, options);
  }
}

/** Chooses the class by `model_type`: a CTC model. */
export class AutoModelForCTC {
  static from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechForCTC> {
    return UniSpeechForCTC.from_pretrained(location, options);
  }
}

/** Reads and checks config.json. */
export class AutoConfig {
  /** Takes the options of a model, of which `signal` and `progress_callback` matter here. */
  static async from_pretrained(location: string | URL, options: ModelOptions = {}): Promise<UniSpeechConfig> {
    checkModelOptions(options, 'AutoConfig.from_pretrained');
    const files = platform.openModelFiles(location, openFilesOptions(location, options));
    if (!options.progress_callback) return loadConfig(files, options.signal);
    const reported = withProgress(files, options.progress_callback);
    const config = await loadConfig(reported, options.signal);
    reported.finish();
    return config;
  }
}

type OptionalOutputs = Pick<BaseModelOutput, 'hidden_states' | 'attentions'>;

function optionalOutputs(outputs: Parameters<typeof collect>[0]): OptionalOutputs {
  const hidden_states = collect(outputs, 'hidden_states');
  const attentions = collect(outputs, 'attentions');
  return { ...(hidden_states && { hidden_states }), ...(attentions && { attentions }) };
}

async function load(
  location: string | URL,
  head: GraphOptions['head'],
  options: ModelOptions,
): Promise<ModelRunner> {
  checkModelOptions(options, 'from_pretrained');
  const files = platform.openModelFiles(location, openFilesOptions(location, options));
  // Who wants nothing kept of a model wants nothing else kept.
  const tuningStore = options.cache === false ? undefined : platform.tuningStore;
  return loadRunner(files, head, () => openContextFor(options.device), { ...options, tuningStore });
}

async function openContextFor(device: ModelOptions['device']): Promise<GpuContext> {
  return typeof device === 'object' && device !== null ? contextOf(device) : openSharedContext(platform);
}
