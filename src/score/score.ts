/** Error rates of words, characters and phonemes, as jiwer counts them. Pure. */
import { isList } from '../base/checks.ts';
import { counted } from '../base/counted.ts';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { badOption } from '../base/option-checks.ts';
import { type EditBlock, editPath } from './edit-path.ts';
import { SCORE_UNITS, type ScoreUnit, tokensOf } from './tokens.ts';

export interface ScoreOptions {
  /** Default 'word'. */
  readonly unit?: ScoreUnit | undefined;
}

/** Totals over all utterances, and the rates of these totals. */
export interface ErrorRates {
  readonly unit: ScoreUnit;
  /** Errors by tokens of the reference: WER, CER or PER; may be more than 1. Of empty references it is the number of insertions. */
  readonly error_rate: number;
  /** Match error rate: errors by tokens and insertions. */
  readonly mer: number;
  /** Word information lost, and preserved: 1 together. */
  readonly wil: number;
  readonly wip: number;
  readonly hits: number;
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  /** The tokens of each utterance. */
  readonly references: readonly (readonly string[])[];
  readonly hypotheses: readonly (readonly string[])[];
  /** Runs of equal edits of each utterance. */
  readonly alignments: readonly (readonly EditBlock[])[];
}

type Texts = string | readonly string[];

/**
 * Compares what was recognised with what was said: one utterance, or a list of them with a list of as many. Words stand between spaces; case
 * and marks count, so take them out first where they should not. Counts, rates and alignments are those of jiwer 4. For an utterance of
 * thousands of tokens jiwer may choose another of the equally short alignments.
 * @throws UniSpeechError `bad-input` for what are no texts, or lists that differ in length; `limit-exceeded` for utterances too long to compare.
 */
export function score(reference: Texts, hypothesis: Texts, options: ScoreOptions = {}): ErrorRates {
  rejectUnknownOptions(options, ['unit'], 'score');
  const unit: unknown = options.unit ?? 'word';
  const known = SCORE_UNITS.find((name) => name === unit);
  if (known === undefined) throw badOption('unit', unit, `one of ${SCORE_UNITS.join(', ')}`);
  const references = textsOf('The reference', reference).map((text) => tokensOf(text, known));
  const hypotheses = textsOf('The hypothesis', hypothesis).map((text) => tokensOf(text, known));
  if (references.length !== hypotheses.length) {
    throw new UniSpeechError(
      'bad-input',
      `The reference has ${counted(references.length, 'utterance')} and the hypothesis ${hypotheses.length}, expected as many.`,
    );
  }
  const alignments = references.map((tokens, index) => editPath(tokens, hypotheses[index] ?? []));
  return { unit: known, ...ratesOf(alignments.flat()), references, hypotheses, alignments };
}

/** Word error rate. @throws UniSpeechError as `score` does. */
export const wer = (reference: Texts, hypothesis: Texts): number => score(reference, hypothesis).error_rate;

/** Character error rate: of code points, with the spaces between words. @throws UniSpeechError as `score` does. */
export const cer = (reference: Texts, hypothesis: Texts): number =>
  score(reference, hypothesis, { unit: 'char' }).error_rate;

/** Phoneme error rate, of phonemes with spaces between them. @throws UniSpeechError as `score` does. */
export const per = (reference: Texts, hypothesis: Texts): number =>
  score(reference, hypothesis, { unit: 'phoneme' }).error_rate;

function textsOf(what: string, texts: unknown): readonly string[] {
  // Not `map`, which passes over the holes of an array.
  return Array.from(isList(texts) ? texts : [texts], (text, index) => {
    if (typeof text === 'string') return text;
    const which = isList(texts) ? ` ${index}` : '';
    throw new UniSpeechError(
      'bad-input',
      `${what}${which} is ${describeValue(text)}, expected a text or a list of texts.`,
    );
  });
}

function ratesOf(blocks: readonly EditBlock[]) {
  const lengths = { equal: 0, substitute: 0, insert: 0, delete: 0 };
  for (const block of blocks)
    lengths[block.type] += Math.max(
      block.ref_end_idx - block.ref_start_idx,
      block.hyp_end_idx - block.hyp_start_idx,
    );
  const { equal: hits, substitute: substitutions, insert: insertions, delete: deletions } = lengths;
  const counts = { hits, substitutions, deletions, insertions };
  const errors = substitutions + deletions + insertions;
  const referenceLength = hits + substitutions + deletions;
  const hypothesisLength = hits + substitutions + insertions;
  if (referenceLength === 0) {
    const wip = hypothesisLength === 0 ? 1 : 0;
    return { error_rate: insertions, mer: 1 - wip, wil: 1 - wip, wip, ...counts };
  }
  const wip = hypothesisLength === 0 ? 0 : (hits / referenceLength) * (hits / hypothesisLength);
  return {
    error_rate: errors / referenceLength,
    mer: errors / (referenceLength + insertions),
    wil: 1 - wip,
    wip,
    ...counts,
  };
}
