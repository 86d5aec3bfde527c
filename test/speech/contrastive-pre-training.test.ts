/** Pre-training of wav2vec 2.0 as it differs from UniSpeech's: of which frames the perplexity tells. */
import { expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import type { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { Wav2Vec2Config } from '../../src/speech/families/wav2vec2.ts';
import { CONTRASTIVE_HEAD } from '../../src/speech/heads/contrastive-pre-training.ts';
import type { Head } from '../../src/speech/heads/head.ts';
import { PRE_TRAINING_HEAD } from '../../src/speech/heads/pre-training.ts';
import type { QuantizedOutputs } from '../../src/speech/heads/quantizer.ts';

const json = { num_codevector_groups: 1, num_codevectors_per_group: 2 };
const states = new Tensor('float32', new Float32Array(4), [1, 4, 1]);
/** Four frames use both codes alike, the two masked ones the same code. */
const outputs = new Map([
  ['projected_states', states],
  ['projected_quantized_states', states],
  ['code_counts', new Tensor('float32', Float32Array.of(2, 2), [2])],
  ['masked_code_counts', new Tensor('float32', Float32Array.of(2, 0), [2])],
]);

async function perplexity(head: Head<QuantizedOutputs>, config: EncoderConfig, inputs: object) {
  const run = await head.prepare({
    config,
    shape: { items: 1, samples: 1600, frames: 4 },
    sampleCounts: [1600],
    isMasked: false,
    inputs: { ...inputs },
  });
  return {
    inputs: [...(run.graphInputs?.keys() ?? [])],
    value: run.readOutputs(outputs).codevector_perplexity.item(),
  };
}

const mask = { mask_time_indices: [[1, 1, 0, 0]] };

test('the perplexity tells of masked frames, or without a mask of all', async () => {
  const config = Wav2Vec2Config.fromJson(json);
  expect(await perplexity(CONTRASTIVE_HEAD, config, mask)).toEqual({ inputs: ['masked_frames'], value: 1 });
  expect(await perplexity(CONTRASTIVE_HEAD, config, {})).toEqual({ inputs: [], value: 2 });
});

test("that of UniSpeech's always tells of all", async () => {
  const config = UniSpeechConfig.fromJson(json);
  expect(await perplexity(PRE_TRAINING_HEAD, config, mask)).toEqual({ inputs: [], value: 2 });
});
