/** The processor and the Auto classes: calls, padding, decoding, and loading from every file layout. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Wav2Vec2FeatureExtractor } from '../../src/audio/feature-extractor.ts';
import type { ProgressCallback, ProgressInfo } from '../../src/base/files.ts';
import { AutoFeatureExtractor, AutoProcessor, AutoTokenizer } from '../../src/pipelines/auto.ts';
import { loadProcessor, Wav2Vec2Processor } from '../../src/pipelines/processor.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { letterVocabulary } from '../text/letters.ts';

const load = (files: Readonly<Record<string, unknown>>, progress_callback?: ProgressCallback) =>
  loadProcessor(
    memoryFiles(
      Object.fromEntries(Object.entries(files).map(([name, value]) => [name, JSON.stringify(value)])),
    ),
    { progress_callback },
  );

const processor = new Wav2Vec2Processor(
  new Wav2Vec2FeatureExtractor({ return_attention_mask: true }),
  new Wav2Vec2CTCTokenizer(letterVocabulary),
);
const bare = new Wav2Vec2Processor(new Wav2Vec2FeatureExtractor());
const audio = Float32Array.of(1, 2, 3, 4);

describe('Wav2Vec2Processor', () => {
  test('makes features of audio', async () => {
    const { input_values, attention_mask } = await processor(audio, { sampling_rate: 16_000 });
    expect(input_values.dims).toEqual([1, 4]);
    expect(input_values.data[0]).toBeCloseTo(-1.3416407, 6);
    expect(attention_mask?.tolist()).toEqual([[1, 1, 1, 1]]);
    expect((await processor({ audio })).input_values.data).toEqual(input_values.data);
  });

  test('makes ids of text', async () => {
    const { input_ids } = await processor({ text: 'HELLO' });
    expect(input_ids.tolist()).toEqual([[11n, 5n, 15n, 15n, 8n]]);
  });

  test('makes features and labels of both, padded alike', async () => {
    const both = await processor({ audio: [audio, audio.subarray(1)], text: ['HI', 'A'] }, { padding: true });
    expect(both.input_values.dims).toEqual([2, 4]);
    expect(both.labels.tolist()).toEqual([
      [11n, 10n],
      [7n, 0n],
    ]);
  });

  test('takes options of the tokenizer apart', async () => {
    const { labels } = await processor(
      { audio, text: ['HIHI'] },
      { text_kwargs: { truncation: true, max_length: 2 } },
    );
    expect(labels.dims).toEqual([1, 2]);
  });

  test('rejects a call with nothing, and unknown options', async () => {
    await expect(processor({ audio: null, text: null } as never)).rejects.toThrow(
      'You need to specify either an `audio` or `text` input to process.',
    );
    await expect(processor(audio, { sample_rate: 16_000 } as never)).rejects.toThrow('"sample_rate"');
  });

  test('pads features and labels', () => {
    const features = [{ input_values: [1, 2, 3] }, { input_values: [4] }];
    const labels = [[5], [6, 7]];
    const padded = processor.pad(features, { labels });
    expect(padded.input_values.tolist()).toEqual([
      [1, 2, 3],
      [4, 0, 0],
    ]);
    expect(padded.attention_mask?.tolist()).toEqual([
      [1, 1, 1],
      [1, 0, 0],
    ]);
    expect(padded.labels.tolist()).toEqual([
      [5n, 0n],
      [6n, 7n],
    ]);
    expect(processor.pad(null, { labels }).labels.dims).toEqual([2, 2]);
    expect(processor.pad(features)).not.toHaveProperty('labels');
    expect(() => processor.pad(null, {} as never)).toThrow('needs features, labels, or both');
  });

  test('decodes', () => {
    expect(processor.decode([11, 0, 10])).toBe('HI');
    expect(processor.batch_decode([[11], [10]])).toEqual(['H', 'I']);
    expect(processor.decode([11], { output_char_offsets: true }).char_offsets).toEqual([
      { char: 'H', start_offset: 0, end_offset: 1 },
    ]);
  });

  test('says that there is no tokenizer', async () => {
    expect((await bare(audio)).input_values.dims).toEqual([1, 4]);
    expect(() => bare.decode([1])).toThrow('Decoding needs a tokenizer, but this processor');
    expect(() => bare.batch_decode([[1]])).toThrow('vocab.json');
    await expect(bare({ text: 'A' })).rejects.toThrow('Encoding text needs a tokenizer');
  });
});

describe('loading', () => {
  const older = { do_normalize: false, feature_extractor_type: 'Wav2Vec2FeatureExtractor' };
  const newer = { do_normalize: true, return_attention_mask: true };

  test('reads the nested object of processor_config.json first', async () => {
    const files = { 'vocab.json': letterVocabulary, 'preprocessor_config.json': older };
    const nested = await load({
      ...files,
      'processor_config.json': { processor_class: 'Wav2Vec2Processor', feature_extractor: newer },
    });
    expect(nested.feature_extractor.config).toMatchObject(newer);
    expect(nested.tokenizer).toBeInstanceOf(Wav2Vec2CTCTokenizer);
    const audioProcessor = await load({ 'processor_config.json': { audio_processor: newer } });
    expect(audioProcessor.feature_extractor.config).toMatchObject(newer);
    const withoutNested = await load({ ...files, 'processor_config.json': { processor_class: 'X' } });
    expect(withoutNested.feature_extractor.config.do_normalize).toBe(false);
  });

  test('reads preprocessor_config.json, flat or nested', async () => {
    const flat = await load({ 'preprocessor_config.json': older });
    expect(flat.feature_extractor.config.do_normalize).toBe(false);
    expect(flat.tokenizer).toBeUndefined();
    const nested = await load({
      'preprocessor_config.json': { do_normalize: false, feature_extractor: newer },
    });
    expect(nested.feature_extractor.config.do_normalize).toBe(true);
  });

  test('takes the phoneme tokenizer where tokenizer_config.json names it', async () => {
    const { tokenizer } = await load({
      'preprocessor_config.json': older,
      'vocab.json': { a: 0, '<pad>': 1 },
      'tokenizer_config.json': { tokenizer_class: 'Wav2Vec2PhonemeCTCTokenizer', do_phonemize: false },
    });
    expect(tokenizer).toBeInstanceOf(Wav2Vec2PhonemeCTCTokenizer);
  });

  test.each([
    [{}, 'memory has neither processor_config.json nor preprocessor_config.json.'],
    [{ 'processor_config.json': {} }, 'has no "feature_extractor", and there is no preprocessor_config.json'],
    [
      { 'preprocessor_config.json': { sampling_rate: 'high' } },
      'memory/preprocessor_config.json: sampling_rate',
    ],
    [
      { 'processor_config.json': { feature_extractor: { do_normalize: 1 } } },
      'memory/processor_config.json, "feature_extractor": do_normalize',
    ],
    [
      { 'preprocessor_config.json': { feature_extractor_type: 'WhisperFeatureExtractor' } },
      'the feature extractor class "WhisperFeatureExtractor" is not known',
    ],
    [{ 'preprocessor_config.json': [] }, 'memory/preprocessor_config.json must hold an object'],
  ])('refuses %j', async (files, message) => {
    await expect(load(files)).rejects.toThrow(message);
  });
});

test('a processor with a language model is loaded without it, and one warning says so', async () => {
  const events: ProgressInfo[] = [];
  const files = {
    'preprocessor_config.json': { processor_class: 'Wav2Vec2ProcessorWithLM' },
    'tokenizer_config.json': { processor_class: 'Wav2Vec2ProcessorWithLM' },
    'vocab.json': letterVocabulary,
  };
  const { tokenizer } = await load(files, (info) => events.push(info));
  expect(tokenizer).toBeInstanceOf(Wav2Vec2CTCTokenizer);
  expect(events).toEqual([
    {
      status: 'warning',
      name: 'memory',
      code: 'language-model-unused',
      message:
        'memory has a language model (Wav2Vec2ProcessorWithLM), but texts are decoded without it: other words may be likelier with it.',
    },
  ]);
  events.length = 0;
  await load({ ...files, 'preprocessor_config.json': { processor_class: 'Wav2Vec2Processor' } }, (info) =>
    events.push(info),
  );
  expect(events).toEqual([]);
});

describe('from_pretrained', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'processor-'));
    await writeFile(path.join(folder, 'preprocessor_config.json'), '{"sampling_rate": 8000}');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('loads from a folder or a file URL, with progress', async () => {
    const events: ProgressInfo[] = [];
    const { feature_extractor } = await AutoProcessor.from_pretrained(folder, {
      progress_callback: (info) => events.push(info),
    });
    expect(feature_extractor.config.sampling_rate).toBe(8000);
    expect(events.map(({ status }) => status)).toEqual([
      'initiate',
      'download',
      'progress_total',
      'progress',
      'done',
    ]);
    const { config } = await AutoFeatureExtractor.from_pretrained(pathToFileURL(folder));
    expect(config.sampling_rate).toBe(8000);
  });

  test('says that a folder has no tokenizer', async () => {
    await expect(AutoTokenizer.from_pretrained(folder)).rejects.toThrow(`${folder} has no tokenizer`);
    await writeFile(path.join(folder, 'vocab.json'), JSON.stringify({ fr: { a: 0, '<pad>': 1 } }));
    const tokenizer = await AutoTokenizer.from_pretrained(folder, { target_lang: 'fr' });
    expect(tokenizer.decode([0, 1, 0])).toBe('aa');
  });

  test('rejects unknown options and obeys the signal', async () => {
    await expect(AutoFeatureExtractor.from_pretrained(folder, { language: 'fr' } as never)).rejects.toThrow(
      'from_pretrained has no option "language"',
    );
    // One object with options serves all parts of a model.
    await expect(AutoFeatureExtractor.from_pretrained(folder, { target_lang: 'fr' })).resolves.toBeDefined();
    const reason = new Error('enough');
    await expect(AutoProcessor.from_pretrained(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});
