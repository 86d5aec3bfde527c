/** Every tiny model of the option grid against the reference: logits, hidden states, attentions, masks, batches. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shareTestContext } from '../helpers/gpu.ts';
import {
  UniSpeechForCTC,
  UniSpeechForPreTraining,
  UniSpeechForSequenceClassification,
  UniSpeechModel,
} from '../../src/speech/unispeech-models.ts';
import type { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import type { ModelInputs } from '../../src/speech/core/runner.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { argmax, GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';
import { isFirstOfSeveral, isQuick, isSecondAdapter } from '../helpers/test-depth.ts';

interface GoldenModel {
  readonly name: string;
  readonly architecture: string;
  readonly runs: readonly string[];
  readonly about: string;
}

const all = JSON.parse(readFileSync(`${goldensFolder}tiny/index.json`, 'utf8')) as readonly GoldenModel[];
/** The first model of each class, and so of each head. */
const ofEachClass = [...new Map(all.toReversed().map((model) => [model.architecture, model])).values()];
/** In a hurry one of each class. Where a short run has two adapters, each model runs on one of them: one of each class on the second. */
const models =
  isQuick || isSecondAdapter
    ? ofEachClass
    : all.filter((model) => !isFirstOfSeveral || !ofEachClass.includes(model));
const TOLERANCE = 1e-4;

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

/** What each run of the reference was called with. */
function inputsOf(golden: GoldenFile, run: string, { minimumSampleCount }: UniSpeechConfig): ModelInputs {
  const batch = golden.tensor('input_values');
  const input_values =
    run === 'single_frame' ? (batch.data as Float32Array).slice(0, minimumSampleCount) : batch;
  return {
    input_values,
    ...((run === 'masked' || run === 'time_masked') && { attention_mask: golden.tensor('attention_mask') }),
    ...(run === 'time_masked' && { mask_time_indices: golden.tensor('mask_time_indices') }),
    output_hidden_states: golden.has(`${run}.hidden_states.0`),
    output_attentions: golden.has(`${run}.attentions.0`),
  };
}

function compareList(golden: GoldenFile, name: string, actual: readonly Tensor[] | undefined): void {
  for (let n = 0; golden.has(`${name}.${n}`) || n < (actual?.length ?? 0); n++) {
    const state = actual?.[n];
    if (!state) throw new Error(`${name}.${n} is missing`);
    expect(relativeError(state, golden.tensor(`${name}.${n}`)), `${name}.${n}`).toBeLessThan(TOLERANCE);
  }
}

describe.each(models)('$name: $about', ({ name, architecture, runs }) => {
  const folder = `${goldensFolder}tiny/${name}`;
  const golden = new GoldenFile(`${folder}/golden.safetensors`);

  test.each(runs)('base model, %s run', async (run) => {
    await using model = await UniSpeechModel.from_pretrained(folder);
    const output = await model(inputsOf(golden, run, model.config));
    expect(relativeError(output.last_hidden_state, golden.tensor(`${run}.last_hidden_state`))).toBeLessThan(
      TOLERANCE,
    );
    expect(relativeError(output.extract_features, golden.tensor(`${run}.extract_features`))).toBeLessThan(
      TOLERANCE,
    );
    compareList(golden, `${run}.hidden_states`, output.hidden_states);
    compareList(golden, `${run}.attentions`, output.attentions);
  });

  const close = (actual: Tensor | undefined, tensorName: string): void => {
    if (!actual) throw new Error(`${tensorName} is missing`);
    expect(relativeError(actual, golden.tensor(tensorName)), tensorName).toBeLessThan(TOLERANCE);
  };
  const heads: Readonly<Record<string, (run: string) => Promise<void>>> = {
    async UniSpeechForCTC(run) {
      await using model = await UniSpeechForCTC.from_pretrained(folder);
      const { logits } = await model(inputsOf(golden, run, model.config));
      close(logits, `${run}.logits`);
      expect(argmax(logits)).toEqual(argmax(golden.tensor(`${run}.logits`)));
    },
    async UniSpeechForSequenceClassification(run) {
      for (const convention of ['current', 'classic'] as const) {
        const expected = `${run}.${convention === 'classic' ? 'classic_' : ''}logits`;
        if (!golden.has(expected)) continue;
        await using model = await UniSpeechForSequenceClassification.from_pretrained(folder, {
          hiddenStatesConvention: convention,
        });
        const { logits, hidden_states } = await model(inputsOf(golden, run, model.config));
        close(logits, expected);
        if (convention === 'current') compareList(golden, `${run}.hidden_states`, hidden_states);
      }
    },
    async UniSpeechForPreTraining(run) {
      await using model = await UniSpeechForPreTraining.from_pretrained(folder);
      const output = await model({
        ...inputsOf(golden, run, model.config),
        mix_mask: golden.tensor('mix_mask'),
      });
      close(output.projected_states, `${run}.last_hidden_state`);
      close(output.projected_quantized_states, `${run}.projected_quantized_states`);
      close(output.codevector_perplexity, `${run}.codevector_perplexity`);
      close(output.logits, `${run}.mixed_logits`);
      compareList(golden, `${run}.hidden_states`, output.hidden_states);
      compareList(golden, `${run}.attentions`, output.attentions);
    },
  };
  const head = heads[architecture];
  if (head) test.each(runs)('head, %s run', head);
});
