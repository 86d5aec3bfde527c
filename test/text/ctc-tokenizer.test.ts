import { describe, expect, test } from 'vitest';
import { Tensor } from '../../src/base/tensor.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { wordOffsets } from '../../src/text/word-offsets.ts';
import { letterVocabulary } from './letters.ts';

const tokenizer = new Wav2Vec2CTCTokenizer(letterVocabulary);
const HELLO_FRAMES = [11, 5, 5, 5, 5, 5, 4, 4, 15, 15, 15, 0, 15, 8, 98];

const spans = (offsets: readonly { start_offset: number; end_offset: number }[] | null | undefined) =>
  offsets?.map(({ start_offset, end_offset }) => [start_offset, end_offset]);

describe('encoding letters', () => {
  test.each([
    ['HELLO WORLD', [11, 5, 15, 15, 8, 4, 18, 8, 13, 15, 14]],
    ['hello', [3, 3, 3, 3, 3]],
    ['HE <pad> LO', [11, 5, 0, 15, 8]],
    ['A  B', [7, 4, 4, 24]],
    [' A ', [4, 7, 4]],
    ['A | <pad> B', [7, 4, 4, 0, 24]],
    ['A\tB', [7, 3, 24]],
    ['😀A', [3, 7]],
    ['', []],
  ])('%j', (text, ids) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  test('upper-cases with do_lower_case', () => {
    const lower = new Wav2Vec2CTCTokenizer(letterVocabulary, { do_lower_case: true });
    expect(lower.encode('hello')).toEqual([11, 5, 15, 15, 8]);
    expect(lower.encode('h<pad>e')).toEqual([11, 0, 5]);
  });

  test('splits at the longest added token, and strips only beside tokens that ask for it', () => {
    const added = new Wav2Vec2CTCTokenizer(letterVocabulary, {
      added_tokens: [
        { content: '<n', id: 40 },
        { content: '<new>', id: 41, lstrip: true },
        { content: 'A.B', id: 42 },
      ],
    });
    expect(added.encode('A <new> <n AxB A.B')).toEqual([7, 41, 4, 40, 4, 7, 3, 24, 4, 42]);
  });

  test('is called like a function', () => {
    const { input_ids, attention_mask } = tokenizer(['AB', 'C'], { padding: true });
    expect(input_ids).toBeInstanceOf(Tensor);
    expect(input_ids.dims).toEqual([2, 2]);
    expect(input_ids.tolist()).toEqual([
      [7n, 24n],
      [19n, 0n],
    ]);
    expect(attention_mask.tolist()).toEqual([
      [1n, 1n],
      [1n, 0n],
    ]);
    expect(tokenizer('', {}).input_ids.dims).toEqual([1, 0]);
    expect(tokenizer('AB', { return_tensor: false })).toEqual({
      input_ids: [7, 24],
      attention_mask: [1, 1],
    });
    expect(tokenizer(['AB', 'C'], { return_tensor: false }).input_ids).toEqual([[7, 24], [19]]);
  });

  test('truncates and pads to max_length, on the side it is told', () => {
    const left = new Wav2Vec2CTCTokenizer(letterVocabulary, { padding_side: 'left' });
    const options = { padding: 'max_length', truncation: true, max_length: 3, return_tensor: false } as const;
    expect(left(['ABCD', 'A'], options)).toEqual({
      input_ids: [
        [7, 24, 19],
        [0, 0, 7],
      ],
      attention_mask: [
        [1, 1, 1],
        [0, 0, 1],
      ],
    });
    expect(tokenizer.pad([[7], [7, 24]]).input_ids.tolist()).toEqual([
      [7n, 0n],
      [7n, 24n],
    ]);
  });

  test('refuses what it cannot do', () => {
    expect(() => tokenizer(['AB', 'C'])).toThrow('sequences of one length');
    expect(() => tokenizer('AB', { truncation: true })).toThrow('needs max_length');
    expect(() => tokenizer('AB', { text_pair: 'C' } as object)).toThrow('no option "text_pair"');
    expect(() => tokenizer.encode(7 as unknown as string)).toThrow('must be a string');
    const noUnknown = new Wav2Vec2CTCTokenizer(letterVocabulary, { unk_token: null });
    expect(() => noUnknown.encode('a')).toThrow('"a" is not in the vocabulary of 32 tokens');
    expect(() => noUnknown.decode([98])).toThrow('Id 98 is not in the vocabulary');
    const noPad = new Wav2Vec2CTCTokenizer(letterVocabulary, { pad_token: null });
    expect(() => noPad(['AB', 'C'], { padding: true })).toThrow('needs a pad token');
  });
});

describe('decoding letters', () => {
  test('gives text, characters and words', () => {
    const decoded = tokenizer.decode(HELLO_FRAMES, { output_char_offsets: true, output_word_offsets: true });
    expect(decoded.text).toBe('HE LLO<unk>');
    expect(decoded.char_offsets?.map(({ char }) => char)).toEqual(['H', 'E', ' ', 'L', 'L', 'O', '<unk>']);
    expect(spans(decoded.char_offsets)).toEqual([
      [0, 1],
      [1, 6],
      [6, 8],
      [8, 11],
      [12, 13],
      [13, 14],
      [14, 15],
    ]);
    expect(decoded.word_offsets).toEqual([
      { word: 'HE', start_offset: 0, end_offset: 6 },
      { word: 'LLO<unk>', start_offset: 8, end_offset: 15 },
    ]);
    expect(tokenizer.decode(HELLO_FRAMES, { skip_special_tokens: true })).toBe('HE LO');
  });

  test('keeps double letters apart by the blank, unless special tokens are skipped', () => {
    const ids = tokenizer.convert_tokens_to_ids(['H', 'E', 'L', '<pad>', 'L', 'O']);
    expect(tokenizer.decode(ids)).toBe('HELLO');
    expect(tokenizer.decode(ids, { skip_special_tokens: true })).toBe('HELO');
  });

  test('strips the text but not the offsets', () => {
    expect(tokenizer.decode([4, 4, 11, 10, 4])).toBe('HI');
    const decoded = tokenizer.decode([4, 11, 10, 4, 4], { output_char_offsets: true });
    expect(decoded).toEqual({
      text: 'HI',
      char_offsets: [
        { char: ' ', start_offset: 0, end_offset: 1 },
        { char: 'H', start_offset: 1, end_offset: 2 },
        { char: 'I', start_offset: 2, end_offset: 3 },
        { char: ' ', start_offset: 3, end_offset: 5 },
      ],
      word_offsets: null,
    });
  });

  test('obeys group_tokens and spaces_between_special_tokens', () => {
    expect(tokenizer.decode([11, 11, 5], { group_tokens: false })).toBe('HHE');
    expect(tokenizer.decode([11, 5, 15], { spaces_between_special_tokens: true })).toBe('H E L');
  });

  test('decodes added tokens', () => {
    const added = new Wav2Vec2CTCTokenizer(letterVocabulary, {
      added_tokens: ['!', '?', '<new>'].map((content) => ({ content })),
      extra_special_tokens: ['$$$'],
    });
    const ids = [11, 5, 15, 0, 15, 8, 98, 32, 32, 33, 4, 32, 32, 33, 34, 34, 35, 35];
    expect(added.decode(ids)).toBe('HELLO<unk>!? !?<new>$$$');
    expect(added.decode(ids, { skip_special_tokens: true })).toBe('HELO!? !?<new>');
    expect([added.vocab_size, added.length]).toEqual([32, 36]);
    expect(added.all_special_tokens).toEqual(['<s>', '</s>', '<unk>', '<pad>', '|', '$$$']);
    expect(added.all_special_ids).toEqual([1, 2, 3, 0, 4, 35]);
  });

  test('replaces the delimiter and lower-cases the text, not the offsets', () => {
    const lower = new Wav2Vec2CTCTokenizer(letterVocabulary, {
      replace_word_delimiter_char: '_',
      do_lower_case: true,
    });
    const decoded = lower.decode([11, 10, 4, 22, 8], { output_word_offsets: true });
    expect(decoded.text).toBe('hi_yo');
    expect(decoded.char_offsets).toBeNull();
    expect(decoded.word_offsets).toEqual([
      { word: 'HI', start_offset: 0, end_offset: 2 },
      { word: 'YO', start_offset: 3, end_offset: 5 },
    ]);
  });

  test('honours a word delimiter of its own', () => {
    const custom = new Wav2Vec2CTCTokenizer(
      { '<pad>': 0, a: 1, '#': 2, b: 3 },
      { word_delimiter_token: '#' },
    );
    expect(custom.decode([1, 2, 3])).toBe('a b');
    expect(custom.encode('a b')).toEqual([1, 2, 3]);
    expect(custom.word_delimiter_token_id).toBe(2);
  });

  test('merges equal tokens, not equal ids', () => {
    expect(tokenizer.decode([98, 3, 99])).toBe('<unk>');
  });

  test('prints every special token but the blank', () => {
    expect(tokenizer.decode([1, 11, 0, 2, 3])).toBe('<s>H</s><unk>');
  });

  test('decodes nothing and blanks to ""', () => {
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.decode([0, 0])).toBe('');
    expect(tokenizer.decode([], { output_char_offsets: true, output_word_offsets: true })).toEqual({
      text: '',
      char_offsets: [],
      word_offsets: [],
    });
  });

  test('cleans up spaces only when asked', () => {
    const characters = Array.from(" .?!,'abcdefghijklmnopqrstuvwxyz");
    const vocabulary = Object.fromEntries(characters.map((character, id) => [character, id]));
    const plain = new Wav2Vec2CTCTokenizer(vocabulary);
    const text = "it 's , i ' d do n't . they 've no ? you 're ! i 'm";
    const cleaned = "it's, i'd don't. they've no? you're! i'm";
    const ids = Array.from(text, (character) => characters.indexOf(character));
    expect(plain.decode(ids)).toBe(text);
    expect(plain.decode(ids, { clean_up_tokenization_spaces: true })).toBe(cleaned);
    const cleaning = new Wav2Vec2CTCTokenizer(vocabulary, { clean_up_tokenization_spaces: true });
    expect(cleaning.decode(ids)).toBe(cleaned);
    expect(cleaning.decode(ids, { clean_up_tokenization_spaces: false })).toBe(text);
  });

  test('takes ids in every form', () => {
    const ids = [11, 10];
    const inputs = [
      [11n, 10],
      Int32Array.from(ids),
      BigInt64Array.of(11n, 10n),
      new Tensor('int32', Int32Array.from(ids), [2]),
      new Tensor('int64', BigInt64Array.of(11n, 10n), [1, 2]),
    ];
    for (const input of inputs) expect(tokenizer.decode(input)).toBe('HI');
    expect(() => tokenizer.decode([1.5])).toThrow('1.5 at position 0');
    expect(() => tokenizer.decode([-1])).toThrow('-1 at position 0');
    expect(() => tokenizer.decode('HI' as unknown as number[])).toThrow('"HI"');
    expect(() => tokenizer.decode(new Tensor('int32', new Int32Array(4), [2, 2]))).toThrow('batch_decode');
    const float = new Tensor('float32', new Float32Array(2), [2]) as unknown as Tensor<'int32'>;
    expect(() => tokenizer.decode(float)).toThrow('int32 or int64 Tensor');
  });

  test('decodes batches', () => {
    expect(tokenizer.batch_decode([[11, 10], [], [22, 8]])).toEqual(['HI', '', 'YO']);
    expect(tokenizer.batch_decode(new Tensor('int32', Int32Array.of(11, 10, 22, 8), [2, 2]))).toEqual([
      'HI',
      'YO',
    ]);
    expect(tokenizer.batch_decode([[11], [10]], { output_word_offsets: true })).toEqual({
      text: ['H', 'I'],
      char_offsets: [null, null],
      word_offsets: [
        [{ word: 'H', start_offset: 0, end_offset: 1 }],
        [{ word: 'I', start_offset: 0, end_offset: 1 }],
      ],
    });
    expect(tokenizer.batch_decode([], { output_char_offsets: true })).toEqual({
      text: [],
      char_offsets: [],
      word_offsets: [],
    });
    expect(() => tokenizer.batch_decode(7 as unknown as number[][])).toThrow('an array of id sequences');
  });

  test('rejects options that it does not know', () => {
    const options = { filter_word_delimiter_token: true } as object;
    expect(() => tokenizer.decode([1], options)).toThrow('no option "filter_word_delimiter_token"');
    expect(() => new Wav2Vec2CTCTokenizer(letterVocabulary, { do_phonemize: true } as object)).toThrow(
      'no option "do_phonemize"',
    );
  });
});

describe('wordOffsets', () => {
  test('makes words of characters between delimiters', () => {
    const chars = Array.from(' HI  LII  ', (char, frame) => ({
      char,
      start_offset: frame,
      end_offset: frame + 1,
    }));
    expect(wordOffsets(chars, ' ')).toEqual([
      { word: 'HI', start_offset: 1, end_offset: 3 },
      { word: 'LII', start_offset: 5, end_offset: 8 },
    ]);
    expect(wordOffsets(chars.slice(0, 1), ' ')).toEqual([]);
  });
});

describe('ids of special tokens', () => {
  test('appends missing ones with the number of entries as id', () => {
    const sparse = new Wav2Vec2CTCTokenizer({ a: 7, b: 8, '|': 9 });
    expect(sparse.get_vocab()).toEqual(
      new Map([
        ['a', 7],
        ['b', 8],
        ['|', 9],
        ['<s>', 3],
        ['</s>', 4],
        ['<unk>', 5],
        ['<pad>', 6],
      ]),
    );
    expect([sparse.vocab_size, sparse.length]).toEqual([3, 7]);
    expect(sparse.encode('a <s> b <pad>')).toEqual([7, 9, 3, 9, 8, 9, 6]);
    expect(sparse.encode('z')).toEqual([5]);
    expect([sparse.bos_token_id, sparse.eos_token_id, sparse.unk_token_id, sparse.pad_token_id]).toEqual([
      3, 4, 5, 6,
    ]);
  });

  test('appends the word delimiter after them, then further ones', () => {
    const tokens = new Wav2Vec2CTCTokenizer(
      { a: 7, b: 8 },
      { extra_special_tokens: ['X'], onWarning: () => undefined },
    );
    expect([...tokens.get_vocab()].slice(2)).toEqual([
      ['<s>', 2],
      ['</s>', 3],
      ['<unk>', 4],
      ['<pad>', 5],
      ['|', 6],
      ['X', 7],
    ]);
  });

  test('takes null for "no such token"', () => {
    const none = new Wav2Vec2CTCTokenizer({ a: 7, b: 8 }, { pad_token: null, word_delimiter_token: null });
    expect(none.all_special_tokens).toEqual(['<s>', '</s>', '<unk>']);
    expect([none.pad_token_id, none.word_delimiter_token_id]).toEqual([null, null]);
    expect(none.decode([7, 7, 8])).toBe('ab');
  });

  test('converts between tokens and ids', () => {
    expect(tokenizer.convert_tokens_to_ids('H')).toBe(11);
    expect(tokenizer.convert_ids_to_tokens(11n)).toBe('H');
    expect(tokenizer.convert_ids_to_tokens([11, 98])).toEqual(['H', '<unk>']);
    expect(tokenizer.tokenize('H I')).toEqual(['H', '|', 'I']);
  });
});
