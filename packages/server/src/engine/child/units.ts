/** The units of a text that a request asks for, from what the engine gives: characters with their times and probabilities. Pure. */
import type { TimedText } from 'unispeech-webgpu';
import type { EngineClip } from '../messages.ts';
import type { TranscribedToken, TranscribedUnit, WantedUnits } from '../transcription-job.ts';

/** One for each character, in their order. */
export interface ScoredCharacter {
  readonly token: string;
  readonly logprob: number;
}

/** A text, or a part of one, as the engine gives it. */
export interface EngineText {
  readonly text: string;
  readonly chunks?: readonly TimedText[] | undefined;
  readonly logprobs?: readonly ScoredCharacter[] | undefined;
}

/** What the ids of tokens are found by. */
export interface TokenLabels {
  readonly labels: readonly string[];
  readonly word_delimiter: number | null;
  readonly unknown: number | null;
}

export interface EngineCall {
  readonly return_timestamps?: 'char' | 'word';
  readonly return_confidence?: boolean;
  readonly return_logprobs?: boolean;
}

/**
 * What to ask the engine for, so that `unitsOf` has what it needs.
 * @param searches whether texts are searched for: words have times then, and no probability.
 */
export function callFor({ words, characters, tokens }: WantedUnits, searches: boolean): EngineCall {
  if (!words && !characters && !tokens) return {};
  return {
    return_timestamps: characters || tokens ? 'char' : 'word',
    ...(!searches && { return_confidence: true }),
    ...(tokens && { return_logprobs: true }),
  };
}

/** A word in the letters that the model has: many know only large ones, or only small ones. */
export function asSpelled(word: string, labels: readonly string[]): string {
  const has = (text: string): boolean => {
    for (const character of text) if (character !== ' ' && !labels.includes(character)) return false;
    return true;
  };
  return [word, word.toUpperCase(), word.toLowerCase()].find(has) ?? word;
}

/** @param output what the engine gave for `callFor(wanted)`. */
export function unitsOf(
  { text, chunks = [], logprobs = [] }: EngineText,
  wanted: WantedUnits,
  labels: TokenLabels,
): EngineClip {
  const { words, characters, tokens } = wanted;
  const isByCharacter = characters === true || tokens === true;
  return {
    text,
    ...(words && { words: isByCharacter ? wordsOf(chunks) : chunks.map(unitOf) }),
    ...(characters && { characters: chunks.map(unitOf) }),
    ...(tokens && { tokens: tokensOf(chunks, logprobs, labels) }),
  };
}

const unitOf = ({ text, timestamp: [start, end], confidence }: TimedText): TranscribedUnit => ({
  text,
  start,
  end,
  ...(typeof confidence === 'number' && { probability: confidence }),
});

/** A word is what lies between two spaces. */
function wordsOf(characters: readonly TimedText[]): readonly TranscribedUnit[] {
  const words: TimedText[][] = [[]];
  for (const character of characters) {
    if (character.text === ' ') words.push([]);
    else words.at(-1)?.push(character);
  }
  return words.flatMap((word) => {
    const [first] = word;
    const last = word.at(-1);
    if (!first || !last) return [];
    return [
      {
        text: word.map(({ text }) => text).join(''),
        start: first.timestamp[0],
        end: last.timestamp[1],
        ...meanProbability(word),
      },
    ];
  });
}

/** Characters of more frames weigh more, as in the engine's own words. */
function meanProbability(word: readonly TimedText[]): Pick<TranscribedUnit, 'probability'> {
  let seconds = 0;
  let sum = 0;
  for (const {
    timestamp: [start, end],
    confidence,
  } of word) {
    if (typeof confidence !== 'number') continue;
    seconds += end - start;
    sum += confidence * (end - start);
  }
  return seconds > 0 ? { probability: sum / seconds } : {};
}

function tokensOf(
  characters: readonly TimedText[],
  logprobs: readonly ScoredCharacter[],
  { labels, word_delimiter, unknown }: TokenLabels,
): readonly TranscribedToken[] {
  return characters.map(({ text, timestamp: [start, end] }, index) => {
    const place = labels.indexOf(text);
    const id = place >= 0 ? place : text === ' ' ? word_delimiter : unknown;
    return {
      id: id ?? -1,
      token: text,
      start,
      end,
      logprob: logprobs[index]?.logprob ?? -Infinity,
    };
  });
}
