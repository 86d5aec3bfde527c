/** The configuration of a model, and of its feature extractor. */
import { loadConfig } from '../../../src/speech/core/load-runner.ts';
import { planClip } from '../../../src/speech/core/model-plans.ts';
import { CONFIG_CLASSES } from '../../../src/speech/families/family-list.ts';
import { CTC_HEAD } from '../../../src/speech/heads/ctc.ts';
import { loadArchitecture, modelLayout } from '../../../src/speech/heads/architecture.ts';
import { readPreprocessor } from '../../../src/pipelines/read-preprocessor.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { adapter } from '../../helpers/planned.ts';
import { mutateJson } from '../mutate-json.ts';
import { type FuzzAnswer, expectResult, type Mutant, type Target } from '../target.ts';
import { readJsonSeed } from './read-seed.ts';

const TINY = 'test/reference/goldens/tiny/';
const DEMO = 'examples/models/unispeech-tiny-en/';
/** What the bundled clip of a second takes on a small adapter. */
const CAPABILITIES = adapter(undefined);

/** All that a load does with a configuration before it has weights, but for the GPU. */
async function useConfig(text: string): Promise<FuzzAnswer> {
  const config = await loadConfig(memoryFiles({ 'config.json': text }), CONFIG_CLASSES);
  const { minimumSampleCount, inputs_to_logits_ratio: ratio } = config;
  expectResult(minimumSampleCount >= 1 && ratio >= 1, `a receptive field of ${minimumSampleCount} samples`);
  expectResult(config.frameCount(minimumSampleCount) === 1, 'the shortest clip has one frame');
  const architecture = await loadArchitecture(config, CTC_HEAD);
  const layout = modelLayout(architecture);
  expectResult(layout.length > 0, 'a model without weights');
  expectResult(config.toJSON().model_type === 'unispeech', 'another model type');
  // Products that no adapter can hold are an error of the plan, not of the configuration.
  if (minimumSampleCount <= 16_000) {
    const plan = planClip(architecture, CAPABILITIES, 1);
    expectResult(plan.steps.length > 0, 'a plan without steps');
  }
  return 'result';
}

export const config: Target = {
  name: 'config',
  about: 'config.json: read, weights laid out, a second planned',
  extension: 'json',
  prepare() {
    const folders = ['group-postnorm', 'layer-stable', 'pre-training'].map((name) => TINY + name);
    const seeds = [...folders, DEMO].map((folder) => readJsonSeed(`${folder}/config.json`));
    return Promise.resolve((random): Mutant => {
      const { text, description } = mutateJson(random.pick(seeds), random);
      return { description, content: () => text, run: () => useConfig(text) };
    });
  },
};

const SAMPLES = Float32Array.from({ length: 400 }, (_, index) => Math.sin(index));

async function useFeatureExtractor(files: Readonly<Record<string, string>>): Promise<FuzzAnswer> {
  const { extractor } = await readPreprocessor(memoryFiles(files));
  const { input_values: rows } = extractor.extract([SAMPLES, SAMPLES.subarray(100)]);
  expectResult(rows.length === 2 && rows[0]?.length === SAMPLES.length, 'rows of other lengths');
  expectResult(
    rows.every((row) => row.every(Number.isFinite)),
    'features that are not finite',
  );
  return 'result';
}

export const preprocessor: Target = {
  name: 'preprocessor',
  about: 'preprocessor_config.json and processor_config.json: read and used',
  extension: 'json',
  prepare() {
    const seed = readJsonSeed(`${DEMO}preprocessor_config.json`);
    return Promise.resolve((random): Mutant => {
      const isNested = random.chance(0.3);
      const fileName = isNested ? 'processor_config.json' : 'preprocessor_config.json';
      const { text, description } = mutateJson(isNested ? { feature_extractor: seed } : seed, random);
      return {
        description: `${fileName}: ${description}`,
        content: () => text,
        run: () => useFeatureExtractor({ [fileName]: text }),
      };
    });
  },
};
