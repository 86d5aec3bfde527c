/** Models with the decoder files of transformers' `Wav2Vec2ProcessorWithLM`, in memory and in folders. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readDecoderFiles } from '../../src/beam/decoder-files.ts';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { pipelineDecoder } from '../../src/beam/pipeline-decoder.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { folderFiles } from '../../src/platform/node-files.ts';
import { Wav2Vec2ProcessorWithLM } from '../../src/pipelines/processor-with-lm.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { modelFolder } from '../helpers/clips.ts';
import { arpaOf, vectors } from './vectors.ts';

const vocabulary = JSON.parse(readFileSync(path.join(modelFolder, 'vocab.json'), 'utf8')) as object;
const tokenizer = new Wav2Vec2CTCTokenizer(vocabulary, {
  bos_token: '<s>',
  eos_token: '</s>',
  unk_token: '<unk>',
  pad_token: '<pad>',
});
const labels = vectors.beam.labels.map((token) => ({ '<pad>': '', '|': ' ', '<unk>': '⁇' })[token] ?? token);
const MEMORY = { memoryByteLength: 2 ** 29 };
const ATTRIBUTES = { alpha: 0.7, beta: 1.2, unk_score_offset: -9, score_boundary: false };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'unispeech-with-lm-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Contents = Readonly<Record<string, string | Uint8Array>>;

const complete = (): Record<string, string | Uint8Array> => ({
  'alphabet.json': JSON.stringify({ labels, is_bpe: false }),
  'language_model/attrs.json': JSON.stringify(ATTRIBUTES),
  'language_model/unigrams.txt': 'A\nCAT\nTHE\nZEBRA\n',
  'language_model/lm.arpa': arpaOf('lm3'),
  'language_model/.hidden': 'counts for nothing',
});

let count = 0;
/** A folder with these files. */
function write(contents: Contents): string {
  const place = path.join(folder, String(count++));
  mkdirSync(place);
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    writeFileSync(path.join(place, name), content);
  }
  return place;
}
const read = (contents: Contents) =>
  readDecoderFiles(folderFiles(write(contents)), tokenizer, MEMORY, undefined);

describe('the files of a decoder', () => {
  test('are alphabet, weights, words and model', async () => {
    const found = await read(complete());
    expect(found?.defaults).toEqual({
      alpha: 0.7,
      beta: 1.2,
      unk_score_offset: -9,
      lm_score_boundary: false,
    });
    expect(found?.labels).toMatchObject({ count: 32, blank: 0, space: 4 });
    expect(found?.languageModel?.order).toBe(3);
    // ZEBRA is no word of the model.
    expect(found?.languageModel?.unigrams?.size).toBe(3);
  });

  test('have no language model without its folder, and none that is not wanted', async () => {
    const { 'alphabet.json': alphabet = '' } = complete();
    expect((await read({ 'alphabet.json': alphabet }))?.languageModel).toBeUndefined();
    const files = folderFiles(write(complete()));
    expect((await readDecoderFiles(files, tokenizer, undefined, undefined))?.languageModel).toBeUndefined();
  });

  test('an empty list of words is not the same as none', async () => {
    const found = await read({ ...complete(), 'language_model/unigrams.txt': '' });
    expect(found?.languageModel?.unigrams?.size).toBe(0);
  });

  test.each<[string, (contents: Record<string, string | Uint8Array>) => void, RegExp]>([
    ['no alphabet', (contents) => delete contents['alphabet.json'], /has no alphabet.json/],
    [
      'another file beside',
      (contents) => (contents['language_model/b.bin'] = ''),
      /must hold attrs.json, unigrams.txt and a model/,
    ],
    ['no model', (contents) => delete contents['language_model/lm.arpa'], /must hold attrs.json/],
    ['no weights', (contents) => delete contents['language_model/attrs.json'], /must hold attrs.json/],
    [
      'weights of other names',
      (contents) => (contents['language_model/attrs.json'] = '{"alpha": 1}'),
      /must have the keys alpha, beta/,
    ],
    [
      'a weight that is no number',
      (contents) => (contents['language_model/attrs.json'] = JSON.stringify({ ...ATTRIBUTES, beta: '1' })),
      /"beta" is "1"/,
    ],
    [
      'an alphabet of pieces',
      (contents) => (contents['alphabet.json'] = JSON.stringify({ labels, is_bpe: true })),
      /is of pieces of words/,
    ],
    [
      'a label of a piece',
      (contents) =>
        (contents['alphabet.json'] = JSON.stringify({ labels: [...labels, '▁A'], is_bpe: false })),
      /a piece of a word/,
    ],
    [
      'an alphabet with more keys',
      (contents) => (contents['alphabet.json'] = JSON.stringify({ labels, is_bpe: false, more: 1 })),
      /must have the keys labels, is_bpe/,
    ],
    [
      'tokens that are missing',
      (contents) =>
        (contents['alphabet.json'] = JSON.stringify({ labels: labels.slice(0, 30), is_bpe: false })),
      /The tokens "Q", "Z" are in the tokenizer's vocabulary/,
    ],
    ['a damaged model', (contents) => (contents['language_model/lm.arpa'] = 'hello'), /is no language model/],
  ])('%s is an error', async (_, edit, message) => {
    const contents = complete();
    edit(contents);
    await expect(read(contents)).rejects.toThrow(message);
  });

  test('wrong weights are told before the model is read, so no file stays open', async () => {
    const reading = vi.spyOn(LanguageModel, 'read');
    try {
      const contents = { ...complete(), 'language_model/attrs.json': '{"alpha": 1}' };
      await expect(read(contents)).rejects.toThrow(/must have the keys alpha, beta/);
      expect(reading).not.toHaveBeenCalled();
      await read(complete());
      expect(reading).toHaveBeenCalledOnce();
    } finally {
      reading.mockRestore();
    }
  });

  test("settings that are wrong for the model's own language model close it again", async () => {
    const close = vi.spyOn(LanguageModel.prototype, 'close');
    try {
      const files = folderFiles(write(complete()));
      const place = { files, tokenizer, hasDecoder: true, filesOptions: {}, signal: undefined };
      const making = pipelineDecoder({ type: 'beam', lm_start_state: { words: [2 ** 31] } }, place);
      await expect(making).rejects.toThrow('lm_start_state');
      expect(close).toHaveBeenCalledOnce();
    } finally {
      close.mockRestore();
    }
  });

  test('settings change what the files say, and may leave the model out', async () => {
    const place = {
      files: folderFiles(write(complete())),
      tokenizer,
      hasDecoder: true,
      filesOptions: {},
      signal: undefined,
    };
    const frames = { data: new Float32Array(64), frameCount: 2, vocabSize: 32 };
    const scoreOf = async (settings: Parameters<typeof pipelineDecoder>[0]): Promise<number | undefined> =>
      (await pipelineDecoder(settings, place))?.decode_beams(frames)[0]?.score;
    const plain = await scoreOf(undefined);
    expect(await scoreOf({ type: 'beam' })).toBe(plain);
    expect(await scoreOf({ type: 'beam', lm_score_boundary: true })).not.toBe(plain);
    expect(
      (await pipelineDecoder({ type: 'beam', language_model: null }, place))?.language_model,
    ).toBeUndefined();
    await expect(pipelineDecoder({ type: 'beam', beam_width: 0 }, place)).rejects.toThrow('beam_width is 0');
    await expect(pipelineDecoder({ type: 'beam', more: 1 } as never, place)).rejects.toThrow(
      'no option "more"',
    );
  });
});

/** One a line. */
const wordsWithBackoff = (arpa: string): string =>
  Array.from(arpa.matchAll(/^[^\t\n]+\t([^\t\n ]+)\t[^\t\n]+$/gm), ([, word = '']) => word).join('\n');

describe('Wav2Vec2ProcessorWithLM', () => {
  const load = async (): Promise<Wav2Vec2ProcessorWithLM> => {
    const small = ['preprocessor_config.json', 'vocab.json', 'tokenizer_config.json', 'config.json'];
    const files = Object.fromEntries(small.map((name) => [name, readFileSync(path.join(modelFolder, name))]));
    return Wav2Vec2ProcessorWithLM.from_pretrained(
      write({
        ...complete(),
        'language_model/unigrams.txt': wordsWithBackoff(Buffer.from(arpaOf('lm3')).toString()),
        ...files,
        'processor_config.json': JSON.stringify({ processor_class: 'Wav2Vec2ProcessorWithLM' }),
      }),
    );
  };
  const [first] = vectors.beam.cases.filter(({ name }) => name === 'LM, defaults');
  const rows = first?.values ?? [];
  const logits = new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, 32]);
  const options = { alpha: 0.5, beta: 1.5, unk_score_offset: -10, lm_score_boundary: true, compat: true };

  test('decodes as transformers does, with offsets and several texts where they are asked for', async () => {
    const beams = first?.beams ?? [];
    const processor = await load();
    const best = processor.decode(logits, { ...options, output_word_offsets: true });
    expect(best.text).toBe(beams[0]?.text);
    expect(best.lm_score).toBeCloseTo(beams[0]?.score ?? NaN, 4);
    expect(best.logit_score).toBeCloseTo(beams[0]?.logit_score ?? NaN, 4);
    expect(
      best.word_offsets?.map(({ word, start_offset, end_offset }) => [word, start_offset, end_offset]),
    ).toEqual(beams[0]?.words);
    const several = processor.decode(logits, { ...options, n_best: 3 });
    expect(several.text).toHaveLength(3);
    expect(several.word_offsets).toBeNull();
    expect(processor.decode(logits, options).word_offsets).toBeNull();
  });

  test('leaves padding of a batch out', async () => {
    const processor = await load();
    const alone = processor.decode(logits, options);
    const padded = new Float32Array(2 * (rows.length + 2) * 32).fill(-100);
    padded.set(logits.data);
    padded.set(logits.data, (rows.length + 2) * 32);
    const batch = new Tensor('float32', padded, [2, rows.length + 2, 32]);
    expect(processor.batch_decode(batch, options)).toEqual({
      text: [alone.text, alone.text],
      logit_score: [alone.logit_score, alone.logit_score],
      lm_score: [alone.lm_score, alone.lm_score],
      word_offsets: null,
    });
    expect(() => processor.batch_decode(logits)).toThrow('must be a float32 tensor [clips, frames, labels]');
    expect(() => processor.decode(batch)).toThrow('must be a float32 tensor [frames, labels]');
  });
});
