/** Every tiny model of the option grid against the reference: logits, hidden states, attentions, masks, batches. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shareTestContext } from '../helpers/gpu.ts';
import { UniSpeechForCTC, UniSpeechModel } from '../../src/speech/unispeech-models.ts';
import type { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import type { ModelInputs } from '../../src/speech/core/runner.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { argmax, GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';

interface GoldenModel {
  readonly name: string;
  readonly architecture: string;
  readonly runs: readonly string[];
  readonly about: string;
}

const all = JSON.parse(readFileSync(`${goldensFolder}tiny/index.json`, 'utf8')) as readonly GoldenModel[];
/** In a hurry the first model of each class, and so of each head. */
const models =
  process.env.UNISPEECH_TEST_DEPTH === 'quick'
    ? [...new Map(all.toReversed().map((model) => [model.architecture, model])).values()]
    : all;
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

  const ctcRuns = runs.filter((run) => golden.has(`${run}.logits`));
  if (architecture === 'UniSpeechForCTC') expect(ctcRuns).not.toHaveLength(0);
  for (const run of ctcRuns) {
    test(`CTC, ${run} run`, async () => {
      await using model = await UniSpeechForCTC.from_pretrained(folder);
      const { logits } = await model(inputsOf(golden, run, model.config));
      const expected = golden.tensor(`${run}.logits`);
      expect(relativeError(logits, expected)).toBeLessThan(TOLERANCE);
      expect(argmax(logits)).toEqual(argmax(expected));
    });
  }
});
