/** Runs a small graph on a GPU. */
import type { Activation } from '../../kernels/activation.ts';
import type { GpuContext } from '../../src/gpu/context.ts';
import { GPUBufferUsage } from '../../src/gpu/flags.ts';
import { fuse } from '../../src/graph/fuse.ts';
import type { GraphBuilder } from '../../src/graph/graph.ts';
import { planGraph } from '../../src/graph/plan.ts';
import type { RunInputs } from '../../src/graph/run.ts';
import { Session } from '../../src/graph/session.ts';
import type { RunShape } from '../../src/graph/shape.ts';

export interface GraphRun {
  readonly shape: RunShape;
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly inputs: RunInputs;
  readonly hiddenActivation?: Activation;
}

export interface GraphResult {
  readonly stepNames: readonly string[];
  readonly output: (name: string) => Float32Array;
}

/** Fuses the graph, plans it with float32 weights, and runs it once. */
export async function runGraph(
  context: GpuContext,
  graph: GraphBuilder,
  { shape, weights, inputs, hiddenActivation = 'gelu' }: GraphRun,
): Promise<GraphResult> {
  const plan = planGraph(fuse(graph.build()), shape, context.capabilities, {
    hiddenActivation,
    weightFormat: 'f32',
  });
  const bindings = Object.entries(weights).map(
    ([name, values]) => [name, weightBuffer(context, values)] as const,
  );
  const session = new Session(context, new Map(bindings));
  try {
    const { outputs } = await session.run(plan, inputs);
    return {
      stepNames: plan.steps.map(({ name }) => name),
      output: (name) => outputs.get(name) ?? new Float32Array(),
    };
  } finally {
    await session.dispose();
  }
}

/** A buffer of the session's weights, which the session destroys. */
function weightBuffer({ device }: GpuContext, values: Float32Array): GPUBufferBinding {
  const buffer = device.createBuffer({
    size: Math.max(16, values.byteLength),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength);
  return { buffer };
}
