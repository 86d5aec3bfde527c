/** The options of beam search, with the names of pyctcdecode and transformers, checked by name and value. */
import { isList, isListOf, isRecord } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { badOption, checkBoolean } from '../base/option-checks.ts';
import type { SearchSettings } from './beam-search.ts';
import { PrefixIndex } from './prefix-index.ts';
import { splitWords } from './python-text.ts';
import type { ScoreWeights } from './scorer.ts';

/** What the language model knows of words before: of a hypothesis for the one that follows. Opaque; can be copied. */
export interface LanguageModelState {
  readonly words: readonly number[];
}

export interface BeamOptions {
  /** How many beams are kept from frame to frame. Default: 100. */
  readonly beam_width?: number | null | undefined;
  /** Beams that are so much worse than the best are dropped; at most 0. Default: -10. */
  readonly beam_prune_logp?: number | null | undefined;
  /** Tokens below this natural logarithm of their probability are only tried where they are the best of their frame. Default: -5. */
  readonly token_min_logp?: number | null | undefined;
  /** Keeps only the best of beams that end with the same words: faster, and fewer alternatives. Default: false. */
  readonly prune_history?: boolean | null | undefined;
  /** Words and phrases that are likelier than the model says, written as the model writes them. */
  readonly hotwords?: readonly string[] | null | undefined;
  /** Added for each hotword. Default: 10. */
  readonly hotword_weight?: number | null | undefined;
  /** The weight of the language model. Default: 0.5. */
  readonly alpha?: number | null | undefined;
  /** Added for each word. Default: 1.5. */
  readonly beta?: number | null | undefined;
  /** Added to log10 of the probability of words that are not known. Default: -10. */
  readonly unk_score_offset?: number | null | undefined;
  /** Whether the language model sees where the text begins and ends. Default: true. */
  readonly lm_score_boundary?: boolean | null | undefined;
  /** The state of a hypothesis that comes before. */
  readonly lm_start_state?: LanguageModelState | null | undefined;
  /** How many hypotheses `n_best` of a result has at most. Default: there is no `n_best`. */
  readonly n_best?: number | null | undefined;
  /**
   * Whether scores are those of pyctcdecode in one place more: there, a text that ends with a space is charged an unknown word of no letters, so that a
   * speaker who pauses at the end costs 13 points. Default: false, which counts the end of the sentence alone.
   */
  readonly compat?: boolean | null | undefined;
}

/** What `beam search` runs with. */
export interface CheckedBeamOptions {
  readonly search: Omit<SearchSettings, 'readsProbabilities'>;
  readonly weights: ScoreWeights;
  readonly hotwords: PrefixIndex | undefined;
  readonly start: readonly number[] | undefined;
  readonly bestCount: number | undefined;
  readonly isCompatible: boolean;
}

export const BEAM_OPTION_NAMES: readonly string[] = [
  'beam_width',
  'beam_prune_logp',
  'token_min_logp',
  'prune_history',
  'hotwords',
  'hotword_weight',
  'alpha',
  'beta',
  'unk_score_offset',
  'lm_score_boundary',
  'lm_start_state',
  'n_best',
  'compat',
];

/** More take minutes a second of sound, and are a mistake. */
const MAX_BEAM_WIDTH = 100_000;

/** @throws UniSpeechError `bad-option`. @param where shown in errors. */
export function checkBeamOptions(options: BeamOptions, where: string): CheckedBeamOptions {
  rejectUnknownOptions(options, BEAM_OPTION_NAMES, where);
  const beamWidth = options.beam_width ?? 100;
  checkWhole('beam_width', beamWidth, MAX_BEAM_WIDTH);
  const beamMargin = options.beam_prune_logp ?? -10;
  checkNotAbove('beam_prune_logp', beamMargin);
  const leastLogProbability = options.token_min_logp ?? -5;
  checkNotAbove('token_min_logp', leastLogProbability);
  const bestCount = options.n_best ?? undefined;
  if (bestCount !== undefined) checkWhole('n_best', bestCount, MAX_BEAM_WIDTH);
  const flags = {
    prune_history: options.prune_history ?? false,
    lm_score_boundary: options.lm_score_boundary ?? true,
    compat: options.compat ?? false,
  };
  for (const [name, value] of Object.entries(flags)) checkBoolean(name, value);
  const weights = {
    alpha: options.alpha ?? 0.5,
    beta: options.beta ?? 1.5,
    unk_score_offset: options.unk_score_offset ?? -10,
    hotword_weight: options.hotword_weight ?? 10,
  };
  for (const [name, value] of Object.entries(weights))
    if (typeof value !== 'number' || !Number.isFinite(value)) throw badOption(name, value, 'a finite number');
  return {
    search: { beamWidth, beamMargin, leastLogProbability, prunesHistory: flags.prune_history },
    weights: {
      alpha: weights.alpha,
      beta: weights.beta,
      unknownOffset: weights.unk_score_offset,
      hasBoundary: flags.lm_score_boundary,
      hotwordWeight: weights.hotword_weight,
    },
    hotwords: hotwordsOf(options.hotwords),
    start: contextOf(options.lm_start_state),
    bestCount,
    isCompatible: flags.compat,
  };
}

function checkWhole(name: string, value: unknown, most: number): void {
  if (!Number.isSafeInteger(value) || Number(value) < 1 || Number(value) > most)
    throw badOption(name, value, `a whole number from 1 to ${most}`);
}

function checkNotAbove(name: string, value: unknown): void {
  if (typeof value !== 'number' || !(value <= 0)) throw badOption(name, value, 'a number of at most 0');
}

function hotwordsOf(given: unknown): PrefixIndex | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isListOf(given, (word: unknown): word is string => typeof word === 'string'))
    throw badOption('hotwords', given, 'a list of words and phrases');
  const words = given.flatMap(splitWords);
  return words.length > 0 ? new PrefixIndex(words) : undefined;
}

function contextOf(state: unknown): readonly number[] | undefined {
  if (state === undefined || state === null) return undefined;
  const words = isRecord(state) ? state.words : undefined;
  if (!isList(words) || words.length > 8 || !isListOf(words, isWordId))
    throw badOption('lm_start_state', state, 'the lm_state of a hypothesis');
  return words;
}

const isWordId = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 32;
