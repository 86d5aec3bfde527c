/** What a model is and takes, told from its small files: for the shapes of public models, for every class, for hostile folders. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeSummary, formatModelSummary } from '../../src/doctor/describe-summary.ts';
import { estimateMemory, weightMemory } from '../../src/doctor/estimate-memory.ts';
import { summarizeModel } from '../../src/doctor/model-summary.ts';
import { classesOf } from '../../src/doctor/model-tasks.ts';
import { cardLanguages } from '../../src/doctor/read-languages.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';
import { loadHead } from '../../src/speech/heads/later-heads.ts';
import { loadArchitecture, modelLayout } from '../../src/speech/heads/architecture.ts';
import { adapter } from '../helpers/planned.ts';

const SHAPES = fileURLToPath(new URL('../fixtures/public-shapes/', import.meta.url));
const capabilities = adapter(undefined);

/** Files as a page gets them from its user. */
const chosen = (contents: Readonly<Record<string, string | object>>): File[] =>
  Object.entries(contents).map(
    ([name, content]) => new File([typeof content === 'string' ? content : JSON.stringify(content)], name),
  );
const summaryOf = (contents: Readonly<Record<string, string | object>>) =>
  summarizeModel(chosen(contents), { capabilities });

const TINY = {
  hidden_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 20,
  num_conv_pos_embeddings: 3,
  num_conv_pos_embedding_groups: 2,
  conv_dim: [8, 8, 8],
  conv_kernel: [10, 8, 4],
  conv_stride: [5, 8, 8],
};

describe('the shapes of public models', () => {
  test.each([
    ['wav2vec2-base-960h', 'Wav2Vec2ForCTC', 'speech recognition (CTC)', 94.4, undefined],
    ['hubert-base-superb-ks', 'HubertForSequenceClassification', 'audio classification', 94.6, 12],
    ['distilhubert', 'HubertModel', 'features of speech', 23.5, undefined],
  ] as const)('%s: class, task, parameters, memory', async (name, className, title, millions, labelCount) => {
    const summary = await summarizeModel(SHAPES + name, { capabilities });
    expect(summary).toMatchObject({ className, task: { title }, labelCount, weights: undefined });
    expect(summary.parameterCount / 1e6).toBeCloseTo(millions, 0);
    const fit = summary.fit.status === 'done' ? summary.fit.value : undefined;
    expect(fit?.dtypes.map(({ dtype }) => dtype)).toEqual(['fp32', 'fp16', 'q8', 'q4']);
    const [fp32, fp16, q8, q4] = fit?.dtypes.map(({ weightByteLength }) => weightByteLength) ?? [];
    expect(Number(fp32) / (4 * summary.parameterCount)).toBeCloseTo(1, 1);
    expect(Number(fp16)).toBeLessThan(0.52 * Number(fp32));
    expect(Number(q8)).toBeLessThan(0.31 * Number(fp32));
    expect(Number(q4)).toBeLessThan(0.19 * Number(fp32));
    expect(fit?.longestClipSeconds).toBeGreaterThan(60);
  });

  test('phonemes are told from letters', async () => {
    const summary = await summarizeModel(`${SHAPES}wav2vec2-lv-60-espeak-cv-ft`, { capabilities });
    expect(summary).toMatchObject({ isPhonemes: true, tokenCount: 392 });
  });
});

describe('every class', () => {
  const all = CONFIG_CLASSES.flatMap((configClass) =>
    classesOf(configClass).map((named) => ({ ...named, model_type: configClass.family.model_type })),
  );

  test.each(all)('$className', async ({ className, task, model_type, head: choice }) => {
    const head = await loadHead(choice);
    const config = { ...TINY, model_type, architectures: [className] };
    const summary = await summaryOf({ 'config.json': config, 'pytorch_model.bin': 'x'.repeat(1234) });
    expect(summary).toMatchObject({
      model_type,
      className,
      task,
      languages: [],
      weights: { fileNames: ['pytorch_model.bin'], byteLength: 1234 },
      fit: { status: 'done' },
    });
    const { level, rows } = describeSummary(summary);
    expect(level).toBe('yes');
    expect(Object.fromEntries(rows)).toMatchObject({ Type: model_type, Language: 'not stated' });
    const known = CONFIG_CLASSES.find(({ family }) => family.model_type === model_type);
    if (!known) throw new Error('no configuration');
    const architecture = await loadArchitecture(new known(config), head);
    const estimate = estimateMemory(architecture, capabilities, { dtype: 'fp32', seconds: 1 });
    const elements = modelLayout(architecture).reduce((sum, each) => sum + each.elementCount, 0);
    expect(estimate.weightByteLength).toBeGreaterThanOrEqual(4 * elements);
    expect(estimate.byteLength).toBe(
      estimate.weightByteLength + estimate.activationByteLength + estimate.readbackByteLength,
    );
  });
});

describe('languages and labels', () => {
  const config = { ...TINY, model_type: 'wav2vec2', architectures: ['Wav2Vec2ForCTC'] };

  test('a nested vocabulary lists languages, and the tokenizer chooses one', async () => {
    const vocabulary = { fra: { a: 0, b: 1 }, deu: { a: 0, b: 1, c: 2 } };
    const summary = await summaryOf({
      'config.json': config,
      'vocab.json': vocabulary,
      'tokenizer_config.json': { target_lang: 'deu' },
      'README.md': '---\nlanguage: en\n---\n',
    });
    expect(summary).toMatchObject({ languages: ['fra', 'deu'], language: 'deu', tokenCount: 3 });
    expect(Object.fromEntries(describeSummary(summary).rows)).toMatchObject({
      Languages: 'fra, deu; deu unless another is chosen',
    });
  });

  test.each([
    ['---\nlanguage: pt\nlicense: mit\n---\n# Text', ['pt']],
    ['---\r\nlicense: mit\r\nlanguage: [en, "fr"] \r\n---\r\n', ['en', 'fr']],
    ['---\nlanguage:\n- en\n- zh-CN # two\ntags:\n- audio\n---\n', ['en', 'zh-CN']],
    ['# Text\nlanguage: en', []],
    ['---\nlanguage: <script>\n---\n', []],
  ])('the card %j', (card, languages) => {
    expect(cardLanguages(card)).toEqual(languages);
  });

  test('labels with names are shown, and only the number of others', async () => {
    const classifier = { ...config, architectures: ['Wav2Vec2ForSequenceClassification'] };
    const named = await summaryOf({
      'config.json': { ...classifier, id2label: { 0: 'yes', 1: 'no', 2: 'up' } },
    });
    expect(named).toMatchObject({ labels: ['yes', 'no', 'up'], labelCount: 3 });
    const nameless = describeSummary(await summaryOf({ 'config.json': classifier }));
    expect(Object.fromEntries(nameless.rows)).toMatchObject({ Labels: '2, without names' });
  });
});

describe('the weights', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-summary-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('shards count together, and one that is not there is an error', async () => {
    const index = { weight_map: { a: 'one.safetensors', b: 'two.safetensors' } };
    const contents = {
      'config.json': { ...TINY, model_type: 'hubert', architectures: ['HubertModel'] },
      'model.safetensors.index.json': index,
      'one.safetensors': 'x'.repeat(10),
    };
    await expect(summaryOf(contents)).rejects.toThrow('names the shard "two.safetensors"');
    expect(await summaryOf({ ...contents, 'two.safetensors': 'xx' })).toMatchObject({
      weights: { fileNames: ['one.safetensors', 'two.safetensors'], byteLength: 12 },
    });
  });

  test('without weights, or too large for a buffer, the answer is no', async () => {
    writeFileSync(
      path.join(folder, 'config.json'),
      JSON.stringify({ ...TINY, model_type: 'wav2vec2', architectures: ['Wav2Vec2ForCTC'] }),
    );
    const without = await summarizeModel(folder, { capabilities });
    expect(formatModelSummary(without)).toMatch(/^No: the model has no weights/);
    writeFileSync(path.join(folder, 'model.safetensors'), 'never read');
    const limits = { ...capabilities.limits, maxStorageBufferBindingSize: 1000 };
    const small = await summarizeModel(folder, { capabilities: { ...capabilities, limits } });
    expect(describeSummary(small)).toMatchObject({
      level: 'no',
      verdict: expect.stringMatching(/^No: the model does not fit the limits/) as string,
    });
  });

  test('the largest weight decides which precisions fit', async () => {
    const [configClass] = CONFIG_CLASSES;
    if (!configClass) throw new Error('no configuration');
    const [named] = classesOf(configClass);
    if (!named) throw new Error('no class');
    const architecture = await loadArchitecture(new configClass({}), named.head);
    // The positional convolution of a base model: 768 · 48 · 128 floats.
    expect(weightMemory(architecture, 'fp32').largest).toBe(4 * 768 * 48 * 128);
    expect(weightMemory(architecture, 'fp16').largest).toBe(2 * 768 * 48 * 128);
  });
});

describe('what cannot run is one sentence', () => {
  test.each([
    [
      { 'config.json': { model_type: 'whisper' } },
      '"model_type" is "whisper", but this engine runs "unispeech"',
    ],
    [
      {
        'config.json': {
          ...TINY,
          model_type: 'wav2vec2',
          architectures: ['Wav2Vec2ForSpeechClassification'],
        },
      },
      'names the class "Wav2Vec2ForSpeechClassification", which this engine does not have',
    ],
    [{ 'model.safetensors': '' }, 'There is no config.json among the 1 chosen files'],
    [{ 'config.json': '<html>' }, 'config.json'],
  ])('%j', async (contents, sentence) => {
    await expect(summaryOf(contents)).rejects.toThrow(sentence);
  });

  test('a wrong option and a wrong location', async () => {
    await expect(summarizeModel('./no-such-folder', { capabilities })).rejects.toThrow('no-such-folder');
    await expect(summarizeModel('', { capabilities })).rejects.toThrow('expected a folder or URL');
    const options = { capabilities, dtype: 'fp32' };
    await expect(summarizeModel('.', options)).rejects.toThrow('dtype');
  });
});
