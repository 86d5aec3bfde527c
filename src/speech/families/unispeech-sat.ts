/** UniSpeech-SAT (Chen et al., 2021; `configuration_unispeech_sat.py`): UniSpeech with heads for speakers. */
import { EncoderConfig } from '../encoder/config.ts';
import type { Family } from '../encoder/family.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

export const UNISPEECH_SAT: Family = {
  model_type: 'unispeech-sat',
  className: 'UniSpeechSat',
  fields: () => ({}),
  names: { basePrefix: 'unispeech_sat.', otherTensors: HEAD_TENSORS },
  alwaysHasMaskEmbedding: true,
};

/** A checked configuration of a UniSpeech-SAT model (`UniSpeechSatConfig`). */
export class UniSpeechSatConfig extends EncoderConfig {
  static override readonly family = UNISPEECH_SAT;
  declare readonly model_type: 'unispeech-sat';
}
