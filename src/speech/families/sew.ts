/** SEW (Wu et al., 2021; `configuration_sew.py`): narrower and more convolutions, and layers that run on a fraction of the frames. */
import { poolFrames, unpoolFrames } from '../../graph/pooled-frames.ts';
import { poolWindow } from '../../graph/shape.ts';
import {
  booleanField,
  type ConfigFields,
  convolutionsField,
  type FieldValues,
  fixedField,
  integerField,
} from '../encoder/config-fields.ts';
import { EncoderConfig } from '../encoder/config.ts';
import { activationOf } from '../encoder/encoder-builder.ts';
import type { Family } from '../encoder/family.ts';
import type { FinishPiece, PositionPiece } from '../encoder/pieces.ts';
import { addPositions, POSITIONAL_CONV } from '../encoder/positional-conv.ts';
import { linear } from '../encoder/weight-buffers.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

const ownFields = () => ({
  /** Frames that become one before the layers. */
  squeeze_factor: integerField(2, 1, 64),
});
type SEWFields = ConfigFields & FieldValues<ReturnType<typeof ownFields>>;

/** Means of consecutive frames, with positions of a convolution that strides over as many. */
const pooledPositions = (size: number): PositionPiece => ({
  ...POSITIONAL_CONV,
  addTo(build, h) {
    const window = poolWindow(size);
    const pooled = build.graph.add('pooled frames', build.config.hidden_size, poolFrames(h, window));
    return build.add('positional sum', pooled, addPositions(build, h, window));
  },
});

const UPSAMPLE = 'encoder.upsample.projection';

/** Makes as many frames again of what the layers give. The rest, less than a pool, is zeros. */
const upsampling = (size: number): FinishPiece => ({
  layout: ({ hidden_size: hidden }) => linear(UPSAMPLE, hidden * size, hidden),
  addTo(build, h, features) {
    const { hidden_size: hidden, feat_extract_activation } = build.config;
    const wide = build.linear(UPSAMPLE, 'upsampling', h, hidden * size);
    const x = build.activate('upsampling activation', activationOf(feat_extract_activation), wide);
    return build.graph.add('upsampled frames', hidden, unpoolFrames(x, size, features));
  },
});

export const SEW: Family = {
  model_type: 'sew',
  className: 'SEW',
  fields: () => ({
    ...ownFields(),
    conv_dim: convolutionsField([64, 128, 128, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512], 2 ** 14),
    conv_stride: convolutionsField([5, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1], 2 ** 10),
    conv_kernel: convolutionsField([10, 3, 1, 3, 1, 3, 1, 3, 1, 2, 1, 2, 1], 2 ** 10),
    do_stable_layer_norm: fixedField(booleanField(false), false),
  }),
  names: { basePrefix: 'sew.', otherTensors: HEAD_TENSORS },
  pooledFrames: ({ squeeze_factor }: SEWFields) => squeeze_factor,
  pieces: ({ squeeze_factor, conv_dim, hidden_size }: SEWFields) => ({
    featureNorm: 'layer_norm',
    featureProjection: conv_dim.at(-1) === hidden_size ? undefined : 'feature_projection',
    positions: pooledPositions(squeeze_factor),
    finish: upsampling(squeeze_factor),
  }),
};

/** A checked configuration of a SEW model (`SEWConfig`). */
export class SEWConfig extends EncoderConfig {
  static override readonly family = SEW;
  declare readonly model_type: 'sew';
  declare readonly squeeze_factor: number;
}
