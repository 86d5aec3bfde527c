/** How the adapter behind the encoder changes frames and channels: what configurations say of it. Its operations are in `frame-adapter.ts`. */
import type { FrameWindow } from '../../graph/shape.ts';
import type { ConfigFields } from './config-fields.ts';

const windowOf = ({ adapter_kernel_size: kernel, adapter_stride: stride }: ConfigFields): FrameWindow => ({
  kernel,
  stride,
  // Whatever the kernel.
  padding: 1,
  dilation: 1,
});

/** The steps by which frames become fewer behind the encoder; none without an adapter. */
export const adapterWindows = (config: ConfigFields): readonly FrameWindow[] =>
  config.add_adapter ? new Array<FrameWindow>(config.num_adapter_layers).fill(windowOf(config)) : [];

/** Channels of the model's last hidden state. */
export const outputWidth = ({ add_adapter, output_hidden_size, hidden_size }: ConfigFields): number =>
  add_adapter ? (output_hidden_size ?? hidden_size) : hidden_size;
