import { describe, expect, test } from 'vitest';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';

const vocabularyOf = (tokens: readonly string[]) => new Map(tokens.map((token, id) => [token, id]));
const PHONEMES = vocabularyOf('a tʃ e n | <pad> <s> </s> <unk>'.split(' '));
const plain = new Wav2Vec2PhonemeCTCTokenizer(PHONEMES);
const delimited = new Wav2Vec2PhonemeCTCTokenizer(PHONEMES, { word_delimiter_token: '|' });

describe('decoding phonemes', () => {
  const ids = [0, 0, 4, 1, 5, 1, 4, 4, 2];

  test('without a word delimiter', () => {
    expect(plain.decode(ids)).toBe('a | tʃ tʃ | e');
    expect(plain.decode(ids, { filter_word_delimiter_token: false })).toBe('a | tʃ tʃ | e');
    expect(plain.decode(ids, { skip_special_tokens: true })).toBe('a | tʃ | e');
  });

  test('with a word delimiter', () => {
    expect(delimited.decode(ids)).toBe('a tʃ tʃ e');
    expect(delimited.decode(ids, { filter_word_delimiter_token: false })).toBe('a | tʃ tʃ | e');
    expect(delimited.decode(ids, { skip_special_tokens: true })).toBe('a tʃ e');
  });

  test('gives the published offsets', () => {
    const frames = 'k s s s ɾ ɾ <pad> ɾ ɾ | <pad> ɾ l l l | ɭʲ'.split(' ');
    const vocabulary = vocabularyOf([...new Set([...frames, '<s>', '</s>', '<unk>'])]);
    const tokenizer = new Wav2Vec2PhonemeCTCTokenizer(vocabulary, { word_delimiter_token: '|' });
    const chars = tokenizer.decode(tokenizer.convert_tokens_to_ids(frames), {
      output_char_offsets: true,
      filter_word_delimiter_token: false,
    }).char_offsets;
    expect(chars?.map(({ char }) => char)).toEqual('k s ɾ ɾ | ɾ l | ɭʲ'.split(' '));
    expect(chars?.map(({ start_offset }) => start_offset)).toEqual([0, 1, 4, 7, 9, 11, 12, 15, 16]);
    expect(chars?.map(({ end_offset }) => end_offset)).toEqual([1, 4, 6, 9, 10, 12, 15, 16, 17]);
    const filtered = tokenizer.decode(tokenizer.convert_tokens_to_ids(frames), { output_char_offsets: true });
    expect(filtered.text).toBe('k s ɾ ɾ ɾ l ɭʲ');
    expect(filtered.char_offsets).toHaveLength(7);
  });

  test('skips special ids only: an unknown id stays', () => {
    expect(plain.decode([0, 98, 99, 8, 1], { skip_special_tokens: true })).toBe('a <unk> tʃ');
  });

  test('decodes nothing and blanks to ""', () => {
    expect(plain.decode([])).toBe('');
    expect(plain.decode([5, 5])).toBe('');
    expect(plain.batch_decode([[0], []], { output_char_offsets: true })).toEqual({
      text: ['a', ''],
      char_offsets: [[{ char: 'a', start_offset: 0, end_offset: 1 }], []],
    });
  });

  test('decodes empty-string entries to an empty piece, and phonemes of several code points whole', () => {
    const tokenizer = new Wav2Vec2PhonemeCTCTokenizer(vocabularyOf(['ɑ̃', '', 'ss', '<pad>']));
    expect(tokenizer.decode([0, 1, 2, 0])).toBe('ɑ̃  ss ɑ̃');
    expect(tokenizer.get_vocab().get('')).toBe(1);
  });

  test('has no word offsets', () => {
    expect(() => plain.decode([0], { output_word_offsets: true } as object)).toThrow(
      'no option "output_word_offsets"',
    );
  });
});

describe('encoding phonemes', () => {
  const phonemes = new Wav2Vec2PhonemeCTCTokenizer(PHONEMES, { do_phonemize: false });

  test('splits at spaces and at special tokens', () => {
    expect(phonemes.encode('a<pad>e tʃ  <s> n')).toEqual([0, 5, 2, 1, 6, 3]);
    expect(phonemes.tokenize(' a tʃ\tn  q ')).toEqual(['a', 'tʃ\tn', 'q']);
    expect(phonemes.encode('q')).toEqual([8]);
    expect(phonemes('a e').input_ids.tolist()).toEqual([[0n, 2n]]);
  });

  test('refuses to phonemize, but takes phonemes when told that they are', () => {
    expect(plain.do_phonemize).toBe(true);
    expect(() => plain.encode('hello')).toThrow(expect.objectContaining({ code: 'unsupported' }) as Error);
    expect(() => phonemes.encode('a', { do_phonemize: true })).toThrow('needs a phonemizer (espeak)');
    expect(plain.encode('a e', { do_phonemize: false })).toEqual([0, 2]);
    expect(plain('a e', { do_phonemize: false, return_tensor: false }).input_ids).toEqual([0, 2]);
    expect(plain.encode('<pad>')).toEqual([5]);
  });

  test('does not count the word delimiter as special', () => {
    expect(delimited.all_special_tokens).toEqual(['<s>', '</s>', '<unk>', '<pad>']);
    expect(delimited.word_delimiter_token_id).toBe(4);
  });

  test('refuses nested vocabularies', () => {
    expect(() => new Wav2Vec2PhonemeCTCTokenizer({ en: { a: 0 } })).toThrow('nested by language');
  });
});
