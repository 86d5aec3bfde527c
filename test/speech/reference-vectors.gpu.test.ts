/** The reference's numbers for three tiny models whose parameters and inputs come from a published generator. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillTensor, inputSamples } from '../../scripts/lib/random-weights.mjs';
import { Tensor } from '../../src/base/tensor.ts';
import {
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
} from '../../src/speech/unispeech-models.ts';
import type { ModelOptions } from '../../src/speech/core/load-options.ts';
import { CONFIGS, UniSpeechForCTC, UniSpeechModel, withCheckpoint } from '../helpers/checkpoints.ts';
import { argmax, relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

interface VectorValues {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Variant {
  readonly config: Readonly<Record<string, unknown>>;
  readonly params: Readonly<Record<string, readonly [readonly number[], number]>>;
  readonly unmasked: Readonly<
    Record<'last_hidden_state' | 'extract_features' | 'attention_0_item0', VectorValues>
  > & {
    readonly hidden_states: readonly VectorValues[];
  };
  readonly masked: Readonly<Record<'last_hidden_state' | 'attention_1_item1', VectorValues>>;
  readonly mask_time_indices: {
    readonly true_at: readonly (readonly [number, number])[];
    readonly last_hidden_state: VectorValues;
  };
  readonly seqcls: Readonly<
    Record<'unmasked' | 'masked' | 'weighted_unmasked' | 'weighted_masked', VectorValues> &
      Partial<
        Record<'weighted_unmasked_classic_last_entry' | 'weighted_masked_classic_last_entry', VectorValues>
      >
  >;
  readonly pretraining: {
    readonly projected_quantized_states: VectorValues;
    readonly codevector_perplexity: number;
    readonly code_indices: readonly (readonly (readonly number[])[])[];
  };
  readonly ctc: { readonly logits: VectorValues; readonly argmax: readonly (readonly number[])[] };
}

const vectors = JSON.parse(
  readFileSync(new URL('../reference/reference-vectors.json', import.meta.url), 'utf8'),
) as {
  readonly sample_count: number;
  readonly second_item_length: number;
  readonly variants: Readonly<Record<string, Variant>>;
};
const TOLERANCE = 1e-5;

const { sample_count: sampleCount, second_item_length: secondLength } = vectors;
const toTensor = ({ shape, data }: VectorValues) => new Tensor('float32', Float32Array.from(data), shape);
const first = inputSamples(0, sampleCount);
const second = inputSamples(1, sampleCount);
const unmasked = new Tensor('float32', Float32Array.from([...first, ...second]), [2, sampleCount]);
const masked = { input_values: [first, second.subarray(0, secondLength)] };

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

describe.each(Object.entries(vectors.variants))('%s', (_, variant) => {
  const config = { ...CONFIGS.base, ...variant.config };
  const close = (actual: Tensor | undefined, expected: VectorValues) => {
    if (!actual) throw new Error('an output is missing');
    expect(relativeError(actual, toTensor(expected))).toBeLessThan(TOLERANCE);
  };

  test('the generator makes the same parameters', () => {
    for (const [name, [shape, value]] of Object.entries(variant.params)) {
      const start = new Float32Array(1);
      const generated = name
        .replace('parametrizations.weight.original0', 'weight_g')
        .replace('parametrizations.weight.original1', 'weight_v');
      fillTensor(generated, shape, start);
      expect(start[0], name).toBeCloseTo(value, 7);
    }
  });

  test('base model: unmasked, masked and time-masked', async () => {
    await withCheckpoint(config, async (folder) => {
      await using model = await UniSpeechModel.from_pretrained(folder);
      const outputs = { output_hidden_states: true, output_attentions: true };
      const plain = await model({ input_values: unmasked, ...outputs });
      close(plain.last_hidden_state, variant.unmasked.last_hidden_state);
      close(plain.extract_features, variant.unmasked.extract_features);
      variant.unmasked.hidden_states.forEach((state, n) => close(plain.hidden_states?.[n], state));
      close(plain.attentions?.[0]?.at(0), variant.unmasked.attention_0_item0);

      const padded = await model({ ...masked, ...outputs });
      close(padded.last_hidden_state, variant.masked.last_hidden_state);
      close(padded.attentions?.[1]?.at(1), variant.masked.attention_1_item1);

      const [, frames = 0] = plain.last_hidden_state.dims;
      const timeMask = [0, 1].map(() => new Uint8Array(frames));
      for (const [item, frame] of variant.mask_time_indices.true_at)
        timeMask[item]?.fill(1, frame, frame + 1);
      const replaced = await model({ input_values: unmasked, mask_time_indices: timeMask });
      close(replaced.last_hidden_state, variant.mask_time_indices.last_hidden_state);
    });
  });

  test('CTC logits', async () => {
    await withCheckpoint(config, async (folder) => {
      await using model = await UniSpeechForCTC.from_pretrained(folder);
      const { logits } = await model(masked);
      close(logits, variant.ctc.logits);
      expect(argmax(logits)).toEqual(variant.ctc.argmax.flat());
    });
  });

  test('pre-training: quantized states and the codes in use', async () => {
    const { pretraining } = variant;
    await withCheckpoint({ ...config, architectures: ['UniSpeechForPreTraining'] }, async (folder) => {
      await using model = await UniSpeechForPreTraining.from_pretrained(folder);
      const output = await model(masked);
      close(output.projected_states, variant.masked.last_hidden_state);
      close(output.projected_quantized_states, pretraining.projected_quantized_states);
      expect(output.codevector_perplexity.dims).toEqual([]);
      expect(output.codevector_perplexity.item()).toBeCloseTo(pretraining.codevector_perplexity, 5);
      expect(output).not.toHaveProperty('logits');
      const counts = new Float32Array(10);
      for (const code of pretraining.code_indices.flat().flatMap(([a = NaN, b = NaN]) => [a, 5 + b]))
        counts[code] = (counts[code] ?? NaN) + 1;
      const outputs = await model.runner.run(masked);
      expect(outputs.get('code_counts')?.data).toEqual(counts);
    });
  });

  test.each([false, true])(
    'classification, with a weighted sum of all hidden states: %s',
    async (isWeighted) => {
      const classifier = {
        ...config,
        architectures: ['UniSpeechForSequenceClassification'],
        use_weighted_layer_sum: isWeighted,
      };
      const { seqcls } = variant;
      await withCheckpoint(classifier, async (folder) => {
        const expectLogits = async (
          options: ModelOptions,
          expected: VectorValues | undefined,
          expectedMasked: VectorValues | undefined,
        ) => {
          if (!expected || !expectedMasked) return;
          await using model = await UniSpeechForSequenceClassification.from_pretrained(folder, options);
          const { logits, ...others } = await model({ input_values: unmasked });
          close(logits, expected);
          expect(others).toEqual({});
          close((await model(masked)).logits, expectedMasked);
        };
        if (!isWeighted) return expectLogits({}, seqcls.unmasked, seqcls.masked);
        await expectLogits(
          { hiddenStatesConvention: 'current' },
          seqcls.weighted_unmasked,
          seqcls.weighted_masked,
        );
        await expectLogits(
          { hiddenStatesConvention: 'classic' },
          seqcls.weighted_unmasked_classic_last_entry,
          seqcls.weighted_masked_classic_last_entry,
        );
      });
    },
  );

  test.each([
    { config: {}, options: { hiddenStatesConvention: 'classic' }, isClassic: true },
    { config: { tie_last_hidden_states: true }, options: {}, isClassic: true },
    {
      config: { tie_last_hidden_states: true },
      options: { hiddenStatesConvention: 'current' },
      isClassic: false,
    },
  ] as const)('$config and $options decide what the last hidden state is', async (choice) => {
    await withCheckpoint({ ...config, ...choice.config }, async (folder) => {
      await using model = await UniSpeechModel.from_pretrained(folder, choice.options);
      const { hidden_states, last_hidden_state } = await model({
        input_values: unmasked,
        output_hidden_states: true,
      });
      expect(hidden_states).toHaveLength(variant.unmasked.hidden_states.length);
      if (choice.isClassic) expect(hidden_states?.at(-1)).toEqual(last_hidden_state);
      else close(hidden_states?.at(-1), variant.unmasked.hidden_states.at(-1) ?? { shape: [], data: [] });
    });
  });
});
