/** Layers that run on a fraction of the frames (`SEWEncoder`): what comes before and behind them. */
import { poolFrames, unpoolFrames } from '../../graph/pooled-frames.ts';
import { poolWindow } from '../../graph/shape.ts';
import { activationOf } from './encoder-builder.ts';
import type { FinishPiece, PositionPiece } from './pieces.ts';
import { addPositions, POSITIONAL_CONV } from './positional-conv.ts';
import { linear } from './weight-buffers.ts';

/** Means of consecutive frames, with positions of a convolution that strides over as many. */
export const pooledPositions = (size: number): PositionPiece => ({
  ...POSITIONAL_CONV,
  addTo(build, h) {
    const window = poolWindow(size);
    const pooled = build.graph.add('pooled frames', build.config.hidden_size, poolFrames(h, window));
    return build.add('positional sum', pooled, addPositions(build, h, window));
  },
});

const UPSAMPLE = 'encoder.upsample.projection';

/** Makes as many frames again of what the layers give. The rest, less than a pool, is zeros. */
export const upsampling = (size: number): FinishPiece => ({
  layout: ({ hidden_size: hidden }) => linear(UPSAMPLE, hidden * size, hidden),
  addTo(build, h, features) {
    const { hidden_size: hidden, feat_extract_activation } = build.config;
    const wide = build.linear(UPSAMPLE, 'upsampling', h, hidden * size);
    const x = build.activate('upsampling activation', activationOf(feat_extract_activation), wide);
    return build.graph.add('upsampled frames', hidden, unpoolFrames(x, size, features));
  },
});
