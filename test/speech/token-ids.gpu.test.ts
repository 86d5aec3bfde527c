/** The tokens that the GPU chooses are those of the logits. */
import { expect, test } from 'vitest';
import { platform } from '#platform';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { argmaxRows } from '../../src/decode/argmax.ts';
import { loadRunner } from '../../src/speech/core/load-runner.ts';
import { TOKEN_IDS } from '../../src/speech/heads/ctc.ts';
import { UniSpeechForCTC } from '../../src/speech/unispeech-models.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { openTestContext } from '../helpers/gpu.ts';

const [items, samples] = [3, 12_000];
const input_values = Array.from({ length: items }, (_, item) => inputSamples(item, samples - 3000 * item));

test.each([
  ['whole', {}, items],
  ['in parts', { maxStorageBufferBindingSize: 320_000 }, 1],
])('a batch that is run %s', async (_, limits, itemsPerRun) => {
  const context = await openTestContext(limits);
  const files = platform.openModelFiles(`${goldensFolder}tiny/group-postnorm`);
  const runner = await loadRunner(files, [UniSpeechForCTC], () => Promise.resolve(context), { tune: 'off' });
  try {
    expect(runner.explain([items, samples]).shape.items).toBe(itemsPerRun);
    const { logits } = await runner.call({ input_values });
    const [, frames = 0, vocabSize = 0] = logits.dims;
    const outputs = await runner.run({ input_values }, [TOKEN_IDS]);
    expect([...outputs.keys()]).toEqual([TOKEN_IDS]);
    const ids = outputs.get(TOKEN_IDS);
    expect(ids?.dims).toEqual([items, frames, 1]);
    expect([...(ids?.data ?? [])]).toEqual([...argmaxRows(logits.data, items * frames, vocabSize)]);
    // The calls after it have logits again.
    expect((await runner.call({ input_values })).logits).toEqual(logits);
  } finally {
    await runner.dispose();
  }
});
