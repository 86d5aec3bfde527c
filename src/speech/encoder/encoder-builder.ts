/** Adds the operations of an encoder to a graph, with what they share. */
import { activationNamed, type Activation } from '../../../kernels/activation.ts';
import type { TensorId } from '../../graph/graph-tensor.ts';
import type { GraphBuilder } from '../../graph/graph.ts';
import type { ConfigFields } from './config-fields.ts';

export const activationOf = (name: string): Activation => activationNamed(name) ?? 'gelu';

/** Labels are names of tensors for people; the names of weights are those of the checkpoint without prefix. */
export class EncoderBuilder {
  constructor(
    readonly graph: GraphBuilder,
    readonly config: ConfigFields,
  ) {}

  /** The norm of the channels. Its epsilon is `layer_norm_eps` by default. */
  layerNorm(name: string, label: string, x: TensorId, epsilon = this.config.layer_norm_eps): TensorId {
    return this.graph.add(label, this.graph.channelsOf(x), {
      kind: 'layer_norm',
      x,
      gamma: `${name}.weight`,
      beta: `${name}.bias`,
      epsilon,
    });
  }

  linear(name: string, label: string, x: TensorId, channels: number): TensorId {
    return this.graph.add(label, channels, {
      kind: 'linear',
      x,
      weight: `${name}.weight`,
      bias: `${name}.bias`,
    });
  }

  add(label: string, x: TensorId, y: TensorId): TensorId {
    return this.graph.add(label, this.graph.channelsOf(x), { kind: 'add', x, y });
  }

  activate(label: string, activation: Activation, x: TensorId): TensorId {
    return this.graph.add(label, this.graph.channelsOf(x), { kind: 'activation', x, activation });
  }
}
