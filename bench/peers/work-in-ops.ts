/** Every workload in the operations of `array-ops.ts`. */
import { CONV_NORM_EPSILON, type OpWeight, type OpWork } from './array-ops.ts';
import type { HostTensor, Workload, WorkloadData } from './engine.ts';
import { reshape } from './host-layout.ts';
import { modelInOps } from './model-in-ops.ts';
import { named } from './named.ts';

/** @throws Error in one sentence where the workload is incomplete, or its model is of another kind than a base one. */
export function workInOps(workload: Workload, { inputs, weights, config }: WorkloadData): OpWork {
  const weight = (name: string): HostTensor => named(weights, name);
  const work = { inputs, convolutions: [], groupedConvolutions: [] };
  switch (workload.kind) {
    case 'gemm':
      return {
        ...work,
        weights: new Map([['w', { role: 'matrix', tensor: weight('w') }]]),
        apply: (ops, input, w) => ops.linear(input('a'), w('w')),
      };
    case 'grouped_conv': {
      const { groups } = workload;
      return {
        ...work,
        groupedConvolutions: [workload],
        weights: new Map([['w', { role: 'grouped_conv', groups, tensor: weight('w') }]]),
        apply: (ops, input, w) => ops.groupedConv(input('x'), w('w'), workload),
      };
    }
    case 'first_conv': {
      const { sampleCount: frames, channels, kernel, stride } = workload;
      const shape = { frames, inputs: 1, outputs: channels, kernel, stride };
      return {
        ...work,
        inputs: { x: column(named(inputs, 'x')) },
        convolutions: [shape],
        weights: new Map<string, OpWeight>([
          ['w', { role: 'conv', tensor: reshape(weight('w'), [channels, 1, kernel]) }],
          ['gamma', { role: 'vector', tensor: weight('gamma') }],
          ['beta', { role: 'vector', tensor: weight('beta') }],
        ]),
        apply: (ops, input, w) =>
          ops.gelu(
            ops.channelNorm(ops.conv(input('x'), w('w'), shape), w('gamma'), w('beta'), CONV_NORM_EPSILON),
          ),
      };
    }
    case 'attention':
      return {
        ...work,
        weights: new Map(),
        apply: (ops, input) => ops.attention(input('q'), input('k'), input('v'), workload.heads),
      };
    case 'model':
      return modelInOps(column(named(inputs, 'x')), weights, config);
  }
}

const column = (samples: HostTensor): HostTensor => reshape(samples, [samples.data.length, 1]);
