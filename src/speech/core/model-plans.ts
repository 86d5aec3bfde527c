/** The graphs and plans of a model: made once for what a call computes, and for its shape. */
import { LruMap } from '../../base/lru-map.ts';
import type { GpuCapabilities } from '../../gpu/capabilities.ts';
import type { Graph } from '../../graph/graph.ts';
import { planGraph, readbackByteLength, type Plan, type PlanOptions } from '../../graph/plan.ts';
import { activationOf } from '../encoder/encoder-builder.ts';
import type { GraphOptions } from '../encoder/encoder-graph.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { WEIGHT_FORMAT, type Dtype } from '../encoder/weight-dtype.ts';
import { type Architecture, buildModelGraph } from '../heads/architecture.ts';
import { minimumSamples } from '../heads/head.ts';
import type { Tuning } from './tuning.ts';

/** What a forward pass computes. Equal selections give equal graphs. */
export interface GraphSelection extends Omit<GraphOptions, 'hiddenStatesConvention'> {
  /** The head's inputs that the call gives, and the outputs that it asks for. */
  readonly headInputs: readonly string[];
}

/** Without masks or optional outputs. */
export const PLAIN: GraphSelection = {
  masksFrames: false,
  hiddenStates: false,
  attentions: false,
  headInputs: [],
};
const PLAN_CACHE_SIZE = 16;

export interface ModelPlanOptions
  extends Pick<GraphOptions, 'hiddenStatesConvention'>, Omit<Architecture, 'config'> {
  readonly dtype: Dtype;
}

/** What plans depend on, and may change while the model lives. */
export interface PlanBasis {
  readonly config: EncoderConfig;
  readonly capabilities: GpuCapabilities;
  readonly tuning: Tuning;
}

export class ModelPlans {
  readonly #graphs = new Map<string, Graph>();
  readonly #plans = new LruMap<string, Plan>(PLAN_CACHE_SIZE);
  /** The capabilities for which the cached plans were made. */
  #plannedFor: GpuCapabilities | undefined;
  readonly #options: ModelPlanOptions;

  constructor(options: ModelPlanOptions) {
    this.#options = options;
  }

  /** Forgets all: the configuration is another. */
  clear(): void {
    this.#graphs.clear();
    this.#plans.clear();
  }

  plan(model: PlanBasis, selection: GraphSelection, items: number, samples: number): Plan {
    const { config, capabilities } = model;
    const { head, pieces, dtype, hiddenStatesConvention } = this.#options;
    if (capabilities !== this.#plannedFor) this.#plans.clear();
    this.#plannedFor = capabilities;
    const graphKey = JSON.stringify(selection);
    return this.#plans.getOrMake(`${graphKey} ${items} ${samples}`, () => {
      let graph = this.#graphs.get(graphKey);
      if (graph === undefined) {
        const architecture = { config, head, pieces };
        graph = buildModelGraph(architecture, { ...selection, hiddenStatesConvention }, selection.headInputs);
        this.#graphs.set(graphKey, graph);
      }
      const shape = { items, samples, frames: config.frameCount(samples) };
      return planGraph(graph, shape, tunedCapabilities(model), planOptions(config, dtype));
    });
  }

  /** How many items fit the adapter's buffers together. A single item always runs, tiled in time if necessary. */
  itemsPerRun(model: PlanBasis, selection: GraphSelection, items: number, samples: number): number {
    if (items === 1) return 1;
    const { tensors, outputs } = this.plan(model, selection, 1, samples);
    const { maxStorageBufferBindingSize, maxBufferSize } = model.capabilities.limits;
    const largest = Math.max(...tensors.map(({ byteLength }) => byteLength));
    const fitting = Math.min(
      Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / largest),
      Math.floor(maxBufferSize / readbackByteLength(tensors, outputs)),
    );
    return Math.max(1, Math.min(items, fitting));
  }
}

/** With the variants that were measured to be fast. */
export const tunedCapabilities = ({ capabilities, tuning }: PlanBasis): GpuCapabilities => ({
  ...capabilities,
  tuned: tuning.choices,
});

/** The plan for one clip of about this length, without masks or optional outputs. */
export function planClip(
  architecture: Architecture,
  capabilities: GpuCapabilities,
  seconds: number,
  dtype: Dtype = 'fp32',
): Plan {
  const { config, head } = architecture;
  const samples = Math.max(seconds * 16_000, minimumSamples(config, head));
  const graph = buildModelGraph(architecture, { ...PLAIN, hiddenStatesConvention: 'current' });
  const shape = { items: 1, samples, frames: config.frameCount(samples) };
  return planGraph(graph, shape, capabilities, planOptions(config, dtype));
}

const planOptions = (config: EncoderConfig, dtype: Dtype): PlanOptions => ({
  hiddenActivation: activationOf(config.hidden_act),
  weightFormat: WEIGHT_FORMAT[dtype],
});
