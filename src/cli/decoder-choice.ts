/** What the options of `transcribe` say of the language model and the search. */
import type { BeamSettings } from '../beam/pipeline-decoder.ts';
import { splitLines } from '../beam/python-text.ts';
import { readTextFile } from './text-file.ts';
import { countOf, numberOf, UsageError, type Values } from './words.ts';

/** The value of `--lm` for the likeliest token of each frame, whatever comes with the model. */
const NO_MODEL = 'none';
/** Weights beyond are mistakes. */
const MAX_WEIGHT = 1000;

/** @returns undefined where nothing is said. @throws UsageError. */
export function decoderChoice(values: Values): 'greedy' | BeamSettings | undefined {
  const { lm, unigrams, alpha, beta, 'beam-width': beamWidth, hotwords, 'hotword-weight': weight } = values;
  const given = Object.entries({
    unigrams,
    alpha,
    beta,
    'beam-width': beamWidth,
    hotwords,
    'hotword-weight': weight,
  }).find(([, value]) => value !== undefined);
  if (lm === '') throw new UsageError('--lm needs the file of a language model, or none');
  if (lm === NO_MODEL) {
    if (given) throw new UsageError(`--${given[0]} is for a search, which --lm none leaves out`);
    return 'greedy';
  }
  if (lm === undefined && !given) return undefined;
  if (unigrams !== undefined && lm === undefined) throw new UsageError('--unigrams is for --lm FILE');
  const weightOf = (option: string, text: string): number => numberOf(option, text, -MAX_WEIGHT, MAX_WEIGHT);
  return {
    type: 'beam',
    ...(lm !== undefined && { language_model: lm }),
    ...(alpha !== undefined && { alpha: weightOf('--alpha', alpha) }),
    ...(beta !== undefined && { beta: weightOf('--beta', beta) }),
    ...(beamWidth !== undefined && { beam_width: Math.max(1, countOf('--beam-width', beamWidth)) }),
    ...(hotwords !== undefined && { hotwords: hotwords.split(',') }),
    ...(weight !== undefined && { hotword_weight: weightOf('--hotword-weight', weight) }),
  };
}

/**
 * The same with the words of a file, one a line.
 * @throws UniSpeechError `not-found`, `bad-input`.
 */
export async function withUnigrams(
  decoder: 'greedy' | BeamSettings | undefined,
  file: string | undefined,
  signal: AbortSignal,
): Promise<'greedy' | BeamSettings | undefined> {
  if (typeof decoder !== 'object' || file === undefined) return decoder;
  return { ...decoder, unigrams: splitLines(await readTextFile(file, signal)) };
}
