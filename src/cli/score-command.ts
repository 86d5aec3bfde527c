/** What `score` takes from the command line. */
import { SCORE_UNITS, type ScoreUnit } from '../score/tokens.ts';
import { choiceOf, UsageError, type Values } from './words.ts';

export interface ScoreCommand {
  readonly name: 'score';
  readonly reference: string;
  readonly hypothesis: string;
  readonly unit: ScoreUnit;
  /** Whether lines begin with the names of their utterances. */
  readonly isKeyed: boolean;
  readonly showsAlignment: boolean;
  readonly json: boolean;
}

/** @throws UsageError. */
export function scoreCommand(files: readonly string[], values: Values): ScoreCommand {
  const [reference, hypothesis, ...more] = files;
  if (!reference || !hypothesis || more.length > 0)
    throw new UsageError(`score needs two files, REF and HYP, found ${files.length}`);
  if (reference === '-' && hypothesis === '-') throw new UsageError('standard input can be read only once');
  const { unit, show, keyed: isKeyed = false, json = false } = values;
  if (show !== undefined) choiceOf('--show', show, ['alignment']);
  return {
    name: 'score',
    reference,
    hypothesis,
    unit: choiceOf('--unit', unit ?? 'word', SCORE_UNITS),
    isKeyed,
    showsAlignment: show !== undefined,
    json,
  };
}
