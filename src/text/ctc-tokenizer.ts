/** The tokenizer of letters. Source: `transformers/models/wav2vec2/tokenization_wav2vec2.py`. */
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import type { TokenRun } from './ctc-collapse.ts';
import { TokenizerBase } from './tokenizer-base.ts';
import {
  DECODE_OPTION_NAMES,
  type DecodeOptions,
  TOKENIZER_OPTION_NAMES,
  type TokenizerOptions,
} from './tokenizer-options.ts';
import { parseVocabulary, type TokenToId, type VocabularySource } from './vocabulary.ts';
import { type CharOffset, type WordOffset, wordOffsets } from './word-offsets.ts';

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
function tokensOf(source: VocabularySource, language: string | null): TokenToId {
  if ('tokens' in source) {
    if (language === null) return source.tokens;
    throw new UniSpeechError(
      'bad-option',
      `The target language is ${JSON.stringify(language)}, but this vocabulary is not nested by language.`,
      'Leave target_lang out.',
    );
  }
  const tokens = source.languages.get(language ?? '');
  if (tokens !== undefined) return tokens;
  throw new UniSpeechError(
    'bad-option',
    language === null
      ? 'This vocabulary is nested by language, but no target_lang is given.'
      : `${JSON.stringify(language)} is not a language of this vocabulary.`,
    `Set target_lang to one of ${[...source.languages.keys()].join(', ')}.`,
  );
}

export class Wav2Vec2CTCTokenizer extends TokenizerBase<object, CTCDecodeOptions, CTCDecoded> {
  readonly replace_word_delimiter_char: string;
  readonly do_lower_case: boolean;
  readonly #source: VocabularySource;
  #targetLanguage: string | null;

  /**
   * @param vocabulary token → id, or language → (token → id): the content of `vocab.json`, as an object or a Map.
   * @throws UniSpeechError `bad-config` for a malformed vocabulary, `bad-option` for an option or language it lacks.
   */
  constructor(vocabulary: object, options: CTCTokenizerOptions = {}) {
    rejectUnknownOptions(
      options,
      [
        ...TOKENIZER_OPTION_NAMES,
        'word_delimiter_token',
        'replace_word_delimiter_char',
        'do_lower_case',
        'target_lang',
      ],
      'Wav2Vec2CTCTokenizer',
    );
    const source = parseVocabulary(vocabulary, 'The vocabulary');
    const language = options.target_lang ?? null;
    super(tokensOf(source, language), options, {
      className: 'Wav2Vec2CTCTokenizer',
      word_delimiter_token: options.word_delimiter_token === undefined ? '|' : options.word_delimiter_token,
      specialWordDelimiter: true,
      wholeEntries: true,
      tokenizeOptions: [],
      decodeOptions: [...DECODE_OPTION_NAMES, 'output_word_offsets'],
    });
    this.replace_word_delimiter_char = options.replace_word_delimiter_char ?? ' ';
    this.do_lower_case = options.do_lower_case ?? false;
    this.#source = source;
    this.#targetLanguage = language;
  }

  get target_lang(): string | null {
    return this.#targetLanguage;
  }

  /**
   * Swaps the vocabulary of a multilingual tokenizer.
   * @throws UniSpeechError `bad-option` when the vocabulary has no languages, or not this one.
   */
  set_target_lang(language: string): void {
    this.useVocabulary(tokensOf(this.#source, language));
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

  protected override assemble(runs: readonly TokenRun[], options: CTCDecodeOptions): CTCDecoded {
    const chars = runs.map(({ token, start, end }): CharOffset => ({
      char: token === this.word_delimiter_token ? this.replace_word_delimiter_char : token,
      start_offset: start,
      end_offset: end,
    }));
    const separator = options.spaces_between_special_tokens === true ? ' ' : '';
    const text = chars
      .map(({ char }) => char)
      .join(separator)
      .trim();
    return {
      text: this.do_lower_case ? text.toLowerCase() : text,
      char_offsets: options.output_char_offsets === true ? chars : null,
      word_offsets:
        options.output_word_offsets === true ? wordOffsets(chars, this.replace_word_delimiter_char) : null,
    };
  }
}
