/** SEW (Wu et al., 2021; `configuration_sew.py`): narrower and more convolutions, and layers that run on a fraction of the frames. */
import {
  booleanField,
  type ConfigFields,
  convolutionsField,
  type FieldValues,
  fixedField,
  integerField,
} from '../encoder/config-fields.ts';
import { EncoderConfig } from '../encoder/config.ts';
import type { Family } from '../encoder/family.ts';
import { pooledPositions, upsampling } from '../encoder/later-pieces.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

const ownFields = () => ({
  /** Frames that become one before the layers. */
  squeeze_factor: integerField(2, 1, 64),
});
type SEWFields = ConfigFields & FieldValues<ReturnType<typeof ownFields>>;

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
  pieces: async ({ squeeze_factor, conv_dim, hidden_size }: SEWFields) => ({
    featureNorm: 'layer_norm',
    featureProjection: conv_dim.at(-1) === hidden_size ? undefined : 'feature_projection',
    positions: await pooledPositions(squeeze_factor),
    finish: await upsampling(squeeze_factor),
  }),
};

/** A checked configuration of a SEW model (`SEWConfig`). */
export class SEWConfig extends EncoderConfig {
  static override readonly family = SEW;
  declare readonly model_type: 'sew';
  declare readonly squeeze_factor: number;
}
