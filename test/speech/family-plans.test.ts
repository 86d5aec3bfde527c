/**
 * Families that differ only in their names run the very plan of UniSpeech: the same kernels, sizes and memory. What `bench -- e2e` measures between
 * them is noise.
 */
import { expect, test } from 'vitest';
import { CONFIGS } from '../../scripts/lib/model-configs.mjs';
import { planClip } from '../../src/speech/core/model-plans.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { adapter } from '../helpers/planned.ts';
import { loadArchitecture } from '../../src/speech/heads/architecture.ts';

const capabilities = adapter(4);

async function planOf(name: keyof typeof CONFIGS, seconds: number) {
  const json = CONFIGS[name];
  const Config = CONFIG_CLASSES.find(({ family: { model_type } }) => model_type === json.model_type);
  if (Config === undefined) throw new Error(`no family ${json.model_type}`);
  return planClip(await loadArchitecture(new Config(json), CTC_HEAD), capabilities, seconds);
}

test.each(['wav2vec2', 'hubert', 'unispeech-sat'] as const)('%s', async (family) => {
  for (const size of ['base', 'large'] as const)
    for (const seconds of [1, 5])
      expect(await planOf(`${family}-${size}`, seconds)).toEqual(await planOf(size, seconds));
});

test('WavLM is another', async () => {
  expect(await planOf('wavlm-base', 5)).not.toEqual(await planOf('base', 5));
});
