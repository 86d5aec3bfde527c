/** The decoder that takes the most likely token of each frame. Equal neighbours are merged, then blanks are dropped. */
import type { CTCDecodeOptions } from '../text/ctc-tokenizer.ts';
import type { WithOffsets } from '../text/tokenizer-options.ts';
import type { CharOffset, WordOffset } from '../text/word-offsets.ts';
import { argmaxRows } from './argmax.ts';
import type { DecodedText, Decoder, DecoderOptions, FrameLogits } from './decoder.ts';

/** What the tokenizers of letters and of phonemes have in common here. The latter knows no words. */
interface OffsetTokenizer {
  decode(ids: readonly number[]): string;
  decode(
    ids: readonly number[],
    options: CTCDecodeOptions & WithOffsets,
  ): {
    readonly text: string;
    readonly char_offsets: readonly CharOffset[] | null;
    readonly word_offsets?: readonly WordOffset[] | null;
  };
}

export class GreedyDecoder implements Decoder {
  readonly #options: DecoderOptions;
  /** The best token of each frame, and the sample at which the frame begins. */
  readonly #ids: number[] = [];
  readonly #frameStarts: number[] = [];

  constructor(options: DecoderOptions) {
    this.#options = options;
  }

  push({ data, frameCount, vocabSize, startSample }: FrameLogits): void {
    argmaxRows(data, frameCount, vocabSize).forEach((id, frame) => {
      this.#ids.push(id);
      this.#frameStarts.push(startSample + frame * this.#options.samplesPerFrame);
    });
  }

  finish(): DecodedText {
    const { timestamps, sampleRate, samplesPerFrame } = this.#options;
    const tokenizer: OffsetTokenizer = this.#options.tokenizer;
    if (timestamps === undefined) return { text: tokenizer.decode(this.#ids) };
    const { text, char_offsets, word_offsets } = tokenizer.decode(
      this.#ids,
      timestamps === 'word' ? { output_word_offsets: true } : { output_char_offsets: true },
    );
    const units: readonly (CharOffset | WordOffset)[] = word_offsets ?? char_offsets ?? [];
    const [origin = 0] = this.#frameStarts;
    const secondsAt = (frame: number, samples = 0): number =>
      ((this.#frameStarts[frame] ?? origin) - origin + samples) / sampleRate;
    return {
      text,
      chunks: units.map((unit) => ({
        text: 'word' in unit ? unit.word : unit.char,
        timestamp: [secondsAt(unit.start_offset), secondsAt(unit.end_offset - 1, samplesPerFrame)],
      })),
    };
  }
}
