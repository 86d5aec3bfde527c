/** Runs a model: its configuration, its weights on a device, and the steps of a run. */
import { abortable, abortWith } from '../../base/abortable.ts';
import { isCount, isList, isRecord } from '../../base/checks.ts';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../../base/errors.ts';
import type { NumberTable } from '../../base/number-tables.ts';
import { badInput, checkBoolean, checkSignal } from '../../base/option-checks.ts';
import type { WarningCallback } from '../../base/files.ts';
import { SharedTurns } from '../../base/turns.ts';
import type { GpuContext } from '../../gpu/context.ts';
import { explainPlan, type Explanation } from '../../graph/explain.ts';
import { trustedPlan } from '../../graph/trusted-plan.ts';
import type { RunInputs } from '../../graph/run.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { minimumSamples, type Head, type HeadRun, type OutputTensors } from '../heads/head.ts';
import {
  itemsOf,
  joinedOutputs,
  partResult,
  type PartResult,
  type RunProfile,
  type RunReport,
} from './batch-parts.ts';
import { encoderInputs, readAudioBatch, type ModelAudio } from './inputs.ts';
import { checkLanguageOptions, type LoadLanguage, type LoadLanguageOptions } from './language-options.ts';
import type { LoadedWeights } from './load-weights.ts';
import { DurableModel, type LoadedModel, type LoadModel } from './loaded-model.ts';
import {
  type GraphSelection,
  ModelPlans,
  PLAIN,
  type ModelPlanOptions,
  type PlanBasis,
  tunedCapabilities,
} from './model-plans.ts';
import type { Tuning } from './tuning.ts';

/** The input of a model. */
export interface ModelInputs {
  /** Normalised 16 kHz samples: one clip, a batch [batch, samples], or clips of any lengths. */
  readonly input_values: ModelAudio;
  /** [batch, samples], 1 for real samples. Not needed for clips of different lengths, which are padded and masked here. */
  readonly attention_mask?: NumberTable | null;
  /** [batch, frames], true where a frame is replaced by the mask embedding. */
  readonly mask_time_indices?: NumberTable | null;
  readonly output_hidden_states?: boolean | null;
  readonly output_attentions?: boolean | null;
  /** Cancels the call, which rejects with the signal's reason. Submitted GPU work still ends, and its result is dropped. */
  readonly signal?: AbortSignal;
}

/** A batch that was run, and what its head makes of it. */
interface BatchResult<O> {
  readonly parts: readonly PartResult[];
  readonly headRun: HeadRun<O>;
}

const INPUT_NAMES = [
  'input_values',
  'attention_mask',
  'mask_time_indices',
  'output_hidden_states',
  'output_attentions',
  'signal',
];
/** 2 GiB of samples, more than any possible batch. */
const MAX_EXPLAINED_SAMPLES = 2 ** 29;

export interface RunnerOptions<O> extends ModelPlanOptions {
  readonly head: Head<O>;
  /** Loads the model again on a new device, with the language that it has by then. */
  readonly load: LoadModel;
  readonly loadLanguage: LoadLanguage;
  readonly warn: WarningCallback;
}

/** @typeParam O the output of its head. */
export class ModelRunner<O = unknown> {
  readonly #model: DurableModel;
  readonly #plans: ModelPlans;
  /** Set this to time every run step by step. */
  timing = false;
  lastReport: RunReport | undefined;
  /** Called with the report of every run. */
  onReport: ((report: RunReport) => void) | undefined;
  readonly #options: RunnerOptions<O>;

  #config: EncoderConfig;
  readonly #turns = new SharedTurns();

  constructor(config: EncoderConfig, loaded: LoadedModel, options: RunnerOptions<O>) {
    this.#config = config;
    this.#options = options;
    this.#plans = new ModelPlans(options);
    this.#model = new DurableModel(loaded, options.load, options.warn);
  }

  /** Another language may have another vocabulary. */
  get config(): EncoderConfig {
    return this.#config;
  }

  get head(): Head<O> {
    return this.#options.head;
  }

  /** The current device. After a loss it is a new one. */
  get context(): GpuContext {
    return this.#model.current.context;
  }

  get weights(): LoadedWeights {
    return this.#model.current.weights;
  }

  /** The measured choices of this model, and the measurements of its load. */
  get tuning(): Tuning {
    return this.#model.current.tuning;
  }

  /** GPU bytes held for activations. */
  get activationByteLength(): number {
    return this.#model.current.session.activationByteLength;
  }

  /** Runs a batch and returns the head's output. */
  async call(inputs: ModelInputs): Promise<O> {
    const { parts, headRun } = await this.#runBatch(inputs, this.timing);
    return headRun.readOutputs(joinedOutputs(parts));
  }

  /**
   * Runs a batch and returns the tensors of its outputs.
   * @param requests names of outputs that the head gives only where they are asked for.
   */
  async run(inputs: ModelInputs, requests: readonly string[] = []): Promise<OutputTensors> {
    return joinedOutputs((await this.#runBatch(inputs, this.timing, requests)).parts);
  }

  /** Runs a batch, timed step by step. */
  async profile(inputs: ModelInputs): Promise<RunProfile> {
    const { parts } = await this.#runBatch(inputs, true);
    const reports = parts.map(({ report }) => report);
    return {
      adapter: this.context.capabilities.adapter,
      encodeMilliseconds: reports.reduce((sum, { encodeMilliseconds }) => sum + encodeMilliseconds, 0),
      busy: reports.flatMap(({ busy }) => busy),
      spans: reports.flatMap(({ spans }) => spans),
      steps: reports.flatMap(({ steps }) => steps),
    };
  }

  /**
   * Takes the weights of another language. Calls that run end first, and later ones wait for it.
   * @throws UniSpeechError `bad-option`, `not-found`, `bad-checkpoint`, `disposed`; the signal's reason. The model keeps its language then.
   */
  async loadLanguage(language: string, options: LoadLanguageOptions = {}): Promise<void> {
    checkLanguageOptions(options);
    const over = new AbortController();
    const signal = abortWith(over, options.signal, this.#model.closing);
    try {
      await this.#turns.change(
        () =>
          this.#model.use(async (model) => {
            this.#config = await this.#options.loadLanguage(model, language, { ...options, signal });
            this.#plans.clear();
          }, signal),
        signal,
      );
    } finally {
      over.abort();
    }
  }

  async #runBatch(
    inputs: ModelInputs,
    timing: boolean,
    requests: readonly string[] = [],
  ): Promise<BatchResult<O>> {
    if (!isRecord(inputs) || !('input_values' in inputs))
      throw badInput('The input of a model call', inputs, 'an object with input_values');
    const { head } = this.#options;
    rejectUnknownOptions(inputs, [...INPUT_NAMES, ...head.argumentNames], 'A model call');
    checkBoolean('output_hidden_states', inputs.output_hidden_states);
    checkBoolean('output_attentions', inputs.output_attentions);
    checkSignal(inputs.signal);
    inputs.signal?.throwIfAborted();
    return this.#turns.call(() => this.#runInTurn(inputs, timing, requests), inputs.signal);
  }

  /** A batch that is too large for the adapter's bindings is run in parts. */
  async #runInTurn(
    inputs: ModelInputs & Readonly<Record<string, unknown>>,
    timing: boolean,
    requests: readonly string[],
  ): Promise<BatchResult<O>> {
    const { config } = this;
    const { head } = this.#options;
    const batch = readAudioBatch(inputs.input_values, inputs.attention_mask, config);
    const encoder = encoderInputs(batch, inputs.mask_time_indices, config);
    const headRun = await head.prepare({
      config,
      shape: { ...batch, frames: config.frameCount(batch.samples) },
      sampleCounts: batch.lengths ?? new Array<number>(batch.items).fill(batch.samples),
      isMasked: batch.lengths !== undefined,
      inputs,
    });
    const headInputs: RunInputs = headRun.graphInputs ?? new Map();
    const runInputs: RunInputs = new Map([...encoder, ...headInputs]);
    const selection: GraphSelection = {
      masksFrames: encoder.has('frame_codes'),
      hiddenStates: inputs.output_hidden_states ?? config.output_hidden_states,
      attentions: inputs.output_attentions ?? config.output_attentions,
      headInputs: [...headInputs.keys(), ...(headRun.requests ?? []), ...requests],
    };
    const parts = await this.#model.use(async (model) => {
      const itemsPerRun = this.#plans.itemsPerRun(this.#planned, selection, batch.items, batch.samples);
      const done: PartResult[] = [];
      for (let first = 0; first < batch.items; first += itemsPerRun) {
        const end = Math.min(first + itemsPerRun, batch.items);
        const { signal } = inputs;
        const planning = trustedPlan(
          model.context,
          () => this.#plans.plan(this.#planned, selection, end - first, batch.samples),
          this.#options.warn,
        );
        const plan = await abortable(planning, signal);
        const result = await model.session.run(plan, itemsOf(runInputs, batch.items, first, end), {
          timing,
          signal,
        });
        signal?.throwIfAborted();
        const part = partResult(plan, result);
        this.lastReport = part.report;
        this.onReport?.(part.report);
        done.push(part);
      }
      return done;
    }, inputs.signal);
    return { parts, headRun };
  }

  /** The printable plan for a shape. For a batch that is run in parts it is the plan of the first part. */
  explain(dims: readonly number[]): Explanation {
    const given: unknown = dims;
    const list: readonly unknown[] = isList(given) ? Array.from(given) : [];
    const [items, samples, ...more] = list.length === 1 ? [1, list[0]] : list;
    const minimum = minimumSamples(this.config, this.head);
    if (
      !isCount(items) ||
      !isCount(samples) ||
      more.length > 0 ||
      items * samples > MAX_EXPLAINED_SAMPLES ||
      items < 1 ||
      samples < minimum
    ) {
      const found = isList(given)
        ? `[${list.slice(0, 4).map(describeValue).join(', ')}]`
        : describeValue(given);
      throw new UniSpeechError(
        'bad-input',
        `explain() needs the dims of input_values, [batch, samples] with at least ${minimum} samples and at most ${MAX_EXPLAINED_SAMPLES} in all, but got ${found}.`,
      );
    }
    const itemsPerRun = this.#plans.itemsPerRun(this.#planned, PLAIN, items, samples);
    const plan = this.#plans.plan(this.#planned, PLAIN, itemsPerRun, samples);
    return explainPlan(plan, tunedCapabilities(this.#planned));
  }

  dispose(): Promise<void> {
    return this.#model.dispose();
  }

  get #planned(): PlanBasis {
    const { config, tuning } = this;
    return { config, tuning, capabilities: this.context.capabilities };
  }
}
