/** Pronunciations that the caller gives: words to phonemes. */
import { isList, isRecord, tagOf } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import type { WordPart } from './word-parts.ts';

/** Phonemes in a list, or in a text with spaces between them. */
export type Pronunciation = string | readonly string[];

/** Words to pronunciations: an object, a Map, or a function that gives undefined for words it does not know. */
export type Lexicon =
  | Readonly<Record<string, Pronunciation>>
  | ReadonlyMap<string, Pronunciation>
  | ((word: string) => Pronunciation | null | undefined);

/** @throws UniSpeechError `bad-option`. */
export function checkLexicon(lexicon: unknown): asserts lexicon is Lexicon | undefined {
  if (lexicon === undefined || typeof lexicon === 'function' || isRecord(lexicon)) return;
  throw badOption('lexicon', lexicon, 'an object, a Map or a function of words to phonemes');
}

/**
 * The phonemes of a word, which all stand for its whole text. It is looked up without the punctuation around it: as it is, then in lower, then in
 * upper case.
 * @returns one part that is null where the lexicon lacks the word; none for punctuation.
 * @throws UniSpeechError `bad-option` for a pronunciation that is none, and for a phoneme that the model lacks.
 */
export function pronounce(
  lexicon: Lexicon,
  written: string,
  offset: number,
  labels: ReadonlyMap<string, number>,
): WordPart[] {
  const [bare] = /[\p{L}\p{N}\p{M}].*[\p{L}\p{N}\p{M}]|[\p{L}\p{N}\p{M}]/u.exec(written) ?? [];
  if (bare === undefined) return [];
  const start = offset + written.indexOf(bare);
  const place = { start, end: start + bare.length };
  const given: unknown =
    lookUp(lexicon, bare) ?? lookUp(lexicon, bare.toLowerCase()) ?? lookUp(lexicon, bare.toUpperCase());
  if (given === undefined || given === null) return [{ ids: null, ...place }];
  const phonemes: unknown =
    typeof given === 'string' ? given.split(/\s+/).filter((one) => one !== '') : given;
  if (!isList(phonemes) || phonemes.length === 0) {
    throw new UniSpeechError(
      'bad-option',
      `The lexicon has ${describeValue(given)} for ${describeValue(bare)}, but a pronunciation is a list of phonemes or a text of some with spaces between them.`,
    );
  }
  const ids = Array.from(phonemes, (phoneme) => {
    const id = typeof phoneme === 'string' ? labels.get(phoneme) : undefined;
    if (id !== undefined) return id;
    throw new UniSpeechError(
      'bad-option',
      `The lexicon has the phoneme ${describeValue(phoneme)} in ${describeValue(bare)}, which the model lacks.`,
      `Its labels are ${[...labels.keys()].join(' ')}.`,
    );
  });
  return [{ ids, ...place }];
}

function lookUp(lexicon: Lexicon, word: string): unknown {
  if (typeof lexicon === 'function') return lexicon(word);
  if (tagOf(lexicon) === 'Map') return (lexicon as ReadonlyMap<string, Pronunciation>).get(word);
  return Object.hasOwn(lexicon, word)
    ? (lexicon as Readonly<Record<string, Pronunciation>>)[word]
    : undefined;
}
