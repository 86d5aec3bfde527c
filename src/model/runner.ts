/** What all model classes share: a configuration, weights on a device, graphs and plans, and the way through a run. */
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { GpuCapabilities } from '../gpu/capabilities.ts';
import type { GpuContext } from '../gpu/context.ts';
import { explainPlan, type Explanation } from '../graph/explain.ts';
import type { Graph } from '../graph/graph.ts';
import { planGraph, readbackByteLength, type Plan } from '../graph/plan.ts';
import { Session, type RunInputs, type RunResult } from '../graph/session.ts';
import { LruMap } from '../base/lru-map.ts';
import { activationOf, buildUniSpeechGraph, type GraphOptions } from './unispeech-graph.ts';
import type { UniSpeechConfig } from './config.ts';
import { attendedFrames, frameCodes, readAudioBatch, type AudioInput, type MaskInput } from './inputs.ts';
import type { LoadedWeights } from './load-weights.ts';
import { concatenate, toTensor } from './outputs.ts';

/** What a model is called with. */
export interface ModelInputs {
  /** Normalised 16 kHz samples: one clip, a batch [batch, samples], or clips of any lengths. */
  readonly input_values: AudioInput;
  /** [batch, samples], 1 for real samples. Not needed with clips of different lengths: those are padded and masked. */
  readonly attention_mask?: MaskInput | null;
  /** [batch, frames], true where a frame is replaced by the mask embedding. */
  readonly mask_time_indices?: MaskInput | null;
  readonly output_hidden_states?: boolean | null;
  readonly output_attentions?: boolean | null;
  /** Rejects with the signal's reason; a run under way ends on the GPU, its result is dropped. */
  readonly signal?: AbortSignal;
}

/** Timings of the latest run, for benchmarks and reports. */
export interface RunReport {
  /** Milliseconds of encoding and submitting on the host. */
  readonly encodeMilliseconds: number;
  /** Step name, kernel and GPU nanoseconds, where the adapter has timestamps and timing was asked for. */
  readonly steps: readonly { readonly name: string; readonly kernel: string; readonly nanoseconds: number }[];
}

const INPUT_NAMES = [
  'input_values',
  'attention_mask',
  'mask_time_indices',
  'output_hidden_states',
  'output_attentions',
  'signal',
];
const PLAN_CACHE_SIZE = 16;

export class ModelRunner {
  readonly #session: Session;
  readonly #graphs = new Map<string, Graph>();
  readonly #plans = new LruMap<string, Plan>(PLAN_CACHE_SIZE);
  #isDisposed = false;
  /** Set to have every run timed step by step. */
  timing = false;
  lastReport: RunReport | undefined;

  /** Takes over the weights and one use of the context. */
  constructor(
    readonly config: UniSpeechConfig,
    readonly context: GpuContext,
    readonly weights: LoadedWeights,
    private readonly head: GraphOptions['head'],
    private readonly hiddenStatesConvention: GraphOptions['hiddenStatesConvention'],
  ) {
    this.#session = new Session(context, weights.buffers);
  }

  /** GPU bytes held for activations. */
  get activationByteLength(): number {
    return this.#session.activationByteLength;
  }

  /** Runs a batch; a batch that is too large for the adapter's bindings is run in parts. */
  async run(inputs: ModelInputs): Promise<ReadonlyMap<string, Tensor<'float32'>>> {
    rejectUnknownOptions(inputs, INPUT_NAMES, 'A model call');
    inputs.signal?.throwIfAborted();
    const { config } = this;
    const batch = readAudioBatch(inputs.input_values, inputs.attention_mask, config);
    const frames = config.frameCount(batch.samples);
    const counts = attendedFrames(batch, frames, config);
    const codes = frameCodes(counts, frames, inputs.mask_time_indices, config);
    const options = this.#graphOptions(
      codes !== undefined,
      inputs.output_hidden_states ?? config.output_hidden_states,
      inputs.output_attentions ?? config.output_attentions,
    );
    const itemsPerRun = this.#itemsPerRun(options, batch.items, batch.samples);
    const parts: ReadonlyMap<string, Tensor<'float32'>>[] = [];
    for (let first = 0; first < batch.items; first += itemsPerRun) {
      const items = Math.min(itemsPerRun, batch.items - first);
      const plan = this.#plan(options, items, batch.samples);
      const runInputs: RunInputs = new Map<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>([
        ['input_values', batch.data.subarray(first * batch.samples, (first + items) * batch.samples)],
        ['key_counts', Uint32Array.from(counts.slice(first, first + items))],
        ...(codes
          ? [['frame_codes', codes.subarray(first * frames, (first + items) * frames)] as const]
          : []),
      ]);
      const result = await this.#session.run(plan, runInputs, { timing: this.timing, signal: inputs.signal });
      inputs.signal?.throwIfAborted();
      this.lastReport = report(plan, result);
      parts.push(tensorsOf(plan, result));
    }
    const [first = new Map<string, Tensor<'float32'>>()] = parts;
    return new Map(
      [...first.keys()].map((name) => [name, concatenate(parts.flatMap((part) => part.get(name) ?? []))]),
    );
  }

  /** The plan for a shape, printable; of its first part where a batch is run in parts. */
  explain(dims: readonly number[]): Explanation {
    const [items, samples] = dims.length === 1 ? [1, dims[0]] : dims;
    const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;
    if (!isCount(items) || !isCount(samples) || this.config.frameCount(samples) < 1) {
      throw new UniSpeechError(
        'bad-input',
        `explain() needs the dims of input_values, [batch, samples] with at least ${this.config.minimumSampleCount} samples, but got [${dims.join(', ')}].`,
      );
    }
    const options = this.#graphOptions(false, false, false);
    const plan = this.#plan(options, this.#itemsPerRun(options, items, samples), samples);
    return explainPlan(plan, this.context.capabilities);
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.#session.dispose();
    this.context.release();
  }

  #graphOptions(masksFrames: boolean, hiddenStates: boolean, attentions: boolean): GraphOptions {
    return {
      head: this.head,
      masksFrames,
      hiddenStates,
      attentions,
      hiddenStatesConvention: this.hiddenStatesConvention,
    };
  }

  #plan(options: GraphOptions, items: number, samples: number): Plan {
    const graphKey = JSON.stringify(options);
    return this.#plans.getOrMake(`${graphKey} ${items} ${samples}`, () => {
      let graph = this.#graphs.get(graphKey);
      if (graph === undefined) {
        graph = buildUniSpeechGraph(this.config, options);
        this.#graphs.set(graphKey, graph);
      }
      const shape = { items, samples, frames: this.config.frameCount(samples) };
      return planGraph(graph, shape, this.context.capabilities, activationOf(this.config.hidden_act));
    });
  }

  /** How many items fit the adapter's buffers at once; one item always runs, tiled in time where needed. */
  #itemsPerRun(options: GraphOptions, items: number, samples: number): number {
    if (items === 1) return 1;
    const { tensors, outputs } = this.#plan(options, 1, samples);
    const { maxStorageBufferBindingSize, maxBufferSize } = this.context.capabilities.limits;
    const largest = Math.max(...tensors.map(({ byteLength }) => byteLength));
    const fitting = Math.min(
      Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / largest),
      Math.floor(maxBufferSize / readbackByteLength(tensors, outputs)),
    );
    return Math.max(1, Math.min(items, fitting));
  }
}

/** Compiles the kernels of a one-second clip: the others share them or compile on first use. */
export async function compileKernels(
  config: UniSpeechConfig,
  context: GpuContext,
  head: GraphOptions['head'],
): Promise<void> {
  const { steps } = planClip(config, context.capabilities, head, 1);
  await Promise.all(steps.map(({ call }) => context.pipelines.compile(call.kernel)));
}

/** The plan for one clip of about this length, without masks or optional outputs. */
export function planClip(
  config: UniSpeechConfig,
  capabilities: GpuCapabilities,
  head: GraphOptions['head'],
  seconds: number,
): Plan {
  const samples = Math.max(seconds * 16_000, config.minimumSampleCount);
  const graph = buildUniSpeechGraph(config, {
    head,
    masksFrames: false,
    hiddenStates: false,
    attentions: false,
    hiddenStatesConvention: 'current',
  });
  const shape = { items: 1, samples, frames: config.frameCount(samples) };
  return planGraph(graph, shape, capabilities, activationOf(config.hidden_act));
}

function tensorsOf(plan: Plan, result: RunResult): ReadonlyMap<string, Tensor<'float32'>> {
  return new Map(
    [...plan.outputs].map(([name, { graphTensor }]) => [
      name,
      toTensor(result.outputs.get(name) ?? new Float32Array(), graphTensor, plan.shape),
    ]),
  );
}

function report(plan: Plan, { encodeMilliseconds, stepNanoseconds }: RunResult): RunReport {
  const steps = (stepNanoseconds ?? []).map((nanoseconds, index) => ({
    name: plan.steps[index]?.name ?? '',
    kernel: plan.steps[index]?.call.kernel.name ?? '',
    nanoseconds,
  }));
  return { encodeMilliseconds, steps };
}
