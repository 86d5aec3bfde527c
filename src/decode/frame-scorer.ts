/** What decoders say about how sure the model is: confidences of characters, words and the whole text, and log probabilities of tokens. */
import type { TimedText } from '../base/timed-text.ts';
import type { CharOffset } from '../text/word-offsets.ts';
import {
  characterConfidence,
  type ConfidenceMeasure,
  type ConfidenceRule,
  confidenceOf,
  type ConfidenceSum,
  type FrameWorth,
  joinedSum,
  joinedWorth,
  sumOfCharacters,
  worthOfFrame,
} from './confidence.ts';
import type { DecodedText, FrameLogits, ConfidenceScorer, TextConfidence } from './decoder.ts';
import { logSoftmaxRow } from './log-softmax.ts';

export interface ConfidenceSettings {
  /** Undefined: only log probabilities of tokens are wanted. */
  readonly rule: ConfidenceRule | undefined;
  readonly measure: ConfidenceMeasure;
  readonly temperature: number;
  readonly returnsLogprobs: boolean;
}

/** Confidences of several texts are put together by their frames. */
class SummedConfidence implements TextConfidence {
  readonly #rule: ConfidenceRule;
  readonly #sum: ConfidenceSum;

  constructor(rule: ConfidenceRule, sum: ConfidenceSum) {
    this.#rule = rule;
    this.#sum = sum;
  }

  get value(): number | null {
    return confidenceOf(this.#sum, this.#rule);
  }

  joined(other: SummedConfidence): SummedConfidence {
    return new SummedConfidence(this.#rule, joinedSum(this.#sum, other.#sum));
  }
}

/** One for each clip, as it has memory of its own for a row of probabilities. */
export class FrameScorer implements ConfidenceScorer<FrameWorth> {
  readonly #settings: ConfidenceSettings;
  #row = new Float64Array();

  constructor(settings: ConfidenceSettings) {
    this.#settings = settings;
  }

  worthOf(
    { data, vocabSize }: FrameLogits,
    frame: number,
    token: number,
    before: FrameWorth | undefined,
  ): FrameWorth {
    if (this.#row.length !== vocabSize) this.#row = new Float64Array(vocabSize);
    const { temperature, measure } = this.#settings;
    logSoftmaxRow(data, frame * vocabSize, vocabSize, this.#row, 0, temperature);
    return joinedWorth(before, worthOfFrame(this.#row, token, measure));
  }

  scoresOf(
    characters: readonly CharOffset[],
    worths: readonly (FrameWorth | undefined)[],
    isDelimiter: (character: CharOffset) => boolean,
  ): Pick<DecodedText, 'confidence' | 'logprobs'> {
    const { rule, returnsLogprobs } = this.#settings;
    const scored = characters.map((character) => ({ ...character, worth: worthIn(worths, character) }));
    const measured = scored.flatMap((character) =>
      character.worth && !isDelimiter(character) ? [character.worth] : [],
    );
    const encoder = new TextEncoder();
    return {
      ...(rule !== undefined && { confidence: new SummedConfidence(rule, sumOfCharacters(measured)) }),
      ...(returnsLogprobs && {
        logprobs: scored.map(({ char, worth }) => ({
          token: char,
          logprob: worth?.bestLogProb ?? -Infinity,
          bytes: [...encoder.encode(char)],
        })),
      }),
    };
  }

  chunkScores(
    units: readonly Pick<CharOffset, 'start_offset' | 'end_offset'>[],
    characters: readonly CharOffset[],
    worths: readonly (FrameWorth | undefined)[],
    kind: 'char' | 'word',
  ): readonly Pick<TimedText, 'confidence'>[] {
    const { rule } = this.#settings;
    let next = 0;
    return units.map(({ start_offset, end_offset }) => {
      if (rule === undefined) return {};
      const measured: FrameWorth[] = [];
      for (let own = characters[next]; own && own.end_offset <= end_offset; own = characters[next]) {
        next += 1;
        const worth = own.start_offset >= start_offset ? worthIn(worths, own) : undefined;
        if (worth) measured.push(worth);
      }
      const [first] = measured;
      if (kind === 'char' && first) return { confidence: characterConfidence(first, rule) };
      return { confidence: confidenceOf(sumOfCharacters(measured), rule) };
    });
  }
}

/** Of all runs of a character: the tokenizer may take tokens of several ids for one. */
const worthIn = (
  worths: readonly (FrameWorth | undefined)[],
  { start_offset, end_offset }: CharOffset,
): FrameWorth | undefined =>
  worths
    .slice(start_offset, end_offset)
    .reduce<FrameWorth | undefined>((total, worth) => (worth ? joinedWorth(total, worth) : total), undefined);
