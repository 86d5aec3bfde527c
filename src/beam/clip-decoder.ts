/** Decodes one clip, window by window: beams live on from one to the next, so windows are as good as the whole. */
import type {
  DecodedText,
  Decoder,
  DecoderOptions,
  RecognizedAlternative,
  WindowFrames,
} from '../decode/decoder.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { TimedText } from '../base/timed-text.ts';
import type { BeamSearch } from './beam-search.ts';
import type { Hypothesis, WordSpan } from './hypothesis.ts';

export interface ClipDecoderOptions extends Pick<
  DecoderOptions,
  'sampleRate' | 'samplesPerFrame' | 'timestamps'
> {
  /** How many alternatives are given; undefined for none. */
  readonly bestCount: number | undefined;
  /** @throws UniSpeechError where the columns of logits are not those of the labels. */
  readonly startSearch: (vocabSize: number) => BeamSearch;
}

export class ClipDecoder implements Decoder {
  readonly #options: ClipDecoderOptions;
  #search: BeamSearch | undefined;
  /** Where the clip begins. */
  #origin: number | undefined;

  constructor(options: ClipDecoderOptions) {
    this.#options = options;
  }

  push(frames: WindowFrames): void {
    if ('ids' in frames)
      throw new UniSpeechError('bad-input', 'Beam search needs the logits of frames, and got their tokens.');
    const { data, frameCount, vocabSize, startSample } = frames;
    if (frameCount === 0) return;
    this.#search ??= this.#options.startSearch(vocabSize);
    this.#origin ??= startSample;
    this.#search.push(data, frameCount, startSample - this.#origin, this.#options.samplesPerFrame);
  }

  take(): DecodedText {
    const search = this.#search;
    if (!search) return this.#part([], 0);
    const { timestamps, bestCount } = this.#options;
    const before = search.takenCount;
    return this.#part(search.take(timestamps !== undefined, bestCount !== undefined), before);
  }

  finish(): DecodedText {
    const search = this.#search;
    const { bestCount } = this.#options;
    if (!search) return { ...this.#part([], 0), ...(bestCount !== undefined && { n_best: [] }) };
    const before = search.takenCount;
    if (bestCount === undefined) return this.#part(search.hypotheses(before)[0]?.words ?? [], before);
    const hypotheses = search.hypotheses().slice(0, bestCount);
    return {
      ...this.#part(hypotheses[0]?.words.slice(before) ?? [], before),
      n_best: hypotheses.map((hypothesis) => this.#alternative(hypothesis)),
    };
  }

  #part(words: readonly WordSpan[], countBefore: number): DecodedText {
    const text = words.map((word) => word.text).join(' ');
    return {
      text: countBefore > 0 && words.length > 0 ? ` ${text}` : text,
      ...(this.#options.timestamps !== undefined && { chunks: this.#timed(words) }),
    };
  }

  #alternative({ words, score, logitScore }: Hypothesis): RecognizedAlternative {
    return {
      text: words.map((word) => word.text).join(' '),
      score,
      logit_score: logitScore,
      words: this.#timed(words),
    };
  }

  #timed(words: readonly WordSpan[]): TimedText[] {
    const { sampleRate } = this.#options;
    return words.map(({ text, start, end }) => ({ text, timestamp: [start / sampleRate, end / sampleRate] }));
  }
}
