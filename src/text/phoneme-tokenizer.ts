/** The tokenizer of phonemes. Source: `transformers/models/wav2vec2_phoneme/tokenization_wav2vec2_phoneme.py`. */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { TokenizerBase } from './tokenizer-base.ts';
import {
  DECODE_OPTION_NAMES,
  type DecodeOptions,
  TOKENIZER_DEFAULTS,
  type TokenizerOptions,
  withDefaults,
} from './tokenizer-options.ts';
import { parseVocabulary } from './vocabulary.ts';
import { type CharOffset, spelled } from './word-offsets.ts';

const CLASS_NAME = 'Wav2Vec2PhonemeCTCTokenizer';

export interface PhonemeTokenizerOptions extends TokenizerOptions {
  /** The token between words, if the vocabulary has one. Default null. */
  readonly word_delimiter_token?: string | null | undefined;
  /** Kept for the reference's sake: only a phonemizer would use it. Default a space. */
  readonly phone_delimiter_token?: string | null | undefined;
  /** Whether text to encode is words (which this engine cannot phonemize) rather than phonemes. Default true. */
  readonly do_phonemize?: boolean | undefined;
  /** Default `en-us`. */
  readonly phonemizer_lang?: string | undefined;
  /** Default `espeak`. */
  readonly phonemizer_backend?: string | undefined;
}

export interface PhonemeTokenizeOptions {
  /** False: the text is phonemes separated by spaces. Default: the tokenizer's option. */
  readonly do_phonemize?: boolean | undefined;
  readonly phonemizer_lang?: string | undefined;
}

export interface PhonemeDecodeOptions extends DecodeOptions {
  /** Leaves word delimiters out. Default true. */
  readonly filter_word_delimiter_token?: boolean | undefined;
}

export interface PhonemeDecoded {
  /** Phonemes separated by one space. */
  readonly text: string;
  /** One entry a phoneme; null when not asked for. */
  readonly char_offsets: readonly CharOffset[] | null;
}

export class Wav2Vec2PhonemeCTCTokenizer extends TokenizerBase<
  PhonemeTokenizeOptions,
  PhonemeDecodeOptions,
  PhonemeDecoded
> {
  declare readonly phone_delimiter_token: string | null;
  declare readonly do_phonemize: boolean;
  declare readonly phonemizer_lang: string;
  declare readonly phonemizer_backend: string;
  /** Phonemes have no languages to choose from. */
  readonly target_lang = null;

  /**
   * Needs no phonemizer: only encoding of words does.
   * @param vocabulary token → id: the content of `vocab.json`, as an object or a Map.
   * @throws UniSpeechError `bad-config` for a malformed vocabulary, `bad-option`.
   */
  constructor(vocabulary: object, options: PhonemeTokenizerOptions = {}) {
    const complete = withDefaults(
      options,
      {
        ...TOKENIZER_DEFAULTS,
        word_delimiter_token: null,
        phone_delimiter_token: ' ',
        do_phonemize: true,
        phonemizer_lang: 'en-us',
        phonemizer_backend: 'espeak',
      },
      CLASS_NAME,
    );
    const tokens = parseVocabulary(vocabulary, 'The vocabulary').get(null);
    if (tokens === undefined) {
      throw new UniSpeechError(
        'bad-config',
        `The vocabulary is nested by language, which ${CLASS_NAME} does not know.`,
        'Give it the vocabulary of one language.',
      );
    }
    super(tokens, complete, {
      className: CLASS_NAME,
      isOfLetters: false,
      tokenizeOptions: ['do_phonemize', 'phonemizer_lang'],
      decodeOptions: [...DECODE_OPTION_NAMES, 'filter_word_delimiter_token'],
    });
  }

  override get text_separator(): string {
    return ' ';
  }

  /** @throws UniSpeechError `bad-option`, always. */
  set_target_lang(language: string): void {
    throw new UniSpeechError(
      'bad-option',
      `The target language is ${describeValue(language)}, but a vocabulary of phonemes is not nested by language.`,
      'Leave target_lang out.',
    );
  }

  protected override tokenizePiece(text: string, options: PhonemeTokenizeOptions): string[] {
    // Phonemes are separated by spaces only: a tab is part of one.
    const phonemes = text
      .trim()
      .split(' ')
      .filter((phoneme) => phoneme.trim() !== '');
    if (phonemes.length > 0 && (options.do_phonemize ?? this.do_phonemize)) {
      throw new UniSpeechError(
        'unsupported',
        `Turning text into phonemes needs a phonemizer (${this.phonemizer_backend}), which this engine does not have.`,
        'To encode phonemes that are separated by spaces, pass { do_phonemize: false }.',
      );
    }
    return phonemes;
  }

  protected override isSkipped(_token: string, id: number): boolean {
    return this.isSpecialId(id);
  }

  protected override assemble(runs: readonly CharOffset[], options: PhonemeDecodeOptions): PhonemeDecoded {
    const phonemes =
      (options.filter_word_delimiter_token ?? true)
        ? runs.filter(({ char }) => char !== this.word_delimiter_token)
        : runs;
    return {
      text: spelled(phonemes, this.text_separator),
      char_offsets: options.output_char_offsets === true ? phonemes : null,
    };
  }
}
