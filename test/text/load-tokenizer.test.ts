import { describe, expect, test } from 'vitest';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { loadTokenizer } from '../../src/text/load-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { letterVocabulary } from './letters.ts';

/** Loads a tokenizer from JSON values; strings are file contents as they are. */
const load = (files: Readonly<Record<string, unknown>>, options = {}) =>
  loadTokenizer(
    memoryFiles(
      Object.fromEntries(
        Object.entries(files).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]),
      ),
    ),
    undefined,
    options,
  );

const SPECIAL_TOKENS = { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', pad_token: '<pad>' };
const decoderEntry = (content: string, isStripped: boolean) => ({
  content,
  lstrip: isStripped,
  rstrip: isStripped,
  normalized: false,
  single_word: false,
  special: false,
});

describe('loadTokenizer', () => {
  test('finds nothing in a folder without a tokenizer', async () => {
    expect(await load({})).toBeUndefined();
    expect(await load({ 'config.json': { tokenizer_class: 'Wav2Vec2CTCTokenizer' } })).toBeUndefined();
  });

  test('needs no more than vocab.json', async () => {
    const tokenizer = await load({ 'vocab.json': letterVocabulary });
    expect(tokenizer).toBeInstanceOf(Wav2Vec2CTCTokenizer);
    expect(tokenizer?.decode([11, 10, 4, 22, 8])).toBe('HI YO');
    expect(tokenizer?.pad_token_id).toBe(0);
  });

  test('reads the layout of v4: special_tokens_map.json overrides, added_tokens.json adds', async () => {
    const tokenizer = await load({
      'vocab.json': { a: 0, b: 1, c: 2, '|': 3, '[UNK]': 4, '[PAD]': 5 },
      'tokenizer_config.json': { ...SPECIAL_TOKENS, word_delimiter_token: '|', tokenizer_class: null },
      'special_tokens_map.json': {
        unk_token: { content: '[UNK]', lstrip: false, single_word: false },
        pad_token: '[PAD]',
        additional_special_tokens: [{ content: '<x>' }, '<y>'],
      },
      'added_tokens.json': { '<s>': 6, '</s>': 7 },
    });
    expect(tokenizer?.all_special_tokens).toEqual(['<s>', '</s>', '[UNK]', '[PAD]', '|', '<x>', '<y>']);
    expect(tokenizer?.encode('a <s> b [PAD] cz<y>')).toEqual([0, 3, 6, 3, 1, 5, 2, 4, 9]);
    expect(tokenizer?.decode([0, 0, 5, 0, 3, 6, 77])).toBe('aa <s>[UNK]');
  });

  test('reads the layout of v5: added_tokens_decoder, and no special_tokens_map.json', async () => {
    const tokenizer = await load({
      'vocab.json': letterVocabulary,
      'tokenizer_config.json': {
        added_tokens_decoder: {
          0: decoderEntry('<pad>', true),
          32: decoderEntry('!', false),
          34: decoderEntry('<new>', true),
          35: decoderEntry('$$$', false),
        },
        backend: 'custom',
        ...SPECIAL_TOKENS,
        extra_special_tokens: ['$$$'],
        do_lower_case: false,
        replace_word_delimiter_char: ' ',
        target_lang: null,
        tokenizer_class: 'Wav2Vec2CTCTokenizer',
        word_delimiter_token: '|',
      },
    });
    expect(tokenizer?.all_special_tokens).toEqual(['<s>', '</s>', '<unk>', '<pad>', '|', '$$$']);
    expect(tokenizer?.encode('A ! <new> B$$$')).toEqual([7, 4, 32, 34, 24, 35]);
    expect([tokenizer?.vocab_size, tokenizer?.length]).toEqual([32, 35]);
  });

  test('ignores special_tokens_map.json beside added_tokens_decoder', async () => {
    const tokenizer = await load({
      'vocab.json': letterVocabulary,
      'tokenizer_config.json': { added_tokens_decoder: {}, pad_token: '<pad>', extra_special_tokens: {} },
      'special_tokens_map.json': { pad_token: 'Z' },
      'added_tokens.json': { '!': 50 },
    });
    expect(tokenizer?.pad_token).toBe('<pad>');
    expect(tokenizer?.get_vocab().has('!')).toBe(false);
  });

  test('reads options and null tokens', async () => {
    const tokenizer = await load({
      'vocab.json': letterVocabulary,
      'tokenizer_config.json': {
        bos_token: null,
        do_lower_case: true,
        replace_word_delimiter_char: '_',
        word_delimiter_token: { __type: 'AddedToken', content: 'Z' },
        clean_up_tokenization_spaces: true,
        padding_side: 'left',
      },
    });
    expect(tokenizer?.decode([11, 31, 10])).toBe('h_i');
    expect(tokenizer?.bos_token).toBeNull();
    expect(tokenizer?.padding_side).toBe('left');
  });

  test('reads a vocabulary nested by language', async () => {
    const files = {
      'vocab.json': { en: { '<pad>': 0, a: 1 }, fr: { '<pad>': 0, é: 1 } },
      'tokenizer_config.json': { target_lang: 'en' },
    };
    expect((await load(files))?.decode([1])).toBe('a');
    expect((await load(files, { target_lang: 'fr' }))?.decode([1])).toBe('é');
    await expect(load({ 'vocab.json': files['vocab.json'] })).rejects.toThrow('one of en, fr');
  });

  test('reads tokenizer.json where there is no vocab.json', async () => {
    const tokenizerJson = {
      version: '1.0',
      added_tokens: [
        { id: 3, content: '[PAD]', single_word: false, lstrip: false, rstrip: false, special: true },
        { id: 4, content: '!', lstrip: false, rstrip: false, special: false },
      ],
      decoder: { type: 'CTC', pad_token: '[PAD]', word_delimiter_token: '#', cleanup: true },
      model: { vocab: { a: 0, b: 1, '#': 2, '[PAD]': 3, '?': 5 }, unk_token: '?' },
    };
    const tokenizer = await load({ 'tokenizer.json': tokenizerJson });
    expect(tokenizer?.decode([0, 3, 0, 2, 1, 4])).toBe('aa b!');
    expect(tokenizer?.encode('a!z')).toEqual([0, 4, 5]);
    expect(tokenizer?.all_special_tokens).toContain('[PAD]');
    const configured = await load({
      'tokenizer.json': tokenizerJson,
      'tokenizer_config.json': { word_delimiter_token: 'b' },
    });
    expect(configured?.decode([0, 1, 0])).toBe('a a');
  });

  test('prefers vocab.json to tokenizer.json', async () => {
    const tokenizer = await load({ 'vocab.json': letterVocabulary, 'tokenizer.json': '{ broken' });
    expect(tokenizer?.vocab_size).toBe(32);
  });

  test('takes the class of tokenizer_config.json before that of config.json', async () => {
    const files = {
      'vocab.json': { a: 0, tʃ: 1, '<pad>': 2, '<s>': 3, '</s>': 4, '<unk>': 5 },
      'config.json': { tokenizer_class: 'Wav2Vec2CTCTokenizer' },
      'tokenizer_config.json': {
        tokenizer_class: 'Wav2Vec2PhonemeCTCTokenizer',
        word_delimiter_token: null,
        phone_delimiter_token: ' ',
        do_phonemize: true,
        phonemizer_lang: 'it',
        phonemizer_backend: 'espeak',
        do_lower_case: false,
      },
    };
    const tokenizer = await load(files);
    expect(tokenizer).toBeInstanceOf(Wav2Vec2PhonemeCTCTokenizer);
    expect(tokenizer?.decode([0, 2, 0, 1, 1])).toBe('a a tʃ');
    expect(tokenizer).toHaveProperty('phonemizer_lang', 'it');
    await expect(load(files, { target_lang: 'ita' })).rejects.toThrow(
      'of phonemes is not nested by language',
    );
    expect(tokenizer).toHaveProperty('do_phonemize', true);
    const { 'tokenizer_config.json': config, ...rest } = files;
    const configWithoutClass = { ...config, tokenizer_class: undefined };
    expect(await load({ ...rest, 'tokenizer_config.json': configWithoutClass })).toBeInstanceOf(
      Wav2Vec2CTCTokenizer,
    );
  });

  test('passes warnings on', async () => {
    const warnings: string[] = [];
    await load({ 'vocab.json': { a: 0, b: 0 } }, { onWarning: (message: string) => warnings.push(message) });
    expect(warnings).toHaveLength(1);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['broken JSON', { 'vocab.json': '{"a": 0' }, 'memory/vocab.json is not valid JSON'],
    [
      'a vocabulary of lists',
      { 'vocab.json': [['a', 0]] },
      'memory/vocab.json must be an object of token to id',
    ],
    ['an id that is no number', { 'vocab.json': { a: 'x' } }, 'memory/vocab.json: token "a" has id "x"'],
    ['a null vocabulary', { 'vocab.json': 'null' }, 'memory/vocab.json must be an object'],
    [
      'a tokenizer.json without a vocabulary',
      { 'tokenizer.json': { model: { type: 'BPE' } } },
      '"vocab" in "model" of memory/tokenizer.json must be an object of token to id',
    ],
    [
      'a configuration without a vocabulary',
      { 'tokenizer_config.json': {} },
      'tokenizer_config.json, but neither vocab.json nor tokenizer.json',
    ],
    [
      'a configuration that is a list',
      { 'vocab.json': { a: 0 }, 'tokenizer_config.json': [] },
      'memory/tokenizer_config.json must hold an object',
    ],
    [
      'an option of the wrong type',
      { 'vocab.json': { a: 0 }, 'tokenizer_config.json': { do_lower_case: 'no' } },
      'memory/tokenizer_config.json: "do_lower_case" is "no", but it must be true or false',
    ],
    [
      'a token that is a number',
      { 'vocab.json': { a: 0 }, 'tokenizer_config.json': { pad_token: 0 } },
      'memory/tokenizer_config.json: "pad_token" is 0, but it must be a string',
    ],
    [
      'a token without content',
      { 'vocab.json': { a: 0 }, 'special_tokens_map.json': { pad_token: { text: 'x' } } },
      'memory/special_tokens_map.json: "pad_token" is an object, but it must be a string, null, or an object with "content"',
    ],
    [
      'an added token without an id',
      { 'vocab.json': { a: 0 }, 'added_tokens.json': { '<s>': null } },
      'memory/added_tokens.json: "<s>" is null, but it must be a non-negative integer id',
    ],
    [
      'a malformed added_tokens_decoder',
      { 'vocab.json': { a: 0 }, 'tokenizer_config.json': { added_tokens_decoder: { x: { content: 'y' } } } },
      'memory/tokenizer_config.json, "added_tokens_decoder": "x" is an object',
    ],
    [
      'special tokens that are no list',
      { 'vocab.json': { a: 0 }, 'tokenizer_config.json': { extra_special_tokens: 'x' } },
      '"extra_special_tokens" is "x", but it must be a list of tokens',
    ],
    [
      'added tokens of tokenizer.json that are no list',
      { 'tokenizer.json': { model: { vocab: { a: 0 } }, added_tokens: 3 } },
      'memory/tokenizer.json: "added_tokens" is 3, but it must be a list',
    ],
    [
      'a side that is none',
      { 'vocab.json': { a: 0 }, 'tokenizer_config.json': { padding_side: 'top' } },
      '"padding_side" is "top", but it must be "left" or "right"',
    ],
    [
      'an unknown class',
      { 'vocab.json': { a: 0 }, 'tokenizer_config.json': { tokenizer_class: 'BertTokenizer' } },
      'memory: the tokenizer class "BertTokenizer" is not known.',
    ],
  ])('refuses %s', async (_, files, message) => {
    await expect(load(files)).rejects.toThrow(message);
  });

  test('hands the signal to every read', async () => {
    const files = memoryFiles({ 'tokenizer.json': '{"model": {"vocab": {"a": 0}}}' });
    const { signal } = new AbortController();
    const read: string[] = [];
    await loadTokenizer(
      {
        ...files,
        readText(fileName, given) {
          if (given === signal) read.push(fileName);
          return files.readText(fileName, given);
        },
      },
      signal,
    );
    expect(read.sort()).toEqual([
      'added_tokens.json',
      'config.json',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.json',
    ]);
  });
});
