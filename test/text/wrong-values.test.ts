/** Values of wrong types and sizes given to tokenizers end in one bounded sentence with a code, never in an error from inside. */
import { describe, expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { Tensor } from '../../src/base/tensor.ts';
import { loadTokenizer } from '../../src/text/load-tokenizer.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';
import { memoryFiles } from '../helpers/memory-files.ts';

const VOCABULARY = { '<pad>': 0, '<s>': 1, '</s>': 2, '<unk>': 3, '|': 4, A: 5, B: 6 };
const WITHOUT_UNKNOWN = { '<pad>': 0, '|': 1, A: 2 };

/** The error of a call that must fail on purpose. */
async function refusal(run: () => unknown): Promise<UniSpeechError> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof UniSpeechError)) throw error;
    expect(error.message.length).toBeLessThanOrEqual(400);
    return error;
  }
  throw new Error('nothing was thrown');
}

describe.each([
  ['Wav2Vec2CTCTokenizer', Wav2Vec2CTCTokenizer],
  ['Wav2Vec2PhonemeCTCTokenizer', Wav2Vec2PhonemeCTCTokenizer],
])('%s', (_name, Tokenizer) => {
  const construct = (vocabulary: unknown, options?: unknown) =>
    new Tokenizer(vocabulary as object, options as never);

  test.each([
    null,
    undefined,
    5,
    'abc',
    [],
    ['a'],
    true,
    {},
    new Map(),
    new Date(0),
    new Float32Array([0, 1]),
    () => 0,
    { a: null },
    { a: 1.5 },
    { a: -1 },
    { a: NaN },
    { a: '1' },
    { a: 2 ** 60 },
    { a: [0] },
    { en: { a: 0 }, b: 1 },
    { en: { a: {} } },
    new Map([[1, 2]]),
    new Map<unknown, unknown>([[{}, { a: 1 }]]),
    { [Symbol.toStringTag]: 'Map' },
    { ['x'.repeat(5_000_000)]: 0 },
    { a: 'y'.repeat(5_000_000) },
  ])('refuses vocabulary %#', async (vocabulary) => {
    expect((await refusal(() => construct(vocabulary))).code).toBe('bad-config');
  });

  test.each([
    [null, 'The options of'],
    ['abc', 'The options of'],
    [{ pad_token: 5 }, 'pad_token is 5, but it must be a string or null'],
    [{ pad_token: ['<pad>'] }, 'pad_token is an array of 1'],
    [{ extra_special_tokens: 'x' }, 'extra_special_tokens is "x", but it must be a list of strings'],
    [{ extra_special_tokens: [1] }, 'extra_special_tokens is an array of 1'],
    [{ added_tokens: { content: 'x' } }, 'added_tokens is an object, but it must be a list of { content'],
    [{ added_tokens: [{ content: 'x', id: -1 }] }, 'added_tokens is an array of 1'],
    [{ added_tokens: [null] }, 'added_tokens is an array of 1'],
    [{ added_tokens: new Array<object>(3) }, 'added_tokens is an array of 3'],
    [{ extra_special_tokens: new Array<string>(3) }, 'extra_special_tokens is an array of 3'],
    [{ clean_up_tokenization_spaces: 'yes' }, 'clean_up_tokenization_spaces is "yes", but it must be true'],
    [{ padding_side: 'up' }, 'padding_side is "up", but it must be "left" or "right"'],
    [{ onWarning: 5 }, 'onWarning is 5, but it must be a function'],
    [{ word_delimiter_token: 0 }, 'word_delimiter_token is 0'],
    [{ no_such_option: 0 }, 'has no option "no_such_option"'],
  ])('refuses options %j', async (options, message) => {
    const error = await refusal(() => construct(VOCABULARY, options));
    expect(error.code).toBe('bad-option');
    expect(error.message).toContain(message);
  });

  test('takes keys that objects have, control characters, half pairs, and huge ids', () => {
    const vocabulary = JSON.parse(
      '{"__proto__": 0, "constructor": 1, "\\u001b": 2, "\\ud83d": 3, "toString": 9007199254740991, "<unk>": 4, "<pad>": 5}',
    ) as object;
    const tokenizer = construct(vocabulary);
    expect(tokenizer.convert_ids_to_tokens([0, 1, 2, 3, Number.MAX_SAFE_INTEGER])).toEqual([
      '__proto__',
      'constructor',
      '\u001b',
      '\ud83d',
      'toString',
    ]);
    expect(tokenizer.convert_tokens_to_ids(['hasOwnProperty', '__proto__'])).toEqual([4, 0]);
  });

  test.each([
    [null],
    [undefined],
    [5],
    ['12'],
    [{}],
    [[NaN]],
    [[-1]],
    [[1.5]],
    [['1']],
    [[[1]]],
    [[null]],
    [[2n ** 100n]],
    [new Float32Array(2)],
    [new Uint8Array(2)],
    [new Tensor('float32', new Float32Array(2), [2])],
    [new Tensor('int64', new BigInt64Array(4), [2, 2])],
    [new Tensor('int64', BigInt64Array.of(-100n), [1])],
    [new Set([1])],
  ])('refuses ids %#', async (ids) => {
    const tokenizer = construct(VOCABULARY);
    expect((await refusal(() => tokenizer.decode(ids as never))).code).toBe('bad-input');
    expect((await refusal(() => tokenizer.batch_decode([ids] as never))).code).toBe('bad-input');
  });

  test('an id or token that is not there is the unknown token, or an error where there is none', async () => {
    expect(construct(VOCABULARY).decode([1e9])).toBe('<unk>');
    const tokenizer = construct(WITHOUT_UNKNOWN, { unk_token: null });
    expect((await refusal(() => tokenizer.decode([1e9]))).message).toContain('Id 1000000000 is not in the');
    const token = await refusal(() => tokenizer.convert_tokens_to_ids('z'.repeat(3_000_000)));
    expect(token.message).toContain('zzz..." is not in the vocabulary');
  });

  test.each<[string, (tokenizer: Wav2Vec2CTCTokenizer) => unknown, string]>([
    ['batch', (tokenizer) => tokenizer.batch_decode(5 as never), 'bad-input'],
    ['options', (tokenizer) => tokenizer.decode([], null as never), 'bad-option'],
    ['flag', (tokenizer) => tokenizer.decode([], { skip_special_tokens: 'no' } as never), 'bad-option'],
    ['text', (tokenizer) => tokenizer(5 as never), 'bad-input'],
    ['no text', (tokenizer) => tokenizer(null as never), 'bad-input'],
    ['list', (tokenizer) => tokenizer(['a', 5] as never), 'bad-input'],
    ['typed array', (tokenizer) => tokenizer(new Uint8Array(2) as never), 'bad-input'],
    ['encode', (tokenizer) => tokenizer.encode(undefined as never), 'bad-input'],
    ['call options', (tokenizer) => tokenizer('A', 'x' as never), 'bad-option'],
    ['return_tensor', (tokenizer) => tokenizer('A', { return_tensor: 1 } as never), 'bad-option'],
    [
      'truncation',
      (tokenizer) => tokenizer('A', { truncation: 'yes', max_length: 1 } as never),
      'bad-option',
    ],
    ['max_length', (tokenizer) => tokenizer('A', { padding: 'max_length', max_length: 1e12 }), 'bad-option'],
    ['max_length 2', (tokenizer) => tokenizer.pad([[1]], { max_length: -1 }), 'bad-option'],
    ['pad', (tokenizer) => tokenizer.pad('x' as never), 'bad-input'],
    ['pad options', (tokenizer) => tokenizer.pad([[1]], 5 as never), 'bad-option'],
    ['tokens', (tokenizer) => tokenizer.convert_tokens_to_ids(5 as never), 'bad-input'],
    ['a token', (tokenizer) => tokenizer.convert_tokens_to_ids([{}] as never), 'bad-input'],
    ['id', (tokenizer) => tokenizer.convert_ids_to_tokens(-1), 'bad-input'],
  ])('refuses %s', async (_what, use, code) => {
    const options = Tokenizer === Wav2Vec2PhonemeCTCTokenizer ? { do_phonemize: false } : {};
    const tokenizer = construct(VOCABULARY, options) as unknown as Wav2Vec2CTCTokenizer;
    expect((await refusal(() => use(tokenizer))).code).toBe(code);
  });
});

test('refuses languages that are none', async () => {
  const nested = { en: VOCABULARY, de: VOCABULARY };
  const tokenizer = new Wav2Vec2CTCTokenizer(nested, { target_lang: 'en' });
  for (const language of [5, null, {}, 'fr', 5n, 'x'.repeat(1e6)]) {
    const error = await refusal(() => tokenizer.set_target_lang(language as string));
    expect(error.code).toBe('bad-option');
  }
  expect((await refusal(() => new Wav2Vec2CTCTokenizer(nested, { target_lang: 5 } as never))).code).toBe(
    'bad-option',
  );
  expect(tokenizer.target_lang).toBe('en');
});

test('pads more sequences than a call takes arguments', () => {
  const rows = Array.from({ length: 200_000 }, () => [5]);
  expect(new Wav2Vec2CTCTokenizer(VOCABULARY).pad(rows).input_ids.dims).toEqual([200_000, 1]);
});

test('a vocabulary of a hundred thousand long entries encodes', () => {
  const entries = Array.from({ length: 100_000 }, (_, index) => [`token-${index}`, index + 10] as const);
  const tokenizer = new Wav2Vec2CTCTokenizer({ ...VOCABULARY, ...Object.fromEntries(entries) });
  expect(tokenizer.encode('token-7 token-99999 A')).toEqual([17, 100_009, 5]);
});

describe('files of tokenizers', () => {
  const load = (files: Readonly<Record<string, string>>) =>
    loadTokenizer(memoryFiles({ 'vocab.json': JSON.stringify(VOCABULARY), ...files }));

  test.each([
    ['vocab.json', '{"a":'.repeat(50_000), 'nests deeper than 64 levels'],
    ['vocab.json', `{"${'x'.repeat(5_000_000)}": 0}`, 'has 5000000 characters, but at most 512'],
    ['vocab.json', `{"a": "${'x'.repeat(5_000_000)}"}`, 'vocab.json: token "a" has id "xxx'],
    ['vocab.json', 'version https://git-lfs.github.com/spec/v1\n', 'vocab.json is a Git LFS pointer'],
    ['vocab.json', '{"a": NaN}', 'vocab.json: token "a" has id NaN'],
    [
      'vocab.json',
      `{${Array.from({ length: 2 ** 19 + 1 }, (_, id) => `"${id.toString(36)}":${id}`).join()}}`,
      'vocab.json has 524289 tokens, but at most 524288',
    ],
    [
      'tokenizer_config.json',
      '{"added_tokens_decoder":{"99999999999999999999":{"content":"x"}}}',
      'integer id',
    ],
    ['tokenizer_config.json', '{"pad_token":{"content":5}}', '"content" is 5, but it must be a string'],
    [
      'tokenizer_config.json',
      '{"tokenizer_class":"\\u001b[31m"}',
      'the tokenizer class "\\u001b[31m" is not',
    ],
    ['tokenizer_config.json', '[]', 'tokenizer_config.json must hold an object'],
    ['added_tokens.json', '{"x": -1}', '"x" is -1, but it must be a non-negative integer id'],
    ['special_tokens_map.json', '{"pad_token": []}', 'must hold an object'],
  ])('%s: case %#', async (name, text, message) => {
    expect((await refusal(() => load({ [name]: text }))).message).toContain(message);
  });

  test('NaN in a key that nothing reads loads', async () => {
    const tokenizer = await load({ 'tokenizer_config.json': '{"model_max_length": Infinity, "loss": NaN}' });
    expect(tokenizer?.decode([5, 5, 0, 6])).toBe('AB');
  });
});
