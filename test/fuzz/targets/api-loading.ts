/** The API's ways to load, from a folder that has everything but weights: no GPU is opened. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { modelStorage } from '../../../src/speech/core/model-storage.ts';
import { AutoConfig, AutoModelForCTC } from '../../../src/speech/auto.ts';
import { UniSpeechModel } from '../../../src/speech/unispeech-models.ts';
import { AutoFeatureExtractor, AutoProcessor, AutoTokenizer } from '../../../src/pipelines/auto.ts';
import { AutomaticSpeechRecognitionPipeline } from '../../../src/pipelines/automatic-speech-recognition.ts';
import { pipeline } from '../../../src/pipelines/pipeline.ts';
import { createWorkerPipeline } from '../../../src/worker/index.ts';
import type { ApiCall } from './api.ts';

const LOAD_KEYS = ['progress_callback', 'signal', 'cache', 'revision', 'device', 'dtype', 'tune', 'variant'];

/** A model folder whose config.json is refused, so that a load with right options ends before it wants a GPU. */
async function unloadableFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'unispeech-fuzz-model-'));
  await writeFile(path.join(folder, 'config.json'), '{"model_type": "other"}');
  await writeFile(
    path.join(folder, 'vocab.json'),
    '{"<pad>": 0, "A": 1, "<unk>": 2, "<s>": 3, "</s>": 4, "|": 5}',
  );
  await writeFile(path.join(folder, 'preprocessor_config.json'), '{}');
  return folder;
}

export async function loadingCalls(): Promise<readonly ApiCall[]> {
  const folder = await unloadableFolder();
  const loaders: Readonly<Record<string, (location: string, options: object) => Promise<unknown>>> = {
    AutoConfig: (...args) => AutoConfig.from_pretrained(...args),
    AutoModelForCTC: (...args) => AutoModelForCTC.from_pretrained(...args),
    UniSpeechModel: (...args) => UniSpeechModel.from_pretrained(...args),
    AutoFeatureExtractor: (...args) => AutoFeatureExtractor.from_pretrained(...args),
    AutoProcessor: (...args) => AutoProcessor.from_pretrained(...args),
    AutoTokenizer: (...args) => AutoTokenizer.from_pretrained(...args),
  };
  return [
    ...Object.entries(loaders).map(([name, load]): ApiCall => ({
      name: `${name}.from_pretrained`,
      right: () => [folder, {}],
      keys: { 1: [...LOAD_KEYS, 'target_lang', 'hiddenStatesConvention'] },
      call: load,
    })),
    {
      name: 'pipeline',
      right: () => ['automatic-speech-recognition', folder, {}],
      keys: { 2: [...LOAD_KEYS, 'target_lang'] },
      call: (...args: Parameters<typeof pipeline>) => pipeline(...args),
    },
    {
      name: 'createWorkerPipeline',
      right: () => ['automatic-speech-recognition', folder, {}],
      keys: { 2: [...LOAD_KEYS, 'worker'] },
      call: (...args: Parameters<typeof createWorkerPipeline>) => createWorkerPipeline(...args),
    },
    {
      name: 'new AutomaticSpeechRecognitionPipeline',
      right: () => [{}],
      keys: { 0: ['model', 'processor'] },
      call: (...args: ConstructorParameters<typeof AutomaticSpeechRecognitionPipeline>) =>
        new AutomaticSpeechRecognitionPipeline(...args),
    },
    {
      name: 'modelStorage.delete',
      right: () => [folder, {}],
      keys: { 1: ['revision'] },
      call: (...args: Parameters<typeof modelStorage.delete>) => modelStorage.delete(...args),
    },
  ];
}
