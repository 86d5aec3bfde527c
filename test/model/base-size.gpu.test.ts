/** The default configuration (12 x 768, seven convolutions of 512) against the reference, on the seeded checkpoint. */
import { expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { argmax, GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';
import { CONFIGS, UniSpeechForCTC, withCheckpoint } from '../helpers/checkpoints.ts';

test.each([1, 5])('%i s of audio through a base-size model', { timeout: 400_000 }, async (seconds) => {
  const golden = new GoldenFile(`${goldensFolder}base-size.safetensors`);
  await withCheckpoint(CONFIGS.base, async (folder) => {
    await using model = await UniSpeechForCTC.from_pretrained(folder);
    const { logits } = await model({ input_values: inputSamples(0, seconds * 16_000) });
    const expected = golden.tensor(`${seconds}s.logits`);
    expect(relativeError(logits, expected)).toBeLessThan(1e-3);
    expect(argmax(logits)).toEqual(argmax(expected));
  });
});
