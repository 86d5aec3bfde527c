/** Forced alignment of logits: the best path of given labels, exactly, at once or while the logits come. */
import { isRecord } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { badInput, checkChoice } from '../base/option-checks.ts';
import { findPath, SEARCH_MODES, type SearchMode } from './find-path.ts';
import { atOnce } from './in-steps.ts';
import { type FrameBlock, PathColumns } from './path-columns.ts';
import { labelsOf, spansOf, type TokenSpan } from './spans.ts';
import {
  type AlignTarget,
  checkBlank,
  checkVocabSize,
  STAR_MODES,
  type StarMode,
  targetOf,
} from './target.ts';

export interface AlignLogitsOptions {
  /** The label of the blank. Default: 0. */
  readonly blank?: number | undefined;
  /** What the data is. Default: `'logits'`, of which the logarithm of the softmax is taken. */
  readonly input?: 'logits' | 'log_probs' | undefined;
  /** What the star costs, which is the token `vocabSize`. Default: `'zero'`. */
  readonly star?: StarMode | undefined;
  /** Default: `'auto'`. */
  readonly search?: SearchMode | undefined;
}

export interface LogitAlignment {
  /** The label of each frame; `vocabSize` for the star. */
  readonly path: Int32Array;
  /** The tokens in order, each once. */
  readonly spans: readonly TokenSpan[];
  /** The sum of the log probabilities of the path. */
  readonly log_prob: number;
  readonly frames: number;
}

const INPUTS = ['logits', 'log_probs'] as const;

/** Takes the logits of a clip bit by bit, and keeps of them only what its tokens need. */
export class LogitAligner {
  readonly #target: AlignTarget;
  readonly #columns: PathColumns;
  readonly #vocabSize: number;
  readonly #search: SearchMode;

  /**
   * @param tokens labels below `vocabSize` in order, without blanks; `vocabSize` is the star.
   * @throws UniSpeechError `bad-input`, `bad-option`.
   */
  constructor(tokens: readonly number[] | Int32Array, vocabSize: number, options: AlignLogitsOptions = {}) {
    rejectUnknownOptions(options, ['blank', 'input', 'star', 'search'], 'alignLogits');
    const { blank = 0, input = 'logits', star = 'zero', search = 'auto' } = options;
    checkVocabSize(vocabSize);
    checkBlank(blank, vocabSize);
    checkChoice('input', input, INPUTS);
    checkChoice('star', star, STAR_MODES);
    checkChoice('search', search, SEARCH_MODES);
    this.#target = targetOf(tokens, vocabSize, blank, star);
    this.#columns = new PathColumns(this.#target, vocabSize, input === 'logits');
    this.#vocabSize = vocabSize;
    this.#search = search;
  }

  /**
   * Takes the next frames. `data` may be changed afterwards.
   * @throws UniSpeechError `bad-input` for data of another shape, and for NaN; `limit-exceeded` where what is kept would be more than 1 GiB.
   */
  push(frames: FrameBlock): void {
    this.#columns.push(frames);
  }

  /** @throws UniSpeechError `too-short`, `no-path`. */
  finish(): LogitAlignment {
    const { states, logProb } = atOnce(findPath(this.#columns, this.#target, { search: this.#search }));
    const starId = this.#vocabSize;
    return {
      path: labelsOf(states, this.#target, starId),
      spans: spansOf(states, this.#columns, this.#target, starId),
      log_prob: logProb,
      frames: states.length,
    };
  }
}

/**
 * Finds the best path of labels through the frames of a clip: the one with the largest sum of log probabilities of all that collapse to the tokens.
 * Where several are equal, the tie rule of pytorch/audio decides. Memory: the columns of the labels in use, and a few megabytes.
 * @param logits `[frameCount, vocabSize]`, row-major.
 * @param tokens labels in order, without blanks. None give a path of blanks.
 * @throws UniSpeechError `bad-input`, `bad-option`; `too-short` for fewer frames than tokens need; `no-path` where every path has a probability of 0.
 */
export function alignLogits(
  logits: FrameBlock,
  tokens: readonly number[] | Int32Array,
  options: AlignLogitsOptions = {},
): LogitAlignment {
  const given: unknown = logits;
  if (!isRecord(given)) throw badInput('logits', given, '{ data, frameCount, vocabSize }');
  const aligner = new LogitAligner(tokens, logits.vocabSize, options);
  aligner.push(logits);
  return aligner.finish();
}
