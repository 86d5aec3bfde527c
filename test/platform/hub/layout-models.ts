/** The model of the comparison with Python's `huggingface_hub`, and what both clients ask for. */
import type { HubModel } from '../../helpers/hub-server.ts';

export const LAYOUT_ID = 'acme/speech-model';

const WEIGHTS = Uint8Array.from({ length: 5000 }, (_, index) => index % 253);
const shared = { 'config.json': Buffer.from('{"model_type": "unispeech"}'), 'model.safetensors': WEIGHTS };
const large = ['model.safetensors'];

/** One model for each revision: the hub has one set of files for a model. */
export const LAYOUT_STEPS: readonly {
  readonly revision: string;
  readonly model: HubModel;
  /** The last is not there. */
  readonly fileNames: readonly string[];
}[] = [
  {
    revision: 'main',
    model: { files: shared, large, refs: { main: '1'.repeat(40) } },
    fileNames: ['config.json', 'model.safetensors', 'vocab.json'],
  },
  {
    revision: 'refs/pr/2',
    model: {
      files: { ...shared, 'config.json': Buffer.from('{}') },
      large,
      refs: { 'refs/pr/2': '2'.repeat(40) },
    },
    fileNames: ['config.json', 'model.safetensors', 'added_tokens.json'],
  },
];
