/** The heads that the suite knows, by their names on the command line. */
import { CONFIGS, type CheckpointSize } from '../../scripts/lib/model-configs.mjs';
import type { ModelOptions } from '../../src/speech/core/load-options.ts';
import {
  UniSpeechForCTC,
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
  UniSpeechModel,
} from '../../src/speech/unispeech-models.ts';
import type { BenchCheckpoint } from '../lib/checkpoints.ts';

export const HEAD_NAMES = ['ctc', 'none', 'sequence-classification', 'pretraining'] as const;
export type HeadName = (typeof HEAD_NAMES)[number];
export const isHeadName = (name: unknown): name is HeadName =>
  (HEAD_NAMES as readonly unknown[]).includes(name);

const ARCHITECTURES: Readonly<Record<HeadName, string>> = {
  ctc: 'UniSpeechForCTC',
  none: 'UniSpeechForCTC',
  'sequence-classification': 'UniSpeechForSequenceClassification',
  pretraining: 'UniSpeechForPreTraining',
};

/** The checkpoint that a head is measured on. Without a head it is that of the CTC head. */
export function checkpointOf(size: CheckpointSize, head: HeadName): BenchCheckpoint {
  const config = { ...CONFIGS[size], architectures: [ARCHITECTURES[head]] };
  return { name: head === 'ctc' || head === 'none' ? size : `${size}-${head}`, config };
}

/** Loads a model. A call gives the numbers by which engines are compared. */
export async function loadHead(head: HeadName, folder: string, options: ModelOptions) {
  switch (head) {
    case 'ctc': {
      const model = await UniSpeechForCTC.from_pretrained(folder, options);
      return {
        model,
        call: async (samples: Float32Array) => (await model({ input_values: samples })).logits,
      };
    }
    case 'none': {
      const model = await UniSpeechModel.from_pretrained(folder, options);
      return {
        model,
        call: async (samples: Float32Array) => (await model({ input_values: samples })).last_hidden_state,
      };
    }
    case 'sequence-classification': {
      const model = await UniSpeechForSequenceClassification.from_pretrained(folder, options);
      return {
        model,
        call: async (samples: Float32Array) => (await model({ input_values: samples })).logits,
      };
    }
    case 'pretraining': {
      const model = await UniSpeechForPreTraining.from_pretrained(folder, options);
      return {
        model,
        call: async (samples: Float32Array) =>
          (await model({ input_values: samples })).projected_quantized_states,
      };
    }
  }
}
export type LoadedHead = Awaited<ReturnType<typeof loadHead>>;
