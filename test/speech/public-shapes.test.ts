/** The small files of models that people run (`test/fixtures/public-shapes`) open, plan and explain at full size, without weights. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parameterCountOf } from '../../src/doctor/estimate-memory.ts';
import { namedClassOf } from '../../src/doctor/model-tasks.ts';
import { explainPlan } from '../../src/graph/explain.ts';
import { AutoFeatureExtractor, AutoTokenizer } from '../../src/pipelines/auto.ts';
import { AutoConfig } from '../../src/speech/auto.ts';
import { planClip } from '../../src/speech/core/model-plans.ts';
import { loadArchitecture } from '../../src/speech/heads/architecture.ts';
import { adapter } from '../helpers/planned.ts';

const FOLDER = fileURLToPath(new URL('../fixtures/public-shapes/', import.meta.url));

interface PublicShape {
  /** The task of `pipeline()` that its class is for. */
  readonly task: string;
  /** What the float32 file of the public repository takes, in millions of bytes. */
  readonly megabytes: number;
  readonly layers: number;
  readonly tokenizer?: readonly [className: string, tokenCount: number];
  readonly labelCount?: number;
  readonly normalizes: boolean;
  readonly wantsMask: boolean;
}

const LETTERS: PublicShape['tokenizer'] = ['Wav2Vec2CTCTokenizer', 32];
const PLAIN = { task: 'automatic-speech-recognition', normalizes: true, wantsMask: false };
const MASKED = { ...PLAIN, wantsMask: true };

const SHAPES: Readonly<Record<string, PublicShape>> = {
  'wav2vec2-base-960h': { ...PLAIN, megabytes: 378, layers: 12, tokenizer: LETTERS },
  'wav2vec2-large-960h-lv60-self': { ...MASKED, megabytes: 1262, layers: 24, tokenizer: LETTERS },
  'wav2vec2-large-xlsr-53-portuguese': {
    ...MASKED,
    megabytes: 1262,
    layers: 24,
    tokenizer: ['Wav2Vec2CTCTokenizer', 46],
  },
  'wav2vec2-lv-60-espeak-cv-ft': {
    ...MASKED,
    megabytes: 1263,
    layers: 24,
    tokenizer: ['Wav2Vec2PhonemeCTCTokenizer', 392],
  },
  'mms-1b-all': {
    ...MASKED,
    megabytes: 3860,
    layers: 48,
    tokenizer: ['Wav2Vec2CTCTokenizer', 154],
  },
  'mms-lid-126': {
    ...MASKED,
    task: 'audio-classification',
    megabytes: 3860,
    layers: 48,
    labelCount: 126,
  },
  'hubert-large-ls960-ft': { ...MASKED, megabytes: 1262, layers: 24, tokenizer: LETTERS },
  distilhubert: { ...PLAIN, task: 'feature-extraction', normalizes: false, megabytes: 94, layers: 2 },
  'hubert-base-superb-ks': {
    ...PLAIN,
    task: 'audio-classification',
    megabytes: 378,
    layers: 12,
    labelCount: 12,
  },
  'wavlm-base-plus-sv': {
    ...PLAIN,
    task: 'speaker-verification',
    normalizes: false,
    megabytes: 405,
    layers: 12,
    labelCount: 1211,
  },
  'unispeech-sat-base-plus-sd': {
    ...PLAIN,
    task: 'audio-frame-classification',
    normalizes: false,
    megabytes: 378,
    layers: 12,
    labelCount: 2,
  },
  'data2vec-audio-base-960h': { ...PLAIN, megabytes: 373, layers: 12, tokenizer: LETTERS },
  'sew-tiny-100k-ft-ls100h': { ...PLAIN, megabytes: 163, layers: 12, tokenizer: LETTERS },
};

describe.each(Object.entries(SHAPES))('%s', (name, shape) => {
  const folder = `${FOLDER}${name}`;

  test('opens with all its options', async () => {
    const config = await AutoConfig.from_pretrained(folder);
    expect(config.num_hidden_layers).toBe(shape.layers);
    if (shape.labelCount !== undefined) expect(config.num_labels).toBe(shape.labelCount);
    const extractor = await AutoFeatureExtractor.from_pretrained(folder);
    expect(extractor.config).toMatchObject({
      do_normalize: shape.normalizes,
      return_attention_mask: shape.wantsMask,
      sampling_rate: 16_000,
    });
    if (shape.tokenizer === undefined) {
      await expect(AutoTokenizer.from_pretrained(folder)).rejects.toThrow('has no tokenizer');
    } else {
      const tokenizer = await AutoTokenizer.from_pretrained(folder);
      expect([tokenizer.constructor.name, tokenizer.vocab_size]).toEqual(shape.tokenizer);
      expect(config.vocab_size).toBe(tokenizer.vocab_size);
    }
  });

  test('has as many weights as the public file, plans a second and explains it', async () => {
    const config = await AutoConfig.from_pretrained(folder);
    const { head: choice, task } = namedClassOf(config);
    const architecture = await loadArchitecture(config, choice);
    expect(task.pipeline).toBe(shape.task);
    const parameterCount = parameterCountOf(architecture);
    expect(Math.abs((4 * parameterCount) / (1e6 * shape.megabytes) - 1)).toBeLessThan(0.01);
    // The least that WebGPU promises is enough.
    const capabilities = adapter(undefined);
    const { steps, flops, dispatchCount } = explainPlan(
      planClip(architecture, capabilities, 1),
      capabilities,
    );
    expect(steps).toHaveLength(dispatchCount);
    expect(dispatchCount).toBeGreaterThan(7 * shape.layers);
    // A second has 49 frames, 24 where two are pooled, and each passes nearly every weight once.
    expect(flops).toBeGreaterThan(2 * 24 * 0.9 * parameterCount);
  });
});

test('every folder is tested', () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(Object.keys(SHAPES).sort()).toEqual(folders.map(({ name }) => name).sort());
});
