/**
 * Reads an ARPA text line by line into the tables of a probing model. What is refused is what KenLM refuses (`lm/read_arpa.cc`); only a byte order
 * mark, which KenLM does not know, is skipped.
 */
import type { UniSpeechError } from '../../base/errors.ts';
import { describeValue } from '../../base/errors.ts';
import { type ArpaLine, readNumber, SPACE, TAB } from './arpa-line.ts';
import { damagedModel, unsupportedModel } from './damaged-model.ts';
import { combineKey, Hash64, hashBytes } from './hash64.ts';
import { findEntry, GrowingTable } from './hash-table.ts';
import { MAX_ORDER } from './header.ts';
import { WordsInMemory } from './model-words.ts';
import { UNKNOWN_WORD } from './ngram-model.ts';
import type { ProbingTables } from './probing-model.ts';

/** log10 of the probability of `<unk>` where the text has none. */
const DEFAULT_UNKNOWN = -100;
const UNKNOWN_NAMES: readonly string[] = ['<unk>', '<UNK>'];
/** The longest of the words that mean something, and what they begin with. */
const LONGEST_MARK = 5;
const LESS_THAN = 0x3c;
/** Where it is not known how long the text is, tables begin with no more. */
const CAUTIOUS_COUNT = 2 ** 16;

type ArpaPlace = 'before-data' | 'counts' | 'section' | 'entries' | 'after-end';

export interface ArpaOptions {
  /** Shown in errors. */
  readonly name: string;
  /** Of the text, where that is known. */
  readonly byteLength: number | undefined;
  /** Whether the words with a back-off are collected: the unigrams that pyctcdecode takes from an ARPA file. */
  readonly collectsWords: boolean;
}

export class ArpaReader {
  readonly #options: ArpaOptions;
  readonly #decoder = new TextDecoder();
  #place: ArpaPlace = 'before-data';
  #lineNumber = 0;
  readonly #counts: number[] = [];
  /** The length of the n-grams that are read, and how many of them were. */
  #length = 0;
  #entryCount = 0;
  #vocabulary = new GrowingTable(3, 0);
  /** Probability and back-off by id. */
  #unigrams = new Float32Array(2);
  #wordCount = 1;
  readonly #found = new Set<string>();
  readonly #ngrams: GrowingTable[] = [];
  /** The words with a back-off. */
  readonly words: string[] = [];
  readonly #hash = new Hash64();
  readonly #key = new Hash64();
  readonly #scratch = new Hash64();
  /** Of the words of a line, in their order. */
  readonly #ids = new Uint32Array(MAX_ORDER);

  constructor(options: ArpaOptions) {
    this.#options = options;
    this.#unigrams[0] = DEFAULT_UNKNOWN;
  }

  /** Takes the next line. @throws UniSpeechError that names the line. */
  push(line: ArpaLine): void {
    this.#lineNumber += 1;
    const { bytes, end } = line;
    if (end > line.start && bytes[end - 1] === 0x0d) line.end -= 1;
    if (this.#lineNumber === 1 && bytes[line.start] === 0xef && bytes[line.start + 1] === 0xbb)
      line.start += 3;
    if (this.#place === 'entries' && this.#entryCount < this.#countOf(this.#length)) this.#readEntry(line);
    else this.#readFrame(line);
  }

  /** @throws UniSpeechError where the text is not complete. */
  finish(): ProbingTables {
    const { name } = this.#options;
    if (this.#place === 'before-data')
      throw damagedModel(`${name} is no language model: it has no line "\\data\\".`, NOT_ARPA_FIX);
    if (this.#place !== 'after-end')
      throw damagedModel(`${name} ends after line ${this.#lineNumber}, before its line "\\end\\".`);
    return {
      vocabulary: this.#vocabulary,
      unigrams: {
        memory: new WordsInMemory([new Uint32Array(this.#unigrams.buffer)], this.#unigrams.length),
        start: 0,
        count: this.#wordCount,
      },
      ngrams: this.#ngrams,
    };
  }

  #countOf(length: number): number {
    return this.#counts[length - 1] ?? 0;
  }

  #wrong(what: string): UniSpeechError {
    return damagedModel(`${this.#options.name}, line ${this.#lineNumber}: ${what}.`);
  }

  /** All lines that are no n-grams. */
  #readFrame(line: ArpaLine): void {
    const { isBlank } = line;
    switch (this.#place) {
      case 'before-data': {
        if (isBlank || line.bytes[line.start] === 0x23) return;
        if (line.text !== '\\data\\') {
          throw damagedModel(
            `${this.#options.name} is no language model: line ${this.#lineNumber} is ${describeValue(line.text)}, expected "\\data\\".`,
            NOT_ARPA_FIX,
          );
        }
        this.#place = 'counts';
        return;
      }
      case 'counts':
        if (isBlank) this.#endCounts();
        else this.#readCount(line.text);
        return;
      case 'section':
      case 'entries':
        if (!isBlank) this.#readSectionName(line.text);
        return;
      case 'after-end':
        if (!isBlank) throw this.#wrong(`there is ${describeValue(line.text)} behind "\\end\\"`);
    }
  }

  #readCount(text: string): void {
    const order = this.#counts.length + 1;
    const count = new RegExp(`^ngram ${order}=[ \\t]*(\\d{1,15})$`).exec(text)?.[1];
    if (count === undefined)
      throw this.#wrong(
        `found ${describeValue(text)}, expected "ngram ${order}=" with a number or a blank line`,
      );
    if (order > MAX_ORDER)
      throw unsupportedModel(
        `${this.#options.name} has n-grams of more than ${MAX_ORDER} words, which are not read.`,
      );
    this.#counts.push(Number(count));
  }

  #endCounts(): void {
    if (this.#counts.length < 2)
      throw this.#wrong(
        `the language model has ${this.#counts.length === 1 ? '1-grams alone' : 'no n-grams'}, at least 2-grams are needed`,
      );
    this.#place = 'section';
  }

  #readSectionName(text: string): void {
    const order = this.#counts.length;
    const expected = this.#length === order ? '\\end\\' : `\\${this.#length + 1}-grams:`;
    if (text !== expected) {
      const count = this.#countOf(this.#length);
      const behind = this.#length === 0 ? '' : ` behind the ${count} ${this.#length}-grams of the header`;
      throw this.#wrong(`found ${describeValue(text)}, expected "${expected}"${behind}`);
    }
    if (this.#length === 1) {
      for (const name of ['<s>', '</s>'])
        if (!this.#found.has(name))
          throw this.#wrong(`the 1-grams lack ${name}, which begins or ends a sentence`);
    }
    if (this.#length === order) {
      this.#place = 'after-end';
      return;
    }
    this.#place = 'entries';
    this.#length += 1;
    this.#entryCount = 0;
    const { byteLength } = this.#options;
    // A number, a tab, words of a letter with a space between them, and an end of line.
    const most = byteLength === undefined ? CAUTIOUS_COUNT : byteLength / (2 + 2 * this.#length);
    const expectedCount = Math.min(this.#countOf(this.#length), Math.floor(most));
    if (this.#length === 1) this.#vocabulary = new GrowingTable(3, expectedCount);
    else this.#ngrams.push(new GrowingTable(this.#length === order ? 3 : 4, expectedCount));
  }

  #readEntry(line: ArpaLine): void {
    const { bytes, start, end } = line;
    const length = this.#length;
    if (line.isBlank || bytes[start] === 0x5c)
      throw this.#wrong(
        `there are only ${this.#entryCount} ${length}-grams, the header says ${this.#countOf(length)}`,
      );
    let place = start;
    const isSeparator = (byte: number | undefined): boolean => byte === TAB || byte === SPACE;
    while (place < end && !isSeparator(bytes[place])) place += 1;
    const probability = readNumber(bytes, start, place);
    if (probability === undefined || Number.isNaN(probability))
      throw this.#wrong(`the line of a ${length}-gram must begin with a number`);
    if (probability > 0)
      throw this.#wrong(`log10 of a probability is ${probability}, but it cannot be above 0`);
    if (length === 1 && bytes[place] !== TAB) throw this.#wrong('expected a tab behind the probability');
    let wordStart = place;
    for (let index = 0; index < length; index += 1) {
      while (place < end && isSeparator(bytes[place])) place += 1;
      wordStart = place;
      while (place < end && !isSeparator(bytes[place])) place += 1;
      if (place === wordStart) throw this.#wrong(`found ${index} words, expected ${length}`);
      if (length > 1) this.#ids[index] = this.#idOf(bytes, wordStart, place);
    }
    const backoff = place < end ? this.#readBackoff(line, place) : undefined;
    this.#entryCount += 1;
    if (length === 1) this.#addWord(bytes, wordStart, place, probability, backoff);
    else this.#addNgram(probability, backoff ?? 0);
  }

  #readBackoff({ bytes, end }: ArpaLine, place: number): number {
    const length = this.#length;
    if (bytes[place] !== TAB)
      throw this.#wrong(`expected a tab and a back-off, or the end of the line, behind ${length} words`);
    const backoff = readNumber(bytes, place + 1, end);
    if (backoff === undefined || !Number.isFinite(Math.fround(backoff)))
      throw this.#wrong('the back-off is not a finite number');
    if (length === this.#counts.length && backoff !== 0)
      throw this.#wrong(`a ${length}-gram has the back-off ${backoff}, but the longest n-grams have none`);
    return backoff;
  }

  /** @throws UniSpeechError for a word that is no unigram. */
  #idOf(bytes: Uint8Array, start: number, end: number): number {
    hashBytes(bytes, start, end, this.#hash);
    const place = findEntry(this.#vocabulary, this.#hash);
    if (place >= 0) return this.#vocabulary.memory.at(place);
    if (this.#isUnknown(bytes, start, end)) return UNKNOWN_WORD;
    const word = this.#decoder.decode(bytes.subarray(start, end));
    throw this.#wrong(`the word ${describeValue(word)} is not among the 1-grams`);
  }

  /** The text of a word that may mean something to KenLM: `<s>`, `</s>`, `<unk>`. Undefined for others, of which no strings are made. */
  #markAt(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (bytes[start] !== LESS_THAN || end - start > LONGEST_MARK) return undefined;
    return this.#decoder.decode(bytes.subarray(start, end));
  }

  #isUnknown(bytes: Uint8Array, start: number, end: number): boolean {
    const mark = this.#markAt(bytes, start, end);
    return mark !== undefined && UNKNOWN_NAMES.includes(mark);
  }

  /** @param backoff undefined where there is no column for it. */
  #addWord(
    bytes: Uint8Array,
    start: number,
    end: number,
    probability: number,
    backoff: number | undefined,
  ): void {
    const mark = this.#markAt(bytes, start, end);
    const isUnknown = mark !== undefined && UNKNOWN_NAMES.includes(mark);
    if (mark !== undefined) this.#found.add(mark);
    const id = isUnknown ? UNKNOWN_WORD : this.#wordCount;
    if (!isUnknown) {
      hashBytes(bytes, start, end, this.#hash);
      const place = this.#vocabulary.insert(this.#hash);
      if (place >= 0) this.#vocabulary.setWord(place, id);
      this.#wordCount += 1;
      if (backoff !== undefined && this.#options.collectsWords)
        this.words.push(this.#decoder.decode(bytes.subarray(start, end)));
    }
    if (2 * id >= this.#unigrams.length) {
      const larger = new Float32Array(4 * this.#unigrams.length);
      larger.set(this.#unigrams);
      this.#unigrams = larger;
    }
    this.#unigrams[2 * id] = probability;
    this.#unigrams[2 * id + 1] = backoff ?? 0;
  }

  #addNgram(probability: number, backoff: number): void {
    const length = this.#length;
    const ids = this.#ids;
    const key = this.#key;
    if (length > 2) {
      key.set(0, ids[length - 2] ?? 0);
      for (let index = length - 3; index >= 0; index -= 1) combineKey(key, ids[index] ?? 0, this.#scratch);
      const shorter = this.#ngrams[length - 3];
      if (shorter && findEntry(shorter, key) < 0)
        throw this.#wrong(
          `the first ${length - 1} words of this ${length}-gram are not among the ${length - 1}-grams`,
        );
    }
    key.set(0, ids[length - 1] ?? 0);
    for (let index = length - 2; index >= 0; index -= 1) combineKey(key, ids[index] ?? 0, this.#scratch);
    const table = this.#ngrams[length - 2];
    if (!table) return;
    const place = table.insert(key);
    // Of equal n-grams the first one counts.
    if (place < 0) return;
    table.setFloat(place, probability);
    if (table.stride === 4) table.setFloat(place + 1, backoff);
  }
}

const NOT_ARPA_FIX = 'Give an ARPA text, also with gzip, or a KenLM binary.';
