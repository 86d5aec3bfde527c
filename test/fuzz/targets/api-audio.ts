/** The API's functions of samples and numbers. */
import { parseWav } from '../../../src/audio/parse-wav.ts';
import { resample } from '../../../src/audio/resample.ts';
import { toMono } from '../../../src/audio/downmix.ts';
import { Wav2Vec2FeatureExtractor } from '../../../src/audio/feature-extractor.ts';
import type { AudioClip } from '../../../src/base/files.ts';
import { Tensor } from '../../../src/base/tensor.ts';
import { argmaxRows } from '../../../src/decode/argmax.ts';
import { encodeSamples, writeWav } from '../../audio/write-wav.ts';
import { expectResult } from '../target.ts';
import type { ApiCall } from './api.ts';

const clip = (length = 500): Float32Array => new Float32Array(length).fill(0.1);
const features = new Wav2Vec2FeatureExtractor();
const FEATURE_KEYS = [
  'padding',
  'max_length',
  'truncation',
  'pad_to_multiple_of',
  'return_attention_mask',
  'sampling_rate',
];
const CONFIG_KEYS = [
  'feature_size',
  'sampling_rate',
  'padding_value',
  'padding_side',
  'return_attention_mask',
  'do_normalize',
];
const WAV = writeWav({
  tag: 1,
  bits: 16,
  sampleRate: 16_000,
  channelCount: 1,
  data: encodeSamples([0, 0.5, -0.5], 1, 16),
});

function checkTensor(tensor: Tensor): void {
  const product = tensor.dims.reduce((size, dim) => size * dim, 1);
  expectResult(
    tensor.dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0) && product === tensor.data.length,
    `a tensor of dims [${tensor.dims.join(', ')}] with ${tensor.data.length} values`,
  );
}

type Extract = (...args: Parameters<typeof features.extract>) => unknown;

export const audioCalls: readonly ApiCall[] = [
  {
    name: 'new Tensor',
    right: () => ['float32', clip(6), [2, 3]],
    call: (...args: ConstructorParameters<typeof Tensor>) => {
      const tensor = new Tensor(...args);
      checkTensor(tensor);
      if (tensor.size > 0 || tensor.dims.length < 3) tensor.tolist();
    },
  },
  {
    name: 'Tensor.tolist',
    right: () => [[2, 0, 3]],
    call: (dims: readonly number[]) => new Tensor('float32', clip(0), dims).tolist(),
  },
  {
    name: 'Tensor.at',
    right: () => [1],
    call: (index: number) => checkTensor(new Tensor('float32', clip(6), [2, 3]).at(index)),
  },
  {
    name: 'Tensor.item',
    right: () => [[1, 1]],
    call: (dims: readonly number[]) => new Tensor('float32', clip(1), dims).item(),
  },
  {
    name: 'new Wav2Vec2FeatureExtractor',
    right: () => [{ padding_value: 0 }],
    keys: { 0: CONFIG_KEYS },
    call: (...args: ConstructorParameters<typeof Wav2Vec2FeatureExtractor>) =>
      new Wav2Vec2FeatureExtractor(...args).extract([clip(), clip(300)], { padding: true }),
  },
  {
    name: 'Wav2Vec2FeatureExtractor.fromConfig',
    right: () => [{ do_normalize: true }, 'preprocessor_config.json'],
    keys: { 0: CONFIG_KEYS },
    call: (...args: Parameters<typeof Wav2Vec2FeatureExtractor.fromConfig>) =>
      Wav2Vec2FeatureExtractor.fromConfig(...args),
  },
  {
    name: 'extractor()',
    right: () => [[clip(), clip(300)], { padding: true }],
    keys: { 1: FEATURE_KEYS },
    call: async (...args: Parameters<typeof features>) => {
      const { input_values, attention_mask } = await features(...args);
      checkTensor(input_values);
      expectResult(input_values.data.every(Number.isFinite), 'features that are not finite');
      if (attention_mask) checkTensor(attention_mask);
    },
  },
  {
    name: 'extractor.extract',
    right: () => [[clip(), clip(300)], {}],
    keys: { 1: FEATURE_KEYS },
    call: ((...args) => features.extract(...args)) satisfies Extract,
  },
  {
    name: 'extractor.pad',
    right: () => [
      { input_values: [clip(), clip(500)], attention_mask: [new Int32Array(500), new Int32Array(500)] },
      {},
    ],
    keys: { 0: ['input_values', 'attention_mask'], 1: FEATURE_KEYS },
    call: (...args: Parameters<typeof features.pad>) => {
      const { input_values, attention_mask } = features.pad(...args);
      checkTensor(input_values);
      if (attention_mask) checkTensor(attention_mask);
    },
  },
  {
    name: 'extractor.pad of a list',
    right: () => [
      [{ input_values: clip(), attention_mask: new Int32Array(500) }, { input_values: clip(20) }],
    ],
    call: (...args: Parameters<typeof features.pad>) => features.pad(...args),
  },
  {
    name: 'toMono',
    right: () => [{ channels: [clip(), clip()], sampleRate: 16_000 }],
    keys: { 0: ['channels', 'sampleRate', 'warnings'] },
    call: (clip: AudioClip) =>
      expectResult(toMono(clip).length === clip.channels[0]?.length, 'other samples'),
  },
  {
    name: 'parseWav',
    right: () => [WAV, 'a.wav'],
    call: (...args: Parameters<typeof parseWav>) => parseWav(...args),
  },
  {
    name: 'resample',
    right: () => [clip(), 8000, 16_000],
    call: (...args: Parameters<typeof resample>) =>
      expectResult(
        resample(...args).every(Number.isFinite) || !args[0].every(Number.isFinite),
        'samples from nowhere',
      ),
  },
  {
    name: 'argmaxRows',
    right: () => [clip(6), 2, 3],
    call: (...args: Parameters<typeof argmaxRows>) =>
      expectResult(
        argmaxRows(...args).every((id) => id >= 0),
        'negative ids',
      ),
  },
];
