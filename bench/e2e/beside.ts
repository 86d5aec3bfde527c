/** Which other model each model is timed beside, in the same rounds, and how long it may take in comparison. Pure data. */
import { CONFIGS, type CheckpointName } from '../../scripts/lib/model-configs.mjs';
import type { HeadName } from './heads.ts';

export interface Beside {
  /** Shown in the report behind "ours / ". */
  readonly what: string;
  readonly model: CheckpointName;
  readonly head: HeadName;
  /** The largest ratio of times that is good enough; undefined where none was set. */
  readonly bar?: number;
}

/** By `model_type`; the bars are set at base size. */
const FAMILY_BARS: Readonly<Record<string, number>> = {
  wav2vec2: 1.02,
  hubert: 1.02,
  'unispeech-sat': 1.02,
  wavlm: 1.1,
  'data2vec-audio': 1.1,
  sew: 1 / 1.8,
};

/** A head beside the bare encoder; a family beside UniSpeech of its size; SEW, which exists to be faster than wav2vec2, beside that. */
export function besideOf(model: CheckpointName, head: HeadName): readonly Beside[] {
  if (head === 'sequence-classification' || head === 'pretraining')
    return [{ what: 'without head', model, head: 'none' }];
  const size = /-(tiny|base|large)$/.exec(model)?.[1] as 'tiny' | 'base' | 'large' | undefined;
  const { model_type = '', adapter_attn_dim } = CONFIGS[model];
  if (size === undefined || adapter_attn_dim !== undefined) return [];
  const bar = size === 'base' ? FAMILY_BARS[model_type] : undefined;
  const other: Pick<Beside, 'what' | 'model'> =
    model_type === 'sew'
      ? { what: `wav2vec2-${size}`, model: `wav2vec2-${size}` }
      : { what: `UniSpeech ${size}`, model: size };
  return [{ ...other, head, ...(bar !== undefined && { bar }) }];
}
