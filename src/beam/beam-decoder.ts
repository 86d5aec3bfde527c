/** Beam search as callers use it: with labels, a language model, and defaults for its options. */
import { isCount, isListOf, isRecord, isView } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { badInput, badOption, checkChoice } from '../base/option-checks.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Decoder, DecoderKind, DecoderOptions, FrameLogits } from '../decode/decoder.ts';
import {
  type BeamOptions,
  checkBeamOptions,
  type CheckedBeamOptions,
  type LanguageModelState,
} from './beam-options.ts';
import { BeamSearch, type SearchSettings } from './beam-search.ts';
import type { Hypothesis, WordSpan } from './hypothesis.ts';
import { ClipDecoder } from './clip-decoder.ts';
import { type LabelSet, labelsOfTokenizer } from './labels.ts';
import type { LanguageModel } from './language-model.ts';
import { Scorer } from './scorer.ts';

/** In a pipeline that gives one text, so many words behind the best one are final: about ten seconds of speech. */
const OPEN_WORDS = 32;

/** Logits of frames, without softmax: a tensor `[frames, labels]` or `[1, frames, labels]`, or its parts. */
export type BeamInput =
  | Pick<Tensor<'float32'>, 'data' | 'dims'>
  | Pick<FrameLogits, 'data' | 'frameCount' | 'vocabSize'>;

/** One of the texts that frames may say. */
export interface BeamHypothesis {
  readonly text: string;
  /** log p of the sound, and the same with the language model and hotwords. Comparable only with those of the same frames. */
  readonly logit_score: number;
  readonly score: number;
  /** First frame of each word, and one past its last. */
  readonly words: readonly {
    readonly word: string;
    readonly start_offset: number;
    readonly end_offset: number;
  }[];
  /** For `lm_start_state` of what follows. */
  readonly lm_state: LanguageModelState;
}

export interface BeamCallOptions extends BeamOptions {
  /** What frames hold. pyctcdecode takes rows that sum to 1 on average for probabilities; here it must be said. Default: `'logits'`. */
  readonly input?: 'logits' | 'probabilities' | undefined;
}

export interface BeamDecoderParts {
  /** By column. Undefined where they are those of the tokenizer that a pipeline has. */
  readonly labels: LabelSet | undefined;
  readonly languageModel: LanguageModel | undefined;
  /** Whether the language model was opened for this decoder alone. */
  readonly ownsModel?: boolean;
  /** For calls that do not say otherwise. */
  readonly defaults: BeamOptions;
}

/**
 * Prefix beam search as `BeamSearchDecoderCTC` of pyctcdecode 0.5.0 has it. Made by `createBeamDecoder`. It is also what `pipeline(…, { decoder })`
 * takes. One object can decode many clips at once: what a clip needs is kept in its session.
 */
export class BeamSearchDecoder implements DecoderKind {
  readonly reads = 'logits';
  readonly timestamps = ['word'] as const;
  readonly language_model: LanguageModel | undefined;
  readonly #parts: BeamDecoderParts;

  /** @throws UniSpeechError `bad-option`. */
  constructor(parts: BeamDecoderParts) {
    this.#parts = parts;
    this.language_model = parts.languageModel;
    this.#checked({}, 'A beam decoder');
  }

  /** The likeliest text. @throws UniSpeechError `bad-input`, `bad-option`. */
  decode(logits: BeamInput, options: BeamCallOptions = {}): string {
    // No other text is asked for, so those with the same last words need not be kept.
    return this.decode_beams(logits, { prune_history: true, ...options, n_best: 1 })[0]?.text ?? '';
  }

  /**
   * The likely texts, the likeliest first: `n_best` of them, or all beams.
   * @throws UniSpeechError `bad-input` for logits that are NaN or of another shape, `bad-option`.
   */
  decode_beams(logits: BeamInput, options: BeamCallOptions = {}): BeamHypothesis[] {
    const session = this.start(options);
    session.push(logits);
    return session.finish();
  }

  /**
   * Decodes frames that come bit by bit: beams and all that is known of them live on between calls of `push`, so the result is that of all frames at once.
   * @throws UniSpeechError `bad-option`.
   */
  start(options: BeamCallOptions = {}): BeamSession {
    const { input = 'logits', ...others } = options;
    checkChoice('input', input, ['logits', 'probabilities']);
    const checked = this.#checked(others, 'A call of a beam decoder');
    const { labels } = this.#parts;
    if (!labels)
      throw new UniSpeechError(
        'bad-option',
        'This beam decoder has no labels, so only a pipeline, which has a tokenizer, can use it.',
        'Give labels to createBeamDecoder(): what each column of the logits stands for.',
      );
    return new BeamSession(
      this.#search(labels, checked, { readsProbabilities: input === 'probabilities' }),
      labels.count,
      checked.bestCount,
    );
  }

  /** @throws UniSpeechError `bad-option`. */
  checkSettings(settings: object): void {
    this.#checked(settings, 'decoder_kwargs');
  }

  /** Closes the file of a language model that was opened for this decoder. One that its caller made stays open. */
  async close(): Promise<void> {
    if (this.#parts.ownsModel) await this.language_model?.close();
  }

  /** For pipelines. @throws UniSpeechError `bad-option`; `unsupported` for the vocabulary of the tokenizer. */
  create({ tokenizer, sampleRate, samplesPerFrame, timestamps, settings = {} }: DecoderOptions): Decoder {
    const checked = this.#checked(settings, 'decoder_kwargs');
    const startSearch = (vocabSize: number): BeamSearch => {
      const labels = this.#parts.labels ?? labelsOfTokenizer(tokenizer, vocabSize);
      checkColumns(labels.count, vocabSize);
      const openWordCount = checked.bestCount === undefined ? OPEN_WORDS : undefined;
      return this.#search(labels, checked, { openWordCount });
    };
    return new ClipDecoder({
      sampleRate,
      samplesPerFrame,
      timestamps,
      bestCount: checked.bestCount,
      startSearch,
    });
  }

  #checked(options: BeamOptions, where: string): CheckedBeamOptions {
    const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
    const checked = checkBeamOptions({ ...this.#parts.defaults, ...Object.fromEntries(given) }, where);
    if (checked.start && this.language_model) checkStart(checked.start, this.language_model);
    return checked;
  }

  #search(labels: LabelSet, checked: CheckedBeamOptions, more: Partial<SearchSettings>): BeamSearch {
    const { search, weights, hotwords, start, isCompatible } = checked;
    const { ngrams: model, unigrams } = this.language_model ?? {};
    const scorer = new Scorer({ model, unigrams, hotwords, weights, isCompatible });
    return new BeamSearch(labels, scorer, { readsProbabilities: false, ...search, ...more }, start);
  }
}

/** Beams of frames that come bit by bit. */
export class BeamSession {
  readonly #search: BeamSearch;
  readonly #labelCount: number;
  readonly #bestCount: number | undefined;
  #frameCount = 0;
  #isOver = false;

  constructor(search: BeamSearch, labelCount: number, bestCount: number | undefined) {
    this.#search = search;
    this.#labelCount = labelCount;
    this.#bestCount = bestCount;
  }

  /** Takes the frames that follow. @throws UniSpeechError `bad-input`, also behind `finish`. */
  push(logits: BeamInput): void {
    if (this.#isOver) throw new UniSpeechError('bad-input', 'No frames can follow behind finish().');
    const { data, frameCount, vocabSize } = framesOf(logits);
    if (frameCount > 0) checkColumns(this.#labelCount, vocabSize);
    this.#search.push(data, frameCount, this.#frameCount, 1);
    this.#frameCount += frameCount;
  }

  /** What the frames by now say if they are all: for text that is shown while a speaker goes on. */
  beams(): BeamHypothesis[] {
    return this.#search
      .hypotheses()
      .slice(0, this.#bestCount)
      .map((hypothesis) => hypothesisOf(hypothesis));
  }

  /** The result. */
  finish(): BeamHypothesis[] {
    this.#isOver = true;
    return this.beams();
  }
}

function hypothesisOf({ words, logitScore, score, context }: Hypothesis): BeamHypothesis {
  return {
    text: words.map(({ text }) => text).join(' '),
    logit_score: logitScore,
    score,
    words: words.map(({ text, start, end }: WordSpan) => ({
      word: text,
      start_offset: start,
      end_offset: end,
    })),
    lm_state: { words: context },
  };
}

function framesOf(logits: unknown): Pick<FrameLogits, 'data' | 'frameCount' | 'vocabSize'> {
  const { data, dims, ...given } = isRecord(logits) ? logits : {};
  const [vocabSize = given.vocabSize, frameCount = given.frameCount, clipCount = 1, ...others] = isListOf(
    dims,
    isCount,
  )
    ? dims.toReversed()
    : [];
  if (
    !isView(data, 'Float32Array') ||
    !isCount(frameCount) ||
    !isCount(vocabSize) ||
    data.length !== frameCount * vocabSize ||
    clipCount !== 1 ||
    others.length > 0
  )
    throw badInput('logits', logits, 'a float32 tensor [frames, labels] or { data, frameCount, vocabSize }');
  return { data, frameCount, vocabSize };
}

/** A state of another language model may have words that this one lacks. @throws UniSpeechError `bad-option`. */
function checkStart(words: readonly number[], { ngrams, order }: LanguageModel): void {
  const { wordCount } = ngrams;
  const index = words.findIndex((word) => word >= wordCount);
  if (index >= 0)
    throw badOption(
      `lm_start_state.words[${index}]`,
      words[index],
      `below ${wordCount}, the number of words of the language model`,
    );
  if (words.length >= order)
    throw badOption(
      'lm_start_state.words',
      words,
      `at most ${order - 1} words, as the language model has n-grams of at most ${order}`,
    );
}

/** @throws UniSpeechError `bad-input`. */
function checkColumns(labelCount: number, vocabSize: number): void {
  if (labelCount === vocabSize) return;
  throw new UniSpeechError(
    'bad-input',
    `The logits have ${vocabSize} columns, but the decoder has ${labelCount} labels.`,
    'Use the alphabet that belongs to the model.',
  );
}
