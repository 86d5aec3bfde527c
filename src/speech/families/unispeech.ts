/** UniSpeech (Wang et al., 2021; `configuration_unispeech.py`): its defaults are those of the encoder. */
import { EncoderConfig } from '../encoder/config.ts';
import type { Family } from '../encoder/family.ts';
import { HEAD_TENSORS } from './head-tensors.ts';

export const UNISPEECH: Family = {
  model_type: 'unispeech',
  className: 'UniSpeech',
  fields: () => ({}),
  names: { basePrefix: 'unispeech.', otherTensors: HEAD_TENSORS },
};

/** A checked configuration of a UniSpeech model (`UniSpeechConfig`). */
export class UniSpeechConfig extends EncoderConfig {
  static override readonly family = UNISPEECH;
  declare readonly model_type: 'unispeech';
}
