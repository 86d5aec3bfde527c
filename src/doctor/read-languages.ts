/** Which languages a model is for, from its small files. */
import { isListOf, isRecord } from '../base/checks.ts';
import { type ModelFiles, MAX_TEXT_BYTE_LENGTH } from '../base/files.ts';
import { readJson, readJsonFile } from '../base/json-file.ts';

/** What the files of the tokenizer and of the model's card say. */
export interface VocabularyFacts {
  /** Tokens of the vocabulary, of its language if it is nested by language; undefined without vocab.json. */
  readonly tokenCount: number | undefined;
  /** Whether the tokens are phonemes. */
  readonly isPhonemes: boolean;
  /** As the files name them; empty if they name none. */
  readonly languages: readonly string[];
  /** The one that is used if the caller names none. */
  readonly language: string | undefined;
}

const isString = (value: unknown): value is string => typeof value === 'string';

/** @throws UniSpeechError `bad-config`, `network`. */
export async function readVocabularyFacts(files: ModelFiles, signal?: AbortSignal): Promise<VocabularyFacts> {
  const [tokenizer, vocabulary, card] = await Promise.all([
    readJsonFile(files, 'tokenizer_config.json', signal, MAX_TEXT_BYTE_LENGTH),
    readJson(files, 'vocab.json', signal, MAX_TEXT_BYTE_LENGTH),
    files.readText('README.md', signal),
  ]);
  const tokens = isRecord(vocabulary) ? vocabulary : undefined;
  const nested = Object.entries(tokens ?? {}).filter(([, value]) => isRecord(value));
  const language = tokenizer?.string('target_lang') ?? undefined;
  const ofLanguage = tokens && (nested.length > 0 ? tokens[language ?? ''] : tokens);
  const names = nested.map(([name]) => name);
  const own = names.length > 0 ? names : language === undefined ? cardLanguages(card ?? '') : [language];
  return {
    tokenCount: isRecord(ofLanguage) ? Object.keys(ofLanguage).length : undefined,
    isPhonemes: tokenizer?.string('tokenizer_class')?.includes('Phoneme') === true,
    languages: own,
    language,
  };
}

/** `language` in the front matter of a model's card: a word, or a list in either of YAML's two forms. */
export function cardLanguages(card: string): readonly string[] {
  const [, front = ''] = /^---\r?\n(.*?)\r?\n---/s.exec(card) ?? [];
  const [, inLine = '', below = ''] =
    /^languages?:[ \t]*([^\r\n]*)((?:\r?\n[ \t]*- [^\r\n]*)*)/m.exec(front) ?? [];
  const words = inLine.trim() === '' ? below.split(/\r?\n[ \t]*- /) : inLine.replace(/[[\]]/g, '').split(',');
  const names = words.map((word) => word.replace(/#.*/, '').replace(/["']/g, '').trim());
  return names.filter((name) => /^[\p{L}\d_-]{2,40}$/u.test(name));
}

/** The names of the labels, in the order of their numbers; none where the file has no names of its own. */
export function namedLabels(json: Readonly<Record<string, unknown>>): readonly string[] {
  const labels: readonly unknown[] = isRecord(json.id2label) ? Object.values(json.id2label) : [];
  return isListOf(labels, isString) && !labels.every((label) => /^LABEL_\d+$/.test(label)) ? labels : [];
}
