/** What somebody is expected to say: phonemes, or words with a lexicon, as columns of the model. Pure. */
import { checkLexicon, type Lexicon, pronounce } from '../align/lexicon.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badInput } from '../base/option-checks.ts';
import { similarFirst } from '../base/similar-first.ts';
import type { EmissionInfo } from '../pipelines/emissions.ts';
import { phonemeColumns } from './phoneme-source.ts';

export interface ExpectedWord {
  /** As it was given. */
  readonly text: string;
  /** At least one. */
  readonly tokens: readonly number[];
}

/** Marks of stress, syllables and ties, which vocabularies seldom have. */
const DROPPED_MARKS = /^(?:ˈ|ˌ|\.|‿|\u{361}|\u{35c})$/u;

/**
 * @param expected phonemes separated by spaces, words separated by `|`; with a lexicon words.
 * @throws UniSpeechError `bad-input` for nothing to say, a phoneme that the model does not have, or a word that the lexicon does not have; `bad-option`.
 */
export function parseExpected(expected: unknown, info: EmissionInfo, lexicon: unknown): ExpectedWord[] {
  if (typeof expected !== 'string') throw badInput('The expected text', expected, 'a string');
  checkLexicon(lexicon);
  const columns = new Columns(info);
  const words = lexicon
    ? wordsBy(lexicon, expected, columns.byName)
    : expected.split('|').map((phonemes) => ({
        text: phonemes.trim().split(/\s+/).join(' '),
        tokens: columns.of(phonemes),
      }));
  const parsed = words.filter(({ tokens }) => tokens.length > 0);
  if (parsed.length > 0) return parsed;
  throw new UniSpeechError(
    'bad-input',
    `The expected text is ${describeValue(expected)}, in which there is nothing to say.`,
    'Give phonemes separated by spaces, or words and a lexicon.',
  );
}

/** Words without a letter or digit are not spoken. @throws UniSpeechError `bad-input`, `bad-option`. */
function wordsBy(lexicon: Lexicon, expected: string, labels: ReadonlyMap<string, number>): ExpectedWord[] {
  return expected.split(/\s+/).map((text) => {
    const parts = pronounce(lexicon, text, 0, labels);
    const tokens = parts.flatMap(({ ids, start, end }) => {
      if (ids !== null) return ids;
      throw new UniSpeechError(
        'bad-input',
        `The lexicon has no pronunciation of ${describeValue(text.slice(start, end))}.`,
        'Add the word, with phonemes separated by spaces.',
      );
    });
    return { text, tokens };
  });
}

/** The columns of phonemes by their names. */
class Columns {
  readonly byName: ReadonlyMap<string, number>;
  readonly #longest: number;

  constructor(info: EmissionInfo) {
    // Of two columns with one name the first counts, as in the tokenizer's own lists.
    this.byName = new Map(
      phonemeColumns(info)
        .map((id) => [info.labels[id] ?? '', id] as const)
        .reverse(),
    );
    this.#longest = Math.max(0, ...[...this.byName.keys()].map(({ length }) => length));
  }

  /** @throws UniSpeechError `bad-input` for a phoneme that is none of the model's. */
  of(phonemes: string): number[] {
    return phonemes
      .split(/\s+/)
      .filter((piece) => piece !== '')
      .flatMap((piece) => {
        const whole = this.#named(piece);
        return whole === undefined ? this.#cut(piece) : [whole];
      });
  }

  /** Vocabularies write marks as characters of their own or not. */
  #named(name: string): number | undefined {
    return (
      this.byName.get(name) ??
      this.byName.get(name.normalize('NFD')) ??
      this.byName.get(name.normalize('NFC'))
    );
  }

  /** Phonemes without spaces between them, as dictionaries write words: the longest that the model has, again and again. */
  #cut(piece: string): number[] {
    const rest = Array.from(piece.normalize('NFD')).filter((character) => !DROPPED_MARKS.test(character));
    const ids: number[] = [];
    for (let start = 0; start < rest.length;) {
      let end = Math.min(rest.length, start + this.#longest);
      let id: number | undefined;
      for (; end > start && id === undefined; end -= id === undefined ? 1 : 0)
        id = this.#named(rest.slice(start, end).join(''));
      if (id === undefined) throw this.#unknown(rest.slice(start).join('').slice(0, 8), piece);
      ids.push(id);
      start = end;
    }
    return ids;
  }

  #unknown(phoneme: string, piece: string): UniSpeechError {
    const where = phoneme === piece ? '' : ` in ${describeValue(piece)}`;
    return new UniSpeechError(
      'bad-input',
      `The model has no phoneme ${describeValue(phoneme)}, which is expected${where}.`,
      `Its phonemes are ${similarFirst([...this.byName.keys()], phoneme).join(' ')}.`,
    );
  }
}
