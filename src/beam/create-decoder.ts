/** Makes beam decoders of plain settings. */
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption, checkSignal } from '../base/option-checks.ts';
import type { OpenFilesOptions } from '../base/platform.ts';
import { warnOnConsole } from '../base/warnings.ts';
import { BeamSearchDecoder } from './beam-decoder.ts';
import { BEAM_OPTION_NAMES, type BeamOptions } from './beam-options.ts';
import { labelSet, normalizedLabels } from './labels.ts';
import { LanguageModel } from './language-model.ts';
import type { LanguageModelSource } from './model-source.ts';

export interface BeamDecoderOptions extends BeamOptions {
  /**
   * What each column of the logits stands for, as `labels` of pyctcdecode: the vocabulary in the order of its ids. `''`, or else `<pad>`, `[PAD]` or `_`, is the
   * blank; `' '`, or else `|`, separates words. A pipeline takes them from the tokenizer.
   */
  readonly labels?: readonly string[] | null | undefined;
  /** Its file, or a model that is loaded. Default: none. */
  readonly language_model?: LanguageModelSource | LanguageModel | null | undefined;
  /** Words of the language, and the memory for a KenLM binary: see `LanguageModelOptions`. */
  readonly unigrams?: readonly string[] | null | undefined;
  readonly memory_mb?: number | null | undefined;
  /** Cancels the load. The promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a decoder; the other options are defaults for its calls.
 *
 *     const decoder = await createBeamDecoder({ labels, language_model: 'lm.arpa.gz', alpha: 0.7 });
 *     decoder.decode(logits); // text
 *
 * @throws UniSpeechError `bad-option`, and what `LanguageModel.load` throws.
 */
export async function createBeamDecoder(options: BeamDecoderOptions = {}): Promise<BeamSearchDecoder> {
  rejectUnknownOptions(
    options,
    ['labels', 'language_model', 'unigrams', 'memory_mb', 'signal', ...BEAM_OPTION_NAMES],
    'createBeamDecoder',
  );
  return beamDecoder(options, {});
}

/** The same with options of the files, which a pipeline has. */
export async function beamDecoder(
  { labels, language_model: source, unigrams, memory_mb, signal, ...defaults }: BeamDecoderOptions,
  files: OpenFilesOptions,
): Promise<BeamSearchDecoder> {
  checkSignal(signal);
  signal?.throwIfAborted();
  const parts = {
    labels: labels ? labelSet(normalizedLabels(checkedTokens(labels)), 'labels') : undefined,
    defaults,
  };
  // Wrong options are told before a large file is read.
  const plain = new BeamSearchDecoder({ ...parts, languageModel: undefined });
  if (source === undefined || source === null) return plain;
  const ownsModel = !isLanguageModel(source);
  const languageModel = ownsModel
    ? await LanguageModel.load(source, { ...files, unigrams, memory_mb, signal })
    : source;
  return closedOnError(ownsModel ? languageModel : undefined, () => {
    if (languageModel.unigrams === undefined && unigrams === undefined) {
      const { onWarning = warnOnConsole } = files;
      onWarning(
        'no-unigrams',
        'The language model has no list of words, so every word counts as unknown until it is finished, and texts may be a lot worse. Give unigrams: the words of the language; or null for none.',
      );
    }
    return new BeamSearchDecoder({ ...parts, languageModel, ownsModel });
  });
}

/**
 * What `make` gives. If it throws, the language model that was opened for it is closed, as nobody else knows of it. It may throw: some options are wrong for one
 * language model alone (`lm_start_state`), and a warning goes to a callback of the caller.
 */
export async function closedOnError<T>(opened: LanguageModel | undefined, make: () => T): Promise<T> {
  try {
    return make();
  } catch (error) {
    await opened?.close();
    throw error;
  }
}

/** By its parts: entries for pages have classes of their own. */
const isLanguageModel = (source: object | string): source is LanguageModel =>
  typeof source === 'object' && 'ngrams' in source && 'unigrams' in source;

function checkedTokens(labels: unknown): readonly string[] {
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === 'string'))
    throw badOption('labels', labels, 'a list of strings, one a column of the logits');
  return labels;
}
