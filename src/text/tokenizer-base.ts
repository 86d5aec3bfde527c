/** The base of the CTC tokenizers: tokens and ids, special tokens, batches, and decoding up to runs. */
import { Callable } from '../base/callable.ts';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { badInput } from '../base/option-checks.ts';
import { tokenSplitter, type TokenSplitter } from './added-token-splitter.ts';
import { cleanUpSpaces } from './clean-up-spaces.ts';
import { collapseRuns } from './ctc-collapse.ts';
import { idTensor, PAD_OPTION_NAMES, type TokenPadOptions, padTokenIds } from './pad-token-ids.ts';
import { toIdList, toIdLists, type TokenIdBatch, type TokenIds } from './token-ids.ts';
import {
  type Batched,
  checkFlags,
  type Complete,
  type DecodeOptions,
  type EncodeOptions,
  type ListEncoding,
  type TensorEncoding,
  type TokenizerOptions,
  type WithOffsets,
  type WithoutOffsets,
} from './tokenizer-options.ts';
import { type AddedToken, type TokenToId, Vocabulary } from './vocabulary.ts';
import type { CharOffset } from './word-offsets.ts';

const wantsOffsets = (options: DecodeOptions & { readonly output_word_offsets?: boolean | undefined }) =>
  options.output_char_offsets === true || options.output_word_offsets === true;

/** The differences between the classes. */
export interface TokenizerTraits {
  readonly className: string;
  /**
   * Whether a text is letters without spaces between them. The word delimiter is a special token then, and vocabulary
   * entries of several characters stay whole when encoding, and swallow spaces around them.
   */
  readonly isOfLetters: boolean;
  readonly tokenizeOptions: readonly string[];
  readonly decodeOptions: readonly string[];
}

/** `tokenizer(text, options)`. */
export interface TokenizerCall<TokenizeOptions> {
  (
    text: string | readonly string[],
    options?: EncodeOptions & TokenizeOptions & { readonly return_tensor?: true | undefined },
  ): TensorEncoding;
  (
    text: string | readonly string[],
    options: EncodeOptions & TokenizeOptions & { readonly return_tensor: false },
  ): ListEncoding;
}

// `Callable` knows one call signature; the call of a tokenizer has two.
const CallableTokenizer = Callable as unknown as abstract new <
  TokenizeOptions,
>() => TokenizerCall<TokenizeOptions>;

export abstract class TokenizerBase<
  TokenizeOptions extends object,
  Options extends DecodeOptions,
  Decoded extends { readonly text: string; readonly char_offsets: readonly CharOffset[] | null },
> extends CallableTokenizer<TokenizeOptions> {
  declare readonly bos_token: string | null;
  declare readonly eos_token: string | null;
  declare readonly unk_token: string | null;
  /** The CTC blank. */
  declare readonly pad_token: string | null;
  declare readonly word_delimiter_token: string | null;
  declare readonly padding_side: 'left' | 'right';
  /** In the order bos, eos, unk, pad, word delimiter (where it counts as special), others. */
  readonly all_special_tokens: readonly string[];
  readonly #traits: TokenizerTraits;
  readonly #addedTokens: readonly AddedToken[];
  readonly #cleansUpSpaces: boolean;
  readonly #onWarning: (message: string) => void;
  #specialIds: ReadonlySet<number> | undefined;
  #vocabulary!: Vocabulary;
  #split!: TokenSplitter;

  /** @param options the tokens, the padding side, and those of the class become fields of their names. */
  protected constructor(
    base: TokenToId,
    options: Complete<TokenizerOptions & { readonly word_delimiter_token: string | null }>,
    traits: TokenizerTraits,
  ) {
    super();
    // The instance is a function: its own `length` would hide the getter below.
    Reflect.deleteProperty(this, 'length');
    const { extra_special_tokens, added_tokens, clean_up_tokenization_spaces, onWarning, ...fields } =
      options;
    Object.assign(this, fields);
    const specials = [
      this.bos_token,
      this.eos_token,
      this.unk_token,
      this.pad_token,
      traits.isOfLetters ? this.word_delimiter_token : null,
      ...extra_special_tokens,
    ];
    this.all_special_tokens = [...new Set(specials.filter((special) => special !== null))];
    this.#traits = traits;
    this.#addedTokens = added_tokens;
    this.#cleansUpSpaces = clean_up_tokenization_spaces;
    this.#onWarning = onWarning;
    this.useVocabulary(base);
  }

  /** Swaps the vocabulary; added and special tokens are added to it again. */
  protected useVocabulary(base: TokenToId): void {
    this.#specialIds = undefined;
    const specials = this.all_special_tokens.map((content) => ({ content }));
    const wholeEntries = this.#traits.isOfLetters
      ? [...base.keys()]
          .filter((content) => Array.from(content).length > 1)
          .map((content) => ({ content, lstrip: true, rstrip: true }))
      : [];
    this.#vocabulary = new Vocabulary(base, [...this.#addedTokens, ...specials], this.#onWarning);
    this.#split = tokenSplitter([...specials, ...this.#addedTokens, ...wholeEntries]);
  }

  /** Size of the base vocabulary, without added tokens. */
  get vocab_size(): number {
    return this.#vocabulary.baseSize;
  }
  /** Number of tokens, added ones included: Python's `len(tokenizer)`. */
  override get length(): number {
    return this.#vocabulary.size;
  }
  /** A copy of token → id, added tokens included. */
  get_vocab(): Map<string, number> {
    return this.#vocabulary.toMap();
  }
  get all_special_ids(): number[] {
    return this.convert_tokens_to_ids(this.all_special_tokens);
  }
  get bos_token_id(): number | null {
    return this.#idOrNull(this.bos_token);
  }
  get eos_token_id(): number | null {
    return this.#idOrNull(this.eos_token);
  }
  get unk_token_id(): number | null {
    return this.#idOrNull(this.unk_token);
  }
  get pad_token_id(): number | null {
    return this.#idOrNull(this.pad_token);
  }
  get word_delimiter_token_id(): number | null {
    return this.#idOrNull(this.word_delimiter_token);
  }
  #idOrNull(token: string | null): number | null {
    return token === null ? null : this.convert_tokens_to_ids(token);
  }

  convert_tokens_to_ids(tokens: string): number;
  convert_tokens_to_ids(tokens: readonly string[]): number[];
  /** Unknown tokens get the id of the unknown token. @throws UniSpeechError `bad-input` where there is none. */
  convert_tokens_to_ids(tokens: string | readonly string[]): number | number[] {
    if (Array.isArray(tokens)) return tokens.map((token: string) => this.convert_tokens_to_ids(token));
    if (typeof tokens !== 'string') throw badInput('A token', tokens, 'a string');
    const id = this.#vocabulary.idOf(tokens) ?? this.#vocabulary.idOf(this.unk_token ?? '');
    if (id === undefined) throw this.#unknown(`Token ${describeValue(tokens)}`);
    return id;
  }

  convert_ids_to_tokens(ids: number | bigint): string;
  convert_ids_to_tokens(ids: TokenIds): string[];
  /** Unknown ids become the unknown token. @throws UniSpeechError `bad-input` where there is none. */
  convert_ids_to_tokens(ids: number | bigint | TokenIds): string | string[] {
    const isSingle = typeof ids === 'number' || typeof ids === 'bigint';
    const tokens = toIdList(isSingle ? [ids] : ids).map((id) => this.#tokenOf(id));
    return isSingle ? (tokens[0] ?? '') : tokens;
  }

  #tokenOf(id: number): string {
    const token = this.#vocabulary.tokenOf(id) ?? this.unk_token;
    if (token === null) throw this.#unknown(`Id ${id}`);
    return token;
  }

  #unknown(what: string): UniSpeechError {
    return new UniSpeechError(
      'bad-input',
      `${what} is not in the vocabulary of ${this.#vocabulary.size} tokens, and the tokenizer has no unknown token.`,
      'Check that the tokenizer belongs to the model, or set unk_token.',
    );
  }

  /** Splits text that holds no added token. */
  protected abstract tokenizePiece(text: string, options: TokenizeOptions): string[];

  /** The tokens of a text. */
  tokenize(text: string, options = {} as TokenizeOptions): string[] {
    if (typeof text !== 'string')
      throw new UniSpeechError('bad-input', `A text must be a string, but got ${describeValue(text)}.`);
    const { className, tokenizeOptions } = this.#traits;
    rejectUnknownOptions(options, tokenizeOptions, `${className}.tokenize`);
    checkFlags(options, ['do_phonemize'], `${className}.tokenize`);
    return this.#split(text).flatMap((piece) =>
      piece.isToken ? [piece.text] : this.tokenizePiece(piece.text, options),
    );
  }

  /** The ids of a text, with nothing around them. */
  encode(text: string, options?: TokenizeOptions): number[] {
    return this.convert_tokens_to_ids(this.tokenize(text, options));
  }

  /** Implements `tokenizer(text, options)`. */
  _call(
    text: string | readonly string[],
    options: Partial<EncodeOptions & TokenizeOptions> = {},
  ): TensorEncoding | ListEncoding {
    const { className, tokenizeOptions } = this.#traits;
    const known = [...PAD_OPTION_NAMES, 'add_special_tokens', 'return_tensor', ...tokenizeOptions];
    rejectUnknownOptions(options, known, className);
    checkFlags(options, ['add_special_tokens', 'return_tensor'], className);
    const perText = Object.fromEntries(
      Object.entries(options).filter(([name]) => tokenizeOptions.includes(name)),
    ) as TokenizeOptions;
    const texts: unknown = typeof text === 'string' ? [text] : text;
    if (!Array.isArray(texts)) {
      throw badInput('The text', texts, 'a string or a list of strings');
    }
    const rows = Array.from(texts as readonly string[], (one) => this.encode(one, perText));
    const padded = padTokenIds(rows, options, this.pad_token_id, this.padding_side);
    if (options.return_tensor ?? true)
      return { input_ids: idTensor(padded.input_ids), attention_mask: idTensor(padded.attention_mask) };
    if (typeof text !== 'string') return padded;
    return { input_ids: padded.input_ids[0] ?? [], attention_mask: padded.attention_mask[0] ?? [] };
  }

  /** Pads sequences of ids (labels, for instance) with the pad id. Default: to the longest. */
  pad(sequences: TokenIdBatch, options: TokenPadOptions = {}): TensorEncoding {
    rejectUnknownOptions(options, PAD_OPTION_NAMES, `${this.#traits.className}.pad`);
    const rows = toIdLists(sequences);
    const padded = padTokenIds(rows, { padding: true, ...options }, this.pad_token_id, this.padding_side);
    return { input_ids: idTensor(padded.input_ids), attention_mask: idTensor(padded.attention_mask) };
  }

  protected isSpecialId(id: number): boolean {
    this.#specialIds ??= new Set(this.all_special_ids);
    return this.#specialIds.has(id);
  }

  /** Whether `skip_special_tokens` drops a token. */
  protected abstract isSkipped(token: string, id: number): boolean;
  /** What `decode` puts between two characters of a text. */
  abstract get text_separator(): string;
  /** Text, not polished, and offsets from runs of tokens without blanks. */
  protected abstract assemble(runs: readonly CharOffset[], options: Options): Decoded;

  decode(ids: TokenIds, options: Options & WithOffsets): Decoded;
  decode(ids: TokenIds, options?: Options & WithoutOffsets): string;
  decode(ids: TokenIds, options?: Options): string | Decoded;
  /**
   * Decodes frame-wise ids to text: merges equal neighbours, then drops blanks. Other special tokens that a
   * model predicts stay in the text. No ids give "".
   * @returns the text or, if offsets are requested, an object with text and offsets in frames.
   */
  decode(ids: TokenIds, options: Options = {} as Options): string | Decoded {
    const decoded = this.#decodeList(toIdList(ids), options);
    return wantsOffsets(options) ? decoded : decoded.text;
  }

  batch_decode(batch: TokenIdBatch, options: Options & WithOffsets): Batched<Decoded>;
  batch_decode(batch: TokenIdBatch, options?: Options & WithoutOffsets): string[];
  batch_decode(batch: TokenIdBatch, options?: Options): string[] | Batched<Decoded>;
  /** Decodes each sequence. Returns a list of texts or, with offsets, one object of lists. */
  batch_decode(batch: TokenIdBatch, options: Options = {} as Options): string[] | Batched<Decoded> {
    const rows = toIdLists(batch).map((ids) => this.#decodeList(ids, options));
    if (!wantsOffsets(options)) return rows.map(({ text }) => text);
    const fields = Object.keys(this.assemble([], options)) as (keyof Decoded)[];
    return Object.fromEntries(
      fields.map((field) => [field, rows.map((row) => row[field])]),
    ) as Batched<Decoded>;
  }

  #decodeList(ids: readonly number[], options: Options): Decoded {
    const { className, decodeOptions } = this.#traits;
    rejectUnknownOptions(options, decodeOptions, `${className}.decode`);
    checkFlags(options, decodeOptions, `${className}.decode`);
    const tokens = ids.map((id) => this.#tokenOf(id));
    const kept =
      options.skip_special_tokens === true
        ? tokens.filter((token, index) => !this.isSkipped(token, ids[index] ?? -1))
        : tokens;
    const runs = collapseRuns(kept, options.group_tokens ?? true)
      .filter(({ token }) => token !== this.pad_token)
      .map(({ token, start, end }) => ({ char: token, start_offset: start, end_offset: end }));
    const decoded = this.assemble(runs, options);
    return { ...decoded, text: this.polish(decoded.text, options.clean_up_tokenization_spaces) };
  }

  /** What `decode` makes of the text that characters spell. Decoders that word a recording in parts need it apart. */
  polish(spelledText: string, cleansUp = this.#cleansUpSpaces): string {
    return cleansUp ? cleanUpSpaces(spelledText) : spelledText;
  }
}
