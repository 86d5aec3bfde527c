/** WavLM (Chen et al., 2022; `configuration_wavlm.py`): attention with a gated bias of the relative position. */
import { UniSpeechError } from '../../base/errors.ts';
import { type ConfigFields, type FieldValues, integerField } from '../encoder/config-fields.ts';
import { EncoderConfig } from '../encoder/config.ts';
import { exactDistances } from '../encoder/distance-buckets.ts';
import type { Family } from '../encoder/family.ts';
import { frameAdapter, gatedPositionBias } from '../encoder/later-pieces.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

const ownFields = () => ({
  /** Buckets of distances, half of them for keys before the query. With fewer than 4 the reference divides by zero. */
  num_buckets: integerField(320, 4, 2 ** 14),
  /** From this distance on all keys of one side share a bucket. */
  max_bucket_distance: integerField(800, 2, 2 ** 14),
});
type WavLMFields = ConfigFields & FieldValues<ReturnType<typeof ownFields>>;

export const WAVLM: Family = {
  model_type: 'wavlm',
  className: 'WavLM',
  fields: ownFields,
  names: { basePrefix: 'wavlm.', otherTensors: HEAD_TENSORS },
  adapters: ['add_adapter'],
  pieces: async (config: WavLMFields) => ({
    attentionBias: await gatedPositionBias(config),
    ...(config.add_adapter && { finish: await frameAdapter() }),
  }),
};

/** A checked configuration of a WavLM model (`WavLMConfig`). */
export class WavLMConfig extends EncoderConfig {
  static override readonly family = WAVLM;
  declare readonly model_type: 'wavlm';
  declare readonly num_buckets: number;
  declare readonly max_bucket_distance: number;

  /** @throws UniSpeechError `bad-config`, also where the buckets have no room for distances that share one. */
  constructor(value: unknown, name = 'config.json') {
    super(value, name);
    const exact = exactDistances(this);
    if (this.max_bucket_distance > exact) return;
    throw new UniSpeechError(
      'bad-config',
      `${name}: "max_bucket_distance" (${this.max_bucket_distance}) must be larger than ${exact}, a quarter of "num_buckets" (${this.num_buckets}).`,
    );
  }
}
