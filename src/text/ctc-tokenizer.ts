/** The tokenizer of letters. Source: `transformers/models/wav2vec2/tokenization_wav2vec2.py`. */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { similarFirst } from '../base/similar-first.ts';
import { TokenizerBase } from './tokenizer-base.ts';
import {
  DECODE_OPTION_NAMES,
  type DecodeOptions,
  TOKENIZER_DEFAULTS,
  type TokenizerOptions,
  withDefaults,
} from './tokenizer-options.ts';
import { parseVocabulary, type TokenToId, type Vocabularies } from './vocabulary.ts';
import { type CharOffset, spelled, type WordOffset, wordOffsets } from './word-offsets.ts';

const CLASS_NAME = 'Wav2Vec2CTCTokenizer';

export interface CTCTokenizerOptions extends TokenizerOptions {
  /** The token between words. Default `|`. */
  readonly word_delimiter_token?: string | null | undefined;
  /** What the word delimiter becomes in text. Default a space. */
  readonly replace_word_delimiter_char?: string | undefined;
  /** Upper-cases text to encode and lower-cases decoded text: the vocabulary has capitals. Default false. */
  readonly do_lower_case?: boolean | undefined;
  /** The language to use of a vocabulary that is nested by language. */
  readonly target_lang?: string | null | undefined;
}

export interface CTCDecodeOptions extends DecodeOptions {
  /** Also return each word with its frames. Default false. */
  readonly output_word_offsets?: boolean | undefined;
}

export interface CTCDecoded {
  readonly text: string;
  /** Null when not asked for. Word delimiters are entries too, also those that the text is stripped of. */
  readonly char_offsets: readonly CharOffset[] | null;
  /** Null when not asked for. */
  readonly word_offsets: readonly WordOffset[] | null;
}

/** The tokens of one language. @throws UniSpeechError `bad-option`. */
function tokensOf(vocabularies: Vocabularies, language: string | null): TokenToId {
  const tokens = vocabularies.get(language);
  if (tokens !== undefined) return tokens;
  const isNested = !vocabularies.has(null);
  const languages = similarFirst(
    Array.from(vocabularies.keys(), String),
    typeof language === 'string' ? language : '',
  );
  throw new UniSpeechError(
    'bad-option',
    language === null
      ? 'This vocabulary is nested by language, but no target_lang is given.'
      : isNested
        ? `${describeValue(language)} is not a language of this vocabulary.`
        : `The target language is ${describeValue(language)}, but this vocabulary is not nested by language.`,
    isNested ? `Set target_lang to one of ${languages.join(', ')}.` : 'Leave target_lang out.',
  );
}

export class Wav2Vec2CTCTokenizer extends TokenizerBase<object, CTCDecodeOptions, CTCDecoded> {
  declare readonly replace_word_delimiter_char: string;
  declare readonly do_lower_case: boolean;
  readonly #vocabularies: Vocabularies;
  #targetLanguage: string | null;

  /**
   * @param vocabulary token → id, or language → (token → id): the content of `vocab.json`, as an object or a Map.
   * @throws UniSpeechError `bad-config` for a malformed vocabulary, `bad-option` for an option or language it lacks.
   */
  constructor(vocabulary: object, options: CTCTokenizerOptions = {}) {
    const { target_lang, ...complete } = withDefaults(
      options,
      {
        ...TOKENIZER_DEFAULTS,
        word_delimiter_token: '|',
        replace_word_delimiter_char: ' ',
        do_lower_case: false,
        target_lang: null,
      },
      CLASS_NAME,
    );
    const vocabularies = parseVocabulary(vocabulary, 'The vocabulary');
    super(tokensOf(vocabularies, target_lang), complete, {
      className: CLASS_NAME,
      isOfLetters: true,
      tokenizeOptions: [],
      decodeOptions: [...DECODE_OPTION_NAMES, 'output_word_offsets'],
    });
    this.#vocabularies = vocabularies;
    this.#targetLanguage = target_lang;
  }

  override get text_separator(): string {
    return '';
  }

  get target_lang(): string | null {
    return this.#targetLanguage;
  }

  /**
   * Swaps the vocabulary of a multilingual tokenizer.
   * @throws UniSpeechError `bad-option` when the vocabulary has no languages, or not this one.
   */
  set_target_lang(language: string): void {
    this.useVocabulary(tokensOf(this.#vocabularies, language));
    this.#targetLanguage = language;
  }

  protected override tokenizePiece(text: string): string[] {
    // One token a code point, not a UTF-16 unit.
    const characters = Array.from(this.do_lower_case ? text.toUpperCase() : text);
    const delimiter = this.word_delimiter_token ?? ' ';
    return characters.map((character) => (character === ' ' ? delimiter : character));
  }

  protected override isSkipped(token: string): boolean {
    return token !== this.word_delimiter_token && this.all_special_tokens.includes(token);
  }

  override polish(spelledText: string, cleansUp?: boolean): string {
    return super.polish(this.do_lower_case ? spelledText.toLowerCase() : spelledText, cleansUp);
  }

  protected override assemble(runs: readonly CharOffset[], options: CTCDecodeOptions): CTCDecoded {
    const chars = runs.map((run) =>
      run.char === this.word_delimiter_token ? { ...run, char: this.replace_word_delimiter_char } : run,
    );
    return {
      text: spelled(chars, options.spaces_between_special_tokens === true ? ' ' : this.text_separator),
      char_offsets: options.output_char_offsets === true ? chars : null,
      word_offsets:
        options.output_word_offsets === true ? wordOffsets(chars, this.replace_word_delimiter_char) : null,
    };
  }
}
