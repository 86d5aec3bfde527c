/** Text as tokens, each with the characters that it stands for. Offsets count UTF-16 units. Pure. */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import type { EmissionInfo } from '../pipelines/emissions.ts';
import { type Lexicon, pronounce } from './lexicon.ts';
import { phonemeWords } from './phoneme-text.ts';
import { Speller, writtenLabels } from './spelling.ts';
import { FAIR_STAR, isStar } from './target.ts';
import type { WordPart, WordWithParts } from './word-parts.ts';

/** What becomes of letters and digits that the model has no token for: a star, which takes any sound; nothing; an error. */
export type UnknownMode = 'star' | 'skip' | 'error';
export const UNKNOWN_MODES: readonly UnknownMode[] = ['star', 'skip', 'error'];

export interface TextToken {
  /** A label, or a star. */
  readonly id: number;
  readonly start: number;
  readonly end: number;
  /** Which word it is a part of; null between words. */
  readonly word: number | null;
}

/** A run of characters without white space. */
export interface TextWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** How many tokens it has, and which is the first. */
  readonly firstToken: number;
  readonly tokenCount: number;
}

/** Characters that no label stands for. */
export interface UnalignedText {
  readonly text: string;
  readonly char_start: number;
  readonly char_end: number;
  /** The index of the word. */
  readonly word: number;
  /** `no-token`: a word of punctuation or the like. `unknown`: letters or digits that the model lacks. */
  readonly reason: 'no-token' | 'unknown';
}

export interface TextPlan {
  readonly tokens: readonly TextToken[];
  readonly words: readonly TextWord[];
  readonly unaligned: readonly UnalignedText[];
}

export interface TextOptions {
  readonly unknown: UnknownMode;
  /** Whether the token between words is wanted, if the model has one. */
  readonly delimiters: boolean;
  readonly lexicon?: Lexicon | undefined;
}

/** @throws UniSpeechError `unknown-character` where `unknown` is `'error'`. */
export function planText(text: string, info: EmissionInfo, options: TextOptions): TextPlan {
  const labels = writtenLabels(info);
  const { lexicon } = options;
  if (info.units === 'phonemes' && lexicon === undefined)
    return joinWords(text, phonemeWords(text, labels), info, options);
  const speller = new Speller(labels);
  const words = wordsOfText(text).map(({ start, end }) => ({
    start,
    end,
    parts:
      lexicon === undefined
        ? spellWord(text, start, end, speller)
        : pronounce(lexicon, text.slice(start, end), start, labels),
  }));
  return joinWords(text, words, info, options);
}

/** Runs without the white space of Unicode. */
export function wordsOfText(text: string): { readonly start: number; readonly end: number }[] {
  return Array.from(text.matchAll(/\P{White_Space}+/gu), ({ 0: word, index }) => ({
    start: index,
    end: index + word.length,
  }));
}

function spellWord(text: string, start: number, end: number, speller: Speller): WordPart[] {
  const parts: WordPart[] = [];
  let position = start;
  for (const character of text.slice(start, end)) {
    const ids = speller.spell(character);
    if (ids === null || ids.length > 0)
      parts.push({ ids, start: position, end: position + character.length });
    position += character.length;
  }
  return parts;
}

function joinWords(
  text: string,
  planned: readonly WordWithParts[],
  { word_delimiter: delimiter, units }: EmissionInfo,
  { unknown, delimiters }: TextOptions,
): TextPlan {
  const tokens: TextToken[] = [];
  const words: TextWord[] = [];
  const unaligned: UnalignedText[] = [];
  const between = delimiters && units === 'characters' ? delimiter : null;
  let lastEnd: number | undefined;
  for (const { start, end, parts } of planned) {
    const word = words.length;
    const ofWord: TextToken[] = [];
    const unknownParts: { start: number; end: number }[] = [];
    for (const { ids, start: from, end: to } of parts) {
      if (ids !== null) {
        for (const id of ids) ofWord.push({ id, start: from, end: to, word });
        continue;
      }
      if (unknown === 'error') throw unknownCharacter(text.slice(from, to), text.slice(start, end), from);
      const run = unknownParts.at(-1);
      const last = ofWord.at(-1);
      if (run?.end === from) run.end = to;
      else unknownParts.push({ start: from, end: to });
      if (unknown === 'skip') continue;
      // Neighbours would need a blank between them.
      if (last && isStar(last.id)) ofWord[ofWord.length - 1] = { ...last, end: to };
      else ofWord.push({ id: FAIR_STAR, start: from, end: to, word });
    }
    if (ofWord.length > 0) {
      if (between !== null && lastEnd !== undefined)
        tokens.push({ id: between, start: lastEnd, end: start, word: null });
      lastEnd = end;
    }
    const piece = (from: number, to: number, reason: UnalignedText['reason']): void =>
      void unaligned.push({ text: text.slice(from, to), char_start: from, char_end: to, word, reason });
    for (const run of unknownParts) piece(run.start, run.end, 'unknown');
    if (ofWord.length === 0 && unknownParts.length === 0) piece(start, end, 'no-token');
    words.push({
      text: text.slice(start, end),
      start,
      end,
      firstToken: tokens.length,
      tokenCount: ofWord.length,
    });
    for (const token of ofWord) tokens.push(token);
  }
  return { tokens, words, unaligned };
}

const unknownCharacter = (character: string, word: string, position: number): UniSpeechError =>
  new UniSpeechError(
    'unknown-character',
    `The model has no token for ${describeValue(character)} in the word ${describeValue(word)}, at character ${position} of the text.`,
    "Spell it with the letters of the model, or pass unknown: 'star' or 'skip'.",
  );
