/** Workloads of one operation as graphs of this engine: planned, bound and run by the same code as whole models. */
import { ceil4 } from '../../src/gpu/kernel.ts';
import type { GraphNode } from '../../src/graph/graph-node.ts';
import type { GraphTensor } from '../../src/graph/graph-tensor.ts';
import type { Graph } from '../../src/graph/graph.ts';
import type { RunInputs } from '../../src/graph/run.ts';
import type { RunShape } from '../../src/graph/shape.ts';
import type { SingleOp, WorkloadData } from './engine.ts';
import { named } from './named.ts';
import { firstConvFrames } from './workloads.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** A workload as this engine takes it. */
export interface SingleOpGraph {
  readonly graph: Graph;
  readonly shape: RunShape;
  readonly weights: ReadonlyMap<string, Numbers>;
  readonly inputs: RunInputs;
}

/** What every graph here calls its output. */
export const OUTPUT = 'out';
const EPSILON = 1e-5;

const frames = (name: string, channels: number): GraphTensor => ({ name, extent: 'frames', channels });

/** The tensors are numbered in order, the last one being the output; the first ones are the inputs. */
function graphOf(tensors: readonly GraphTensor[], node: GraphNode): Graph {
  return {
    tensors,
    nodes: [node],
    inputs: new Map(tensors.slice(0, -1).map(({ name }, id) => [name, id])),
    outputs: new Map([[OUTPUT, node.out]]),
  };
}

const shapeOf = (frameCount: number, samples = 0): RunShape => ({ items: 1, samples, frames: frameCount });

/** @throws Error where the sizes would need padding, which no workload here has. */
export function singleOpGraph(workload: SingleOp, { inputs, weights }: WorkloadData): SingleOpGraph {
  const input = (name: string): Numbers => named(inputs, name).data;
  const weight = (name: string): Numbers => named(weights, name).data;
  switch (workload.kind) {
    case 'gemm': {
      const { rows, columns, inner } = workload;
      requireAligned(columns, inner);
      return {
        graph: graphOf([frames('a', inner), frames(OUTPUT, columns)], {
          kind: 'linear',
          x: 0,
          weight: 'w',
          bias: 'bias',
          out: 1,
        }),
        shape: shapeOf(rows),
        weights: new Map([
          ['w', weight('w')],
          ['bias', new Float32Array(columns)],
        ]),
        inputs: new Map([['a', input('a')]]),
      };
    }
    case 'grouped_conv': {
      const { channels, groups, kernel } = workload;
      requireAligned(channels, channels / groups);
      return {
        graph: graphOf([frames('x', channels), frames(OUTPUT, channels)], {
          kind: 'frame_conv',
          x: 0,
          weight: 'w',
          bias: 'bias',
          groups,
          taps: { kernel, stride: 1, padding: Math.floor(kernel / 2), dilation: 1 },
          window: undefined,
          out: 1,
        }),
        shape: shapeOf(workload.frames),
        weights: new Map([
          ['w', tapsFirst(weight('w'), channels / groups, kernel)],
          ['bias', new Float32Array(channels)],
        ]),
        inputs: new Map([['x', input('x')]]),
      };
    }
    case 'first_conv': {
      const { sampleCount, channels, kernel, stride } = workload;
      requireAligned(channels);
      const norm = { kind: 'group', gamma: 'gamma', beta: 'beta' } as const;
      return {
        graph: graphOf([{ name: 'x', extent: 'audio', channels: 1 }, frames(OUTPUT, channels)], {
          kind: 'conv_stack',
          audio: 0,
          layers: [{ kernel, stride, channels, weight: 'w', bias: undefined, norm }],
          activation: 'gelu',
          epsilon: EPSILON,
          out: 1,
        }),
        shape: shapeOf(firstConvFrames(workload), sampleCount),
        weights: new Map(['w', 'gamma', 'beta'].map((name) => [name, weight(name)])),
        inputs: new Map([['x', input('x')]]),
      };
    }
    case 'attention': {
      const { heads, headSize } = workload;
      requireAligned(headSize);
      const width = heads * headSize;
      return {
        graph: graphOf(
          [
            frames('qkv', 3 * width),
            { name: 'key_counts', extent: 'per-item', channels: 1 },
            frames(OUTPUT, width),
          ],
          { kind: 'attention', qkv: 0, keyCounts: 1, heads, headSize, out: 2 },
        ),
        shape: shapeOf(workload.frames),
        weights: new Map(),
        inputs: new Map<string, Numbers | Uint32Array<ArrayBuffer>>([
          ['qkv', sideBySide([input('q'), input('k'), input('v')], width)],
          ['key_counts', Uint32Array.of(workload.frames)],
        ]),
      };
    }
  }
}

function requireAligned(...counts: readonly number[]): void {
  const odd = counts.find((count) => count !== ceil4(count));
  if (odd !== undefined) throw new Error(`workloads have channels in multiples of 4, and ${odd} is none`);
}

/** [out][channel][tap] → [out][tap][channel], as the model's weights are laid out at load. */
function tapsFirst(w: Numbers, channelCount: number, kernel: number): Numbers {
  const laidOut = new Float32Array(w.length);
  for (let i = 0; i < w.length; i++) {
    const tap = i % kernel;
    const channel = Math.floor(i / kernel) % channelCount;
    const out = Math.floor(i / (kernel * channelCount));
    laidOut[(out * kernel + tap) * channelCount + channel] = w[i] ?? NaN;
  }
  return laidOut;
}

/** Matrices of `width` columns in one. */
function sideBySide(parts: readonly Numbers[], width: number): Numbers {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.forEach((part, index) => {
    for (let row = 0; row * width < part.length; row++)
      joined.set(part.subarray(row * width, (row + 1) * width), (row * parts.length + index) * width);
  });
  return joined;
}
