/** A language model of n-grams with the words that it is known to have. */
import { isListOf } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import type { ByteSource } from '../base/files.ts';
import { badInput, badOption, checkBoolean, checkSignal } from '../base/option-checks.ts';
import type { OpenFilesOptions } from '../base/platform.ts';
import { type NgramModel, UNKNOWN_WORD } from './kenlm/ngram-model.ts';
import type { KenlmMemory } from './kenlm/read-binary.ts';
import { readNgramModel } from './kenlm/read-model.ts';
import { type LanguageModelSource, openModelSource } from './model-source.ts';
import { PrefixIndex } from './prefix-index.ts';
import { splitWords } from './python-text.ts';

export interface LanguageModelOptions {
  /**
   * Words of the language. Others cost `unk_score_offset`, and so does the beginning of a word that none of them begins with. Default: those of an ARPA
   * text that have a back-off, as in pyctcdecode; none for a KenLM binary, where texts may be a lot worse without them: then a decoder warns, unless this is null.
   */
  readonly unigrams?: readonly string[] | null | undefined;
  /**
   * How many megabytes (2^20 bytes) of a KenLM binary are in memory at most. Of a larger one, parts are read when they are needed, where that can be done
   * without waiting: files on the disk in Node, and a `File` in a worker. All others are read whole. Default: 512.
   */
  readonly memory_mb?: number | null | undefined;
  /** Cancels the load. The promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * A language model that KenLM can read: ARPA text, plain or with gzip, or a binary of type probing or trie. Scores are those of KenLM, to the last bit of
 * float32. A binary is kept as it is, in memory or, of `memory_mb` on, in its file; a text becomes tables of about 24 bytes an n-gram.
 *
 *     const model = await LanguageModel.load('lm.binary', { unigrams });
 *     model.score('THE CAT SAT'); // log10 of its probability
 */
export class LanguageModel {
  /** The look-ups. */
  readonly ngrams: NgramModel;
  /** Undefined where no words are known. */
  readonly unigrams: PrefixIndex | undefined;
  /** From which `ngrams` goes on reading. */
  readonly #file: ByteSource | undefined;

  /** @param words undefined where no words are known. Those that the model does not know do not count. */
  constructor(ngrams: NgramModel, words: readonly string[] | undefined, file?: ByteSource) {
    this.ngrams = ngrams;
    this.#file = file;
    this.unigrams = words && new PrefixIndex(words.filter((word) => ngrams.idOf(word) !== UNKNOWN_WORD));
  }

  /**
   * @throws UniSpeechError `not-found`; `bad-checkpoint` for a damaged file, which names the line of a text; `unsupported` for KenLM's type 1 and for other
   * versions; `out-of-memory` where it does not fit.
   */
  static async load(
    source: LanguageModelSource,
    options: LanguageModelOptions & OpenFilesOptions = {},
  ): Promise<LanguageModel> {
    rejectUnknownOptions(options, [...LOAD_NAMES, ...FILES_NAMES], 'LanguageModel.load');
    const { unigrams, memory_mb, signal, ...filesOptions } = options;
    checkUnigrams(unigrams);
    const memory = checkMemory(memory_mb);
    checkSignal(signal);
    const file = await openModelSource(source, filesOptions, signal);
    return LanguageModel.read(file, unigrams ?? undefined, memory, signal);
  }

  /** Reads an open file, and closes it unless it is needed on. @param unigrams undefined for those of an ARPA text. */
  static async read(
    opened: ByteSource,
    unigrams: readonly string[] | undefined,
    memory: KenlmMemory,
    signal?: AbortSignal,
  ): Promise<LanguageModel> {
    let file = opened;
    let isNeeded = false;
    try {
      if (file.byteLength > memory.memoryByteLength) file = (await file.stored?.(signal)) ?? file;
      const { model, words, needsFile } = await readNgramModel(file, unigrams === undefined, memory, signal);
      const languageModel = new LanguageModel(model, unigrams ?? words, needsFile ? file : undefined);
      isNeeded = needsFile;
      return languageModel;
    } finally {
      if (!isNeeded) await file.close();
    }
  }

  /**
   * Closes the file of a model of which parts are read when they are needed; look-ups then throw `disposed`. A model that nobody refers to any more is closed
   * by itself, some time later.
   */
  async close(): Promise<void> {
    await this.#file?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Of the longest n-grams. */
  get order(): number {
    return this.ngrams.order;
  }

  /** Whether the model knows a word, as it is written. */
  has(word: string): boolean {
    return this.ngrams.idOf(word) !== UNKNOWN_WORD;
  }

  /**
   * log10 of the probability of a text, as `kenlm.Model.score` has it. Its words are separated by white space.
   * @param options whether the text begins and ends a sentence; default: both.
   */
  score(
    text: string,
    options: { readonly bos?: boolean | undefined; readonly eos?: boolean | undefined } = {},
  ): number {
    if (typeof text !== 'string') throw badInput('text', text, 'a string');
    rejectUnknownOptions(options, ['bos', 'eos'], 'score');
    const { bos = true, eos = true } = options;
    checkBoolean('bos', bos);
    checkBoolean('eos', eos);
    let context: readonly number[] = bos ? [this.ngrams.idOf('<s>')] : [];
    let total = 0;
    for (const word of [...splitWords(text), ...(eos ? ['</s>'] : [])]) {
      const id = this.ngrams.idOf(word);
      total = Math.fround(total + this.ngrams.score(id, context));
      context = [id, ...context].slice(0, this.order - 1);
    }
    return total;
  }
}

const LOAD_NAMES: readonly string[] = ['unigrams', 'memory_mb', 'signal'];
const FILES_NAMES: readonly string[] = [
  'cache',
  'cacheDir',
  'localFilesOnly',
  'revision',
  'token',
  'stallTimeoutMs',
  'onWarning',
];

/** @throws UniSpeechError `bad-option`. */
export function checkUnigrams(value: unknown): asserts value is readonly string[] | null | undefined {
  if (value !== undefined && value !== null && !isListOf(value, isText))
    throw badOption('unigrams', value, 'a list of words');
}

const DEFAULT_MEMORY_MB = 512;

/** @throws UniSpeechError `bad-option`. */
export function checkMemory(value: unknown): KenlmMemory {
  const megabytes = value ?? DEFAULT_MEMORY_MB;
  if (typeof megabytes !== 'number' || !(megabytes > 0))
    throw badOption('memory_mb', value, 'a number above 0');
  return { memoryByteLength: megabytes * 2 ** 20 };
}
