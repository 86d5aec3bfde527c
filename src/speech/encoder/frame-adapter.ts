/**
 * The adapter behind the encoder (`Wav2Vec2Adapter`): a projection where its width differs, then gated convolutions with a stride. Its output
 * has fewer frames than the encoder.
 */
import { glu } from '../../graph/glu.ts';
import { adapterWindows, outputWidth } from './adapter-windows.ts';
import type { FinishPiece } from './pieces.ts';
import { frameConv, linear, norm } from './weight-buffers.ts';

/** The reference's adapter uses PyTorch's default epsilon, whatever `layer_norm_eps` says. */
const EPSILON = 1e-5;

export const frameAdapter = (): FinishPiece => ({
  layout(config) {
    const { hidden_size: hidden, adapter_kernel_size: kernel } = config;
    const width = outputWidth(config);
    return [
      ...(width === hidden
        ? []
        : [...linear('adapter.proj', width, hidden), ...norm('adapter.proj_layer_norm', width)]),
      ...adapterWindows(config).flatMap((_, i) =>
        frameConv(`adapter.layers.${i}.conv`, 2 * width, width, kernel),
      ),
    ];
  },
  addTo(build, h) {
    const { graph, config } = build;
    const width = outputWidth(config);
    let x = h;
    if (width !== config.hidden_size) {
      const projected = build.linear('adapter.proj', 'adapter projection', h, width);
      x = build.layerNorm('adapter.proj_layer_norm', 'adapter norm', projected, EPSILON);
    }
    adapterWindows(config).forEach((window, i) => {
      const name = `adapter.layers.${i}.conv`;
      const wide = graph.add(`adapter ${i} convolution`, 2 * width, {
        kind: 'frame_conv',
        x,
        weight: `${name}.weight`,
        bias: `${name}.bias`,
        groups: 1,
        taps: window,
        window,
      });
      x = graph.add(`adapter ${i}`, width, glu(wide));
    });
    return x;
  },
});
