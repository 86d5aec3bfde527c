/**
 * The weights of a language: adapters in the layers, and a head for its vocabulary, in a file of its own beside the model
 * (`load_adapter` of `modeling_wav2vec2.py`).
 */
import { isRecord } from '../../base/checks.ts';
import { describeValue, UniSpeechError } from '../../base/errors.ts';
import { MAX_TEXT_BYTE_LENGTH, type ModelFiles } from '../../base/files.ts';
import { similarFirst } from '../../base/similar-first.ts';
import { readJson } from '../../base/json-file.ts';
import type { Checkpoint } from '../../checkpoint/checkpoint.ts';
import { listNames } from '../../checkpoint/names.ts';
import { openLanguageFile } from '../../checkpoint/open-checkpoint.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import type { WeightBuffer } from '../encoder/weight-buffers.ts';
import type { Architecture } from '../heads/architecture.ts';
import type { Head } from '../heads/head.ts';
import { fitNames } from './fit-checkpoint.ts';
import { languageLayout } from './language-layout.ts';

/** An open file with all that a language has instead of the weights of its model. */
export interface OpenLanguage {
  readonly checkpoint: Checkpoint;
  readonly layout: readonly WeightBuffer[];
  readonly names: ReadonlyMap<string, string>;
  /** The configuration of the model with the vocabulary of this language. */
  readonly config: EncoderConfig;
}

/** Names are parts of file names: `fra`, `kmr-script_latin`. */
const LANGUAGE_NAME = /^[\w-]{1,100}$/;

/** @throws UniSpeechError `bad-option` for what cannot be a language, and for models that have none. */
export function checkLanguage(language: unknown, architecture: Architecture): void {
  if (typeof language !== 'string' || !LANGUAGE_NAME.test(language)) {
    throw new UniSpeechError(
      'bad-option',
      `target_lang is ${describeValue(language)}, but it must be the name of a language such as "fra".`,
    );
  }
  if (languageLayout(architecture).length > 0) return;
  const reason =
    architecture.head.isOfLanguage === true
      ? `its config.json has no "adapter_attn_dim" for layers that normalise their input`
      : 'only models for CTC have them';
  throw new UniSpeechError(
    'bad-option',
    `target_lang is ${describeValue(language)}, but this model has no adapters for languages: ${reason}.`,
    'Leave target_lang out, or load a model such as facebook/mms-1b-all with a class for CTC.',
  );
}

/**
 * Opens the file of a language, and checks that it holds every weight of the language and nothing else.
 * @throws UniSpeechError `bad-option`, `not-found`, `bad-checkpoint`, `bad-config` for a vocabulary of an impossible size. Nothing stays open then.
 */
export async function openLanguage(
  files: ModelFiles,
  language: string,
  architecture: Architecture,
  signal: AbortSignal | undefined,
): Promise<OpenLanguage> {
  checkLanguage(language, architecture);
  const { config, head } = architecture;
  const checkpoint = await openLanguageFile(files, language, signal);
  if (checkpoint === undefined) throw await noSuchLanguage(files, language, signal);
  try {
    const rows = rowsOfHead(checkpoint, head) ?? config.vocab_size;
    const ofLanguage = config.withVocabSize(rows, checkpoint.name);
    const withVocabulary = { ...architecture, config: ofLanguage };
    const layout = languageLayout(withVocabulary);
    const wanted = new Set(layout.flatMap(({ sources }) => sources.map(({ name }) => name)));
    const { basePrefix } = config.family.names;
    const unexpected = Array.from(checkpoint.tensors.keys()).filter(
      (name) => !wanted.has(name.startsWith(basePrefix) ? name.slice(basePrefix.length) : name),
    );
    if (unexpected.length > 0) {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${checkpoint.name} holds tensors that are no weights of a language: ${listNames(unexpected)}.`,
        'Take the adapter file that belongs to this model.',
      );
    }
    const { names } = fitNames(checkpoint, withVocabulary, layout);
    return { checkpoint, layout, names, config: ofLanguage };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** The size of the vocabulary, which the file tells alone. */
function rowsOfHead({ tensors }: Checkpoint, head: Head<unknown>): number | undefined {
  const size = head.sizes.find(([key]) => key === 'vocab_size');
  return size && tensors.get(size[1])?.shape[size[2]];
}

/** Vocabularies that are nested by language name those that there are. */
async function noSuchLanguage(
  files: ModelFiles,
  language: string,
  signal: AbortSignal | undefined,
): Promise<UniSpeechError> {
  const vocabulary = await readJson(files, 'vocab.json', signal, MAX_TEXT_BYTE_LENGTH).catch(() => undefined);
  signal?.throwIfAborted();
  const known = isRecord(vocabulary)
    ? Object.keys(vocabulary).filter((key) => isRecord(vocabulary[key]))
    : [];
  return new UniSpeechError(
    'not-found',
    `${files.location} has no weights for the language "${language}": neither adapter.${language}.safetensors nor adapter.${language}.bin.`,
    known.length > 0
      ? `Its vocabularies are of ${listNames(similarFirst(known, language))}.`
      : files.missingFix,
  );
}
