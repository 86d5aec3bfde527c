/** The default configuration (12 x 768, seven convolutions of 512) against the reference, on the seeded checkpoint. */
import { expect, test } from 'vitest';
import { inputSamples } from '../../scripts/lib/random-weights.mjs';
import { argmax, GoldenFile, goldensFolder, relativeError } from '../helpers/golden.ts';
import { CONFIGS, UniSpeechForCTC, withCheckpoint } from '../helpers/checkpoints.ts';
import { isShort } from '../helpers/test-depth.ts';

/** On SwiftShader 5 s take two minutes. */
const seconds = isShort ? [1] : [1, 5];

test.each(seconds)('%i s of audio through a base-size model', { timeout: 400_000 }, async (duration) => {
  const golden = new GoldenFile(`${goldensFolder}base-size.safetensors`);
  await withCheckpoint(CONFIGS.base, async (folder) => {
    await using model = await UniSpeechForCTC.from_pretrained(folder);
    const { logits } = await model({ input_values: inputSamples(0, duration * 16_000) });
    const expected = golden.tensor(`${duration}s.logits`);
    expect(relativeError(logits, expected)).toBeLessThan(1e-3);
    expect(argmax(logits)).toEqual(argmax(expected));
  });
});
