/** HuBERT (Hsu et al., 2021; `configuration_hubert.py`). */
import { booleanField, choiceField, type ConfigFields, type FieldValues } from '../encoder/config-fields.ts';
import { EncoderConfig } from '../encoder/config.ts';
import type { Family } from '../encoder/family.ts';
import { batchNormedPositions } from '../encoder/later-pieces.ts';
import type { EncoderPieces } from '../encoder/pieces.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

const ownFields = () => ({
  /** Whether the features have a norm before their projection; DistilHuBERT has none. */
  feat_proj_layer_norm: booleanField(true),
  /** Whether positions come of a batch norm and a plain convolution instead of a weight norm. */
  conv_pos_batch_norm: booleanField(false),
});
type HubertFields = ConfigFields & FieldValues<ReturnType<typeof ownFields>>;

const WITHOUT_FEATURE_NORM: Partial<EncoderPieces> = { featureNorm: undefined };

export const HUBERT: Family = {
  model_type: 'hubert',
  className: 'Hubert',
  fields: () => ({ ...ownFields(), ctc_loss_reduction: choiceField('sum', 'mean', 'none') }),
  names: { basePrefix: 'hubert.', otherTensors: HEAD_TENSORS },
  readsPadding: ({ conv_pos_batch_norm }: HubertFields) => conv_pos_batch_norm,
  pieces: async ({ feat_proj_layer_norm, conv_pos_batch_norm }: HubertFields) => ({
    ...(feat_proj_layer_norm ? {} : WITHOUT_FEATURE_NORM),
    ...(conv_pos_batch_norm && { positions: await batchNormedPositions() }),
  }),
};

/** A checked configuration of a HuBERT model (`HubertConfig`). */
export class HubertConfig extends EncoderConfig {
  static override readonly family = HUBERT;
  declare readonly model_type: 'hubert';
  declare readonly feat_proj_layer_norm: boolean;
  declare readonly conv_pos_batch_norm: boolean;
}
