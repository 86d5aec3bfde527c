/**
 * A tokenizer from the files of a model folder: the layouts of transformers v4 and v5, and of repositories made for
 * transformers.js. Sources: `tokenization_utils_base.py`, `models/auto/tokenization_auto.py` of transformers.
 */
import { isCount } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { MAX_TEXT_BYTE_LENGTH, type ModelFiles } from '../base/files.ts';
import { JsonFile, readJson, readJsonFile } from '../base/json-file.ts';
import { Wav2Vec2CTCTokenizer } from './ctc-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from './phoneme-tokenizer.ts';
import type { TokenizerOptions } from './tokenizer-options.ts';
import { type AddedToken, parseVocabulary } from './vocabulary.ts';

export type Tokenizer = Wav2Vec2CTCTokenizer | Wav2Vec2PhonemeCTCTokenizer;

export interface LoadTokenizerOptions {
  /** Overrides the language of `tokenizer_config.json`, for vocabularies that are nested by language. */
  readonly target_lang?: string | null | undefined;
  /** Default `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The files that a tokenizer can be made of; absent ones are undefined. */
interface TokenizerFiles {
  readonly config: JsonFile;
  readonly specialTokensMap: JsonFile | undefined;
  readonly addedTokens: JsonFile | undefined;
  readonly tokenizerJson: JsonFile | undefined;
}

/** A token is written as a string, or as an object with `content`. */
function tokenText(file: JsonFile, key: string): string | null | undefined {
  const value = file.get(key);
  if (typeof value !== 'object' || value === null) return file.string(key);
  const content = file.object(key)?.string('content');
  if (typeof content !== 'string') throw file.wrong(key, 'a string, null, or an object with "content"');
  return content;
}

function addedToken(file: JsonFile, id: number): AddedToken {
  const content = file.string('content');
  if (typeof content !== 'string') throw file.wrong('content', 'a string');
  return {
    content,
    id,
    lstrip: file.boolean('lstrip') ?? false,
    rstrip: file.boolean('rstrip') ?? false,
  };
}

/** `added_tokens_decoder` of tokenizer_config.json: id → token. */
function readAddedTokensDecoder(config: JsonFile): AddedToken[] | undefined {
  const decoder = config.object('added_tokens_decoder');
  return decoder?.keys().map((key) => {
    const entry = decoder.object(key);
    if (!/^\d+$/.test(key) || !isCount(Number(key)) || entry === undefined)
      throw decoder.wrong(key, 'an object with "content" under an integer id');
    return addedToken(entry, Number(key));
  });
}

/** added_tokens.json: token → id. */
const readAddedTokens = (file: JsonFile): AddedToken[] =>
  file.keys().map((content) => {
    const id = file.get(content);
    if (!isCount(id)) throw file.wrong(content, 'a non-negative integer id');
    return { content, id };
  });

/** `added_tokens` of tokenizer.json: a list of tokens with `id` and `special`. */
function readTokenizerJsonTokens(file: JsonFile): { token: AddedToken; isSpecial: boolean }[] {
  const list = file.get('added_tokens') ?? [];
  if (!Array.isArray(list)) throw file.wrong('added_tokens', 'a list');
  return list.map((value: unknown, index) => {
    const entry = new JsonFile(`${file.name}, "added_tokens"[${index}]`, value);
    const id = entry.get('id');
    if (!isCount(id)) throw entry.wrong('id', 'a non-negative integer');
    return { token: addedToken(entry, id), isSpecial: entry.boolean('special') ?? false };
  });
}

/** Further special tokens: a list, or an object of name → token (`additional_special_tokens` before v5). */
function readExtraSpecialTokens(file: JsonFile): string[] {
  return ['additional_special_tokens', 'extra_special_tokens'].flatMap((key) => {
    const value = file.get(key) ?? [];
    if (typeof value !== 'object') throw file.wrong(key, 'a list of tokens');
    const tokens = new JsonFile(`${file.name}, "${key}"`, { ...value });
    return tokens
      .keys()
      .map((entry) => tokenText(tokens, entry))
      .filter((token) => typeof token === 'string');
  });
}

type SharedOptions = TokenizerOptions & { readonly word_delimiter_token: string | null | undefined };

function readSharedOptions(files: TokenizerFiles): SharedOptions {
  const { config, tokenizerJson } = files;
  const decoderTokens = readAddedTokensDecoder(config);
  // Files with `added_tokens_decoder` are complete; older ones are overridden by special_tokens_map.json.
  const overrides = decoderTokens === undefined ? files.specialTokensMap : undefined;
  const jsonTokens = tokenizerJson ? readTokenizerJsonTokens(tokenizerJson) : [];
  const read = (key: string, fallback?: string | null): string | null | undefined => {
    const override = overrides && tokenText(overrides, key);
    if (override !== undefined) return override;
    const value = tokenText(config, key);
    return value === undefined ? fallback : value;
  };
  const paddingSide = config.string('padding_side') ?? 'right';
  if (paddingSide !== 'left' && paddingSide !== 'right')
    throw config.wrong('padding_side', '"left" or "right"');
  const ctcDecoder = tokenizerJson?.object('decoder');
  return {
    bos_token: read('bos_token'),
    eos_token: read('eos_token'),
    unk_token: read('unk_token', tokenizerJson?.object('model')?.string('unk_token') ?? undefined),
    pad_token: read('pad_token', ctcDecoder?.string('pad_token')),
    word_delimiter_token: read('word_delimiter_token', ctcDecoder?.string('word_delimiter_token')),
    extra_special_tokens: [
      ...readExtraSpecialTokens(config),
      ...(overrides ? readExtraSpecialTokens(overrides) : []),
      ...jsonTokens.filter(({ isSpecial }) => isSpecial).map(({ token }) => token.content),
    ],
    added_tokens: [
      ...(decoderTokens ?? (files.addedTokens ? readAddedTokens(files.addedTokens) : [])),
      ...jsonTokens.map(({ token }) => token),
    ],
    clean_up_tokenization_spaces: config.boolean('clean_up_tokenization_spaces'),
    padding_side: paddingSide,
  };
}

type Create = (
  vocabulary: object,
  shared: SharedOptions,
  config: JsonFile,
  options: LoadTokenizerOptions,
) => Tokenizer;

const createCtcTokenizer: Create = (vocabulary, shared, config, options) =>
  new Wav2Vec2CTCTokenizer(vocabulary, {
    ...shared,
    replace_word_delimiter_char: config.string('replace_word_delimiter_char') ?? undefined,
    do_lower_case: config.boolean('do_lower_case'),
    target_lang: options.target_lang ?? config.string('target_lang'),
  });

const createPhonemeTokenizer: Create = (vocabulary, shared, config, { target_lang }) => {
  const tokenizer = new Wav2Vec2PhonemeCTCTokenizer(vocabulary, {
    ...shared,
    phone_delimiter_token: tokenText(config, 'phone_delimiter_token'),
    do_phonemize: config.boolean('do_phonemize'),
    phonemizer_lang: config.string('phonemizer_lang') ?? undefined,
    phonemizer_backend: config.string('phonemizer_backend') ?? undefined,
  });
  // Refuses it.
  if (target_lang !== undefined && target_lang !== null) tokenizer.set_target_lang(target_lang);
  return tokenizer;
};

const CREATE = new Map([
  ['Wav2Vec2CTCTokenizer', createCtcTokenizer],
  // The deprecated class of the first wav2vec2 checkpoints decodes alike.
  ['Wav2Vec2Tokenizer', createCtcTokenizer],
  ['Wav2Vec2PhonemeCTCTokenizer', createPhonemeTokenizer],
]);

/**
 * Loads the tokenizer of a model folder, or resolves to `undefined` when the folder has none.
 *
 * Reads `tokenizer_config.json` (all optional: defaults apply), `special_tokens_map.json`, `added_tokens.json`, and
 * `vocab.json`, or `tokenizer.json` in its place. The class is that of `tokenizer_config.json`, else of
 * `config.json`, else `Wav2Vec2CTCTokenizer`.
 * @throws UniSpeechError `bad-config`, `not-found` (a configuration without a vocabulary), `unsupported` (a class that is not known).
 */
export async function loadTokenizer(
  files: ModelFiles,
  signal?: AbortSignal,
  options: LoadTokenizerOptions = {},
): Promise<Tokenizer | undefined> {
  // Lists of added tokens make some configurations of tokenizers long.
  const read = (fileName: string) => readJsonFile(files, fileName, signal, MAX_TEXT_BYTE_LENGTH);
  const [config, modelConfig, specialTokensMap, addedTokens, vocabJson] = await Promise.all([
    read('tokenizer_config.json'),
    readJsonFile(files, 'config.json', signal),
    read('special_tokens_map.json'),
    read('added_tokens.json'),
    readJson(files, 'vocab.json', signal, MAX_TEXT_BYTE_LENGTH),
  ]);
  const tokenizerJson = vocabJson === undefined ? await read('tokenizer.json') : undefined;
  if (vocabJson === undefined && tokenizerJson === undefined) {
    if (config === undefined) return undefined;
    throw new UniSpeechError(
      'not-found',
      `${files.location} has a tokenizer_config.json, but neither vocab.json nor tokenizer.json.`,
      'Put the vocab.json of the model beside it.',
    );
  }
  const vocabulary = tokenizerJson ? tokenizerJson.object('model')?.get('vocab') : vocabJson;
  // The tokenizer does it again, but does not know where the vocabulary comes from.
  const name = tokenizerJson ? `"vocab" in "model" of ${tokenizerJson.name}` : `${files.location}/vocab.json`;
  parseVocabulary(vocabulary, name);
  const className =
    config?.string('tokenizer_class') ?? modelConfig?.string('tokenizer_class') ?? 'Wav2Vec2CTCTokenizer';
  const create = CREATE.get(className);
  if (create === undefined) {
    throw new UniSpeechError(
      'unsupported',
      `${files.location}: the tokenizer class ${describeValue(className)} is not known.`,
      `Known are ${[...CREATE.keys()].join(', ')}.`,
    );
  }
  const known = config ?? new JsonFile(`${files.location}/tokenizer_config.json`, {});
  const shared = readSharedOptions({ config: known, specialTokensMap, addedTokens, tokenizerJson });
  return create(vocabulary as object, { ...shared, onWarning: options.onWarning }, known, options);
}
