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
    const ids = tokensOf(frames);
    if (frameCount > 0) this.#origin ??= startSample;
    let last = this.#runs.at(-1);
    for (let frame = 0; frame < frameCount; frame += 1) {
      const id = ids[frame] ?? 0;
      const start = startSample + frame * this.#options.samplesPerFrame;
      if (last?.id === id) last.lastStart = start;
      else {
        last = { id, start, lastStart: start };
        this.#runs.push(last);
      }
    }
  }

  take(): DecodedText {
    const { characters, chunks } = this.#decode(this.#runs.splice(0, this.#finalCount()));
    return { text: this.#text.add(characters), ...chunks };
  }

  finish(): DecodedText {
    const { characters, chunks } = this.#decode(this.#runs.splice(0));
    return { text: this.#text.end(characters), ...chunks };
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
    readonly chunks: Pick<DecodedText, 'chunks'>;
  } {
    const { timestamps, sampleRate, samplesPerFrame } = this.#options;
    const { char_offsets, word_offsets } = this.#tokenizer.decode(
      runs.map(({ id }) => id),
      { output_char_offsets: true, ...(timestamps === 'word' && { output_word_offsets: true }) },
    );
    const characters = (char_offsets ?? []).map(({ char }) => char);
    if (timestamps === undefined) return { characters, chunks: {} };
    const units: readonly (CharOffset | WordOffset)[] = word_offsets ?? char_offsets ?? [];
    const secondsAt = (sample = 0, more = 0): number => (sample - (this.#origin ?? 0) + more) / sampleRate;
    const chunks = units.map((unit) => ({
      text: 'word' in unit ? unit.word : unit.char,
      timestamp: [
        secondsAt(runs[unit.start_offset]?.start),
        secondsAt(runs[unit.end_offset - 1]?.lastStart, samplesPerFrame),
      ] as const,
    }));
    return { characters, chunks: { chunks } };
  }
}
