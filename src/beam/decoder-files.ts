/** The files of a decoder that transformers' `Wav2Vec2ProcessorWithLM` saves: `alphabet.json` and the folder `language_model`. */
import { isListOf } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { LANGUAGE_MODEL_FOLDER } from '../base/file-name.ts';
import type { ModelFiles } from '../base/files.ts';
import { type JsonFile, readJsonFile } from '../base/json-file.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import type { BeamOptions } from './beam-options.ts';
import type { KenlmMemory } from './kenlm/read-binary.ts';
import { labelSet, type LabelSet, UNKNOWN_LABEL } from './labels.ts';
import { LanguageModel } from './language-model.ts';
import { splitLines } from './python-text.ts';

const ALPHABET = 'alphabet.json';
const ATTRIBUTES = 'attrs.json';
const UNIGRAMS = 'unigrams.txt';
/** Words of a language, as text: that of the largest is a fifth of it. */
const MAX_UNIGRAMS_BYTE_LENGTH = 2 ** 30;

export interface DecoderFiles {
  readonly labels: LabelSet;
  /** Undefined where there is no folder. */
  readonly languageModel: LanguageModel | undefined;
  /** What `attrs.json` says. */
  readonly defaults: BeamOptions;
}

/**
 * Reads the decoder of a model.
 * @param memory for the language model; undefined where it is not wanted.
 * @returns undefined where the names of the files cannot be known.
 * @throws UniSpeechError `not-found`, `bad-config`, `unsupported`, and what `LanguageModel.load` throws.
 */
export async function readDecoderFiles(
  files: ModelFiles,
  tokenizer: Tokenizer,
  memory: KenlmMemory | undefined,
  signal: AbortSignal | undefined,
): Promise<DecoderFiles | undefined> {
  const labels = await readAlphabet(files, tokenizer, signal);
  if (!memory) return { labels, languageModel: undefined, defaults: {} };
  const names = await files.listLanguageModel?.(signal);
  if (names === undefined) return undefined;
  const modelName = modelNameOf(names, files.location);
  if (modelName === undefined) return { labels, languageModel: undefined, defaults: {} };
  const inside = (name: string): string => `${LANGUAGE_MODEL_FOLDER}/${name}`;
  const missing = (name: string): UniSpeechError =>
    new UniSpeechError('not-found', `${files.location} has no ${inside(name)}.`, files.missingFix);
  const attributes = await readJsonFile(files, inside(ATTRIBUTES), signal);
  if (!attributes) throw missing(ATTRIBUTES);
  // Before a large file is opened: an error here leaves nothing open.
  const defaults = defaultsOf(attributes);
  const unigrams = await files.readText(inside(UNIGRAMS), signal, MAX_UNIGRAMS_BYTE_LENGTH);
  if (unigrams === undefined) throw missing(UNIGRAMS);
  const source = await files.open(inside(modelName), signal);
  if (!source) throw missing(modelName);
  const languageModel = await LanguageModel.read(source, splitLines(unigrams), memory, signal);
  return { labels, languageModel, defaults };
}

async function readAlphabet(
  files: ModelFiles,
  tokenizer: Tokenizer,
  signal: AbortSignal | undefined,
): Promise<LabelSet> {
  const file = await readJsonFile(files, ALPHABET, signal);
  if (!file)
    throw new UniSpeechError(
      'not-found',
      `${files.location} has no ${ALPHABET}, which a processor with a language model needs.`,
      files.missingFix ?? "Save the processor again, or decode without it: decoder: 'greedy'.",
    );
  checkKeys(file, ['labels', 'is_bpe']);
  if (file.boolean('is_bpe') === true)
    throw new UniSpeechError(
      'unsupported',
      `${file.name} is of pieces of words (is_bpe), but only letters are decoded with beams.`,
      "Decode without the language model: decoder: 'greedy'.",
    );
  const labels = file.get('labels');
  const isText = (label: unknown): label is string => typeof label === 'string';
  if (!isListOf(labels, isText)) throw file.wrong('labels', 'a list of strings');
  const known = new Set(labels);
  const missing = [...tokenizer.get_vocab().keys()].filter((token) => !known.has(labelOf(token, tokenizer)));
  if (missing.length > 0)
    throw new UniSpeechError(
      'bad-config',
      `The tokens ${missing.slice(0, 10).map(describeValue).join(', ')} are in the tokenizer's vocabulary, but not in ${file.name}.`,
      'Build the decoder with all tokens of the vocabulary.',
    );
  return labelSet(labels, `"labels" of ${file.name}`);
}

/** The label that a token must have. */
function labelOf(token: string, { pad_token, word_delimiter_token, unk_token }: Tokenizer): string {
  if (token === pad_token) return '';
  if (token === word_delimiter_token) return ' ';
  if (token === unk_token || /^(<unk>|\[UNK\])$/.test(token)) return UNKNOWN_LABEL;
  return token;
}

/** @returns undefined where there is no language model. @throws UniSpeechError `bad-config` where something else is there. */
function modelNameOf(names: readonly string[], location: string): string | undefined {
  const visible = names.filter((name) => !/^(\.|__)/.test(name));
  if (visible.length === 0) return undefined;
  const models = visible.filter((name) => name !== ATTRIBUTES && name !== UNIGRAMS);
  const [model] = models;
  if (
    models.length === 1 &&
    model !== undefined &&
    visible.length === 3 &&
    /\.(arpa|bin|binary)$/.test(model)
  )
    return model;
  throw new UniSpeechError(
    'bad-config',
    `${location}/${LANGUAGE_MODEL_FOLDER} must hold ${ATTRIBUTES}, ${UNIGRAMS} and a model (.arpa, .bin or .binary) alone, but it holds ${visible.slice(0, 10).join(', ')}.`,
    'Keep these three files in it.',
  );
}

function defaultsOf(file: JsonFile): BeamOptions {
  checkKeys(file, ['alpha', 'beta', 'unk_score_offset', 'score_boundary']);
  const number = (key: string): number => {
    const value = file.get(key);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw file.wrong(key, 'a number');
    return value;
  };
  const lm_score_boundary = file.boolean('score_boundary');
  if (lm_score_boundary === undefined) throw file.wrong('score_boundary', 'true or false');
  return {
    alpha: number('alpha'),
    beta: number('beta'),
    unk_score_offset: number('unk_score_offset'),
    lm_score_boundary,
  };
}

/** @throws UniSpeechError `bad-config` for a file with other keys. */
function checkKeys(file: JsonFile, expected: readonly string[]): void {
  const found = file.keys();
  if (found.length === expected.length && found.every((key) => expected.includes(key))) return;
  throw new UniSpeechError(
    'bad-config',
    `${file.name} must have the keys ${expected.join(', ')}, but it has ${found.slice(0, 10).join(', ') || 'none'}.`,
  );
}
