import { describe, expect, test } from 'vitest';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { letterVocabulary } from './letters.ts';

describe('vocabularies nested by language', () => {
  const nested = {
    en: { '<pad>': 0, '<s>': 1, '</s>': 2, '<unk>': 3, '|': 4, a: 5, th: 6 },
    fr: { '<pad>': 0, '<s>': 1, '</s>': 2, '<unk>': 3, '|': 4, é: 5, ch: 7 },
  };

  test('swaps the vocabulary', () => {
    const multilingual = new Wav2Vec2CTCTokenizer(nested, { target_lang: 'en' });
    expect(multilingual.decode([5, 6])).toBe('ath');
    expect(multilingual.encode('a th')).toEqual([5, 6]);
    multilingual.set_target_lang('fr');
    expect(multilingual.target_lang).toBe('fr');
    expect(multilingual.decode([5, 7, 6])).toBe('éch<unk>');
    expect(multilingual.encode('ché')).toEqual([7, 5]);
  });

  test('prefers entries of the vocabulary to added tokens with their ids', () => {
    const warnings: string[] = [];
    const multilingual = new Wav2Vec2CTCTokenizer(nested, {
      target_lang: 'en',
      added_tokens: [{ content: '<x>', id: 7 }],
      onWarning: (message) => warnings.push(message),
    });
    expect(multilingual.decode([7])).toBe('<x>');
    multilingual.set_target_lang('fr');
    expect(multilingual.decode([7])).toBe('ch');
    expect(multilingual.encode('<x>')).toEqual([3]);
    expect(warnings).toEqual([expect.stringContaining('7 ("<x>" and "ch", which wins)')]);
  });

  test('names the languages there are', () => {
    const flat = new Wav2Vec2CTCTokenizer(letterVocabulary);
    expect(() => new Wav2Vec2CTCTokenizer(nested)).toThrow('one of en, fr');
    expect(() => new Wav2Vec2CTCTokenizer(nested, { target_lang: 'de' })).toThrow('"de" is not a language');
    expect(() => new Wav2Vec2CTCTokenizer(letterVocabulary, { target_lang: 'en' })).toThrow('not nested');
    expect(() => flat.set_target_lang('en')).toThrow('not nested');
    // A list of hundreds is cut: what is like the wanted one comes first.
    expect(() => new Wav2Vec2CTCTokenizer(nested, { target_lang: 'fra' })).toThrow('one of fr, en');
    const nameless = Object.create(null) as string;
    const multilingual = new Wav2Vec2CTCTokenizer(nested, { target_lang: 'en' });
    expect(() => multilingual.set_target_lang(nameless)).toThrow('one of en, fr');
  });
});
