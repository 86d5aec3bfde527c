/** The decoder that takes the most likely token of each frame. Equal neighbours are merged, then blanks are dropped. */
import type { CTCDecodeOptions } from '../text/ctc-tokenizer.ts';
import { TextInParts, type TextRules } from '../text/text-in-parts.ts';
import type { WithOffsets } from '../text/tokenizer-options.ts';
import type { CharOffset, WordOffset } from '../text/word-offsets.ts';
import type { DecodedText, Decoder, DecoderOptions, WindowFrames } from './decoder.ts';
import { tokensOf } from './window-frames.ts';

/** What the tokenizers of letters and of phonemes have in common here. The latter knows no words. */
interface OffsetTokenizer extends TextRules {
  readonly pad_token_id: number | null;
  readonly word_delimiter_token_id: number | null;
  decode(
    ids: readonly number[],
    options: CTCDecodeOptions & WithOffsets,
  ): {
    readonly char_offsets: readonly CharOffset[] | null;
    readonly word_offsets?: readonly WordOffset[] | null;
  };
}

/** Equal tokens in a row. */
interface IdRun {
  readonly id: number;
  /** Where its first and its last frame begin, in samples of the clip. */
  readonly start: number;
  lastStart: number;
  /** Where a scorer asks for it; of blanks nothing. */
  worth: unknown;
}

/** Text without spaces is given in parts of about so many runs. */
const RUNS_WITHOUT_WORDS = 512;

/**
 * Gives whole words, once the delimiter behind them is there, so memory does not grow with the clip. Phonemes come one by one, and so do the
 * characters of a language that is written without spaces.
 */
export class GreedyDecoder implements Decoder {
  readonly #options: DecoderOptions;
  readonly #tokenizer: OffsetTokenizer;
  readonly #text: TextInParts;
  /** What was not given yet. */
  #runs: IdRun[] = [];
  /** Where the clip begins. */
  #origin: number | undefined;
  #hasWords = false;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#tokenizer = options.tokenizer;
    this.#text = new TextInParts(options.tokenizer);
  }

  push(frames: WindowFrames): void {
    const { frameCount, startSample } = frames;
    const { scorer } = this.#options;
    const ids = tokensOf(frames);
    if (frameCount > 0) this.#origin ??= startSample;
    let last = this.#runs.at(-1);
    for (let frame = 0; frame < frameCount; frame += 1) {
      const id = ids[frame] ?? 0;
      const start = startSample + frame * this.#options.samplesPerFrame;
      if (last?.id === id) last.lastStart = start;
      else {
        last = { id, start, lastStart: start, worth: undefined };
        this.#runs.push(last);
      }
      if (scorer && 'data' in frames && id !== this.#tokenizer.pad_token_id)
        last.worth = scorer.worthOf(frames, frame, id, last.worth);
    }
  }

  take(): DecodedText {
    const { characters, others } = this.#decode(this.#runs.splice(0, this.#finalCount()));
    return { text: this.#text.add(characters), ...others };
  }

  finish(): DecodedText {
    const { characters, others } = this.#decode(this.#runs.splice(0));
    return { text: this.#text.end(characters), ...others };
  }

  /**
   * How many runs no later frame can change. They end before a word delimiter, which separates two words, or before a blank, which separates two
   * tokens: what the tokenizer merges may have different ids.
   */
  #finalCount(): number {
    const { pad_token_id, word_delimiter_token_id, text_separator } = this.#tokenizer;
    const count = this.#runs.findLastIndex(({ id }) => id === word_delimiter_token_id);
    this.#hasWords ||= count >= 0;
    if (text_separator === '') {
      const isWithoutWords = !this.#hasWords && this.#options.timestamps !== 'word';
      if (!isWithoutWords || this.#runs.length < RUNS_WITHOUT_WORDS) return Math.max(0, count);
    }
    return Math.max(
      0,
      this.#runs.findLastIndex(({ id }) => id === pad_token_id),
    );
  }

  #decode(runs: readonly IdRun[]): {
    readonly characters: readonly string[];
    readonly others: Omit<DecodedText, 'text'>;
  } {
    const { timestamps, sampleRate, samplesPerFrame, scorer } = this.#options;
    const { char_offsets, word_offsets } = this.#tokenizer.decode(
      runs.map(({ id }) => id),
      { output_char_offsets: true, ...(timestamps === 'word' && { output_word_offsets: true }) },
    );
    const offsets = char_offsets ?? [];
    const characters = offsets.map(({ char }) => char);
    const worths = scorer ? runs.map(({ worth }) => worth) : [];
    const isDelimiter = ({ start_offset }: CharOffset): boolean =>
      runs[start_offset]?.id === this.#tokenizer.word_delimiter_token_id;
    const scores = scorer?.scoresOf(offsets, worths, isDelimiter);
    if (timestamps === undefined) return { characters, others: { ...scores } };
    const units: readonly (CharOffset | WordOffset)[] = word_offsets ?? offsets;
    const chunkScores = scorer?.chunkScores(units, offsets, worths, timestamps);
    const secondsAt = (sample = 0, more = 0): number => (sample - (this.#origin ?? 0) + more) / sampleRate;
    const chunks = units.map((unit, index) => ({
      text: 'word' in unit ? unit.word : unit.char,
      timestamp: [
        secondsAt(runs[unit.start_offset]?.start),
        secondsAt(runs[unit.end_offset - 1]?.lastStart, samplesPerFrame),
      ] as const,
      ...chunkScores?.[index],
    }));
    return { characters, others: { chunks, ...scores } };
  }
}
