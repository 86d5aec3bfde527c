/** The heads that the suite knows, by their names on the command line. */
import { CONFIGS, type CheckpointName } from '../../scripts/lib/model-configs.mjs';
import { AutoModel, AutoModelForAudioClassification, AutoModelForCTC } from '../../src/speech/auto.ts';
import type { ModelOptions } from '../../src/speech/core/load-options.ts';
import { UniSpeechForPreTraining } from '../../src/speech/unispeech-models.ts';
import type { BenchCheckpoint } from '../lib/checkpoints.ts';

export const HEAD_NAMES = ['ctc', 'none', 'sequence-classification', 'pretraining'] as const;
export type HeadName = (typeof HEAD_NAMES)[number];
export const isHeadName = (name: unknown): name is HeadName =>
  (HEAD_NAMES as readonly unknown[]).includes(name);

const CLASS_NAME_ENDS: Readonly<Record<HeadName, string>> = {
  ctc: 'ForCTC',
  none: 'ForCTC',
  'sequence-classification': 'ForSequenceClassification',
  pretraining: 'ForPreTraining',
};

/** The checkpoint that a head is measured on. Without a head it is that of the CTC head. */
export function checkpointOf(model: CheckpointName, head: HeadName): BenchCheckpoint {
  const ofCtc = CONFIGS[model];
  const architectures = ofCtc.architectures?.map((name) => name.replace('ForCTC', CLASS_NAME_ENDS[head]));
  const isCtc = head === 'ctc' || head === 'none';
  return {
    name: isCtc ? model : `${model}-${head}`,
    config: { ...ofCtc, ...(architectures && { architectures }) },
  };
}

/** Loads a model of any family. A call gives the numbers by which engines are compared. */
export async function loadHead(head: HeadName, folder: string, options: ModelOptions) {
  switch (head) {
    case 'ctc': {
      const model = await AutoModelForCTC.from_pretrained(folder, options);
      return {
        model,
        call: async (samples: Float32Array) => (await model({ input_values: samples })).logits,
      };
    }
    case 'none': {
      const model = await AutoModel.from_pretrained(folder, options);
      return {
        model,
        call: async (samples: Float32Array) => (await model({ input_values: samples })).last_hidden_state,
      };
    }
    case 'sequence-classification': {
      const model = await AutoModelForAudioClassification.from_pretrained(folder, options);
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
