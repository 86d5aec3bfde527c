/**
 * The interface between the model and the text. A decoder takes the logits of one clip, or only the tokens that they choose, window by window, and gives
 * its text in parts as they become final. It keeps its own state between windows.
 */
import type { TimedText } from '../base/timed-text.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import type { CharOffset } from '../text/word-offsets.ts';

/** The logits of one window: frames that follow each other in the clip. */
export interface FrameLogits {
  /** `[frameCount, vocabSize]`, row-major, as the model gives them: no softmax. */
  readonly data: Float32Array;
  readonly frameCount: number;
  readonly vocabSize: number;
  /** Where the first frame begins, in samples of the clip. */
  readonly startSample: number;
}

/** The most likely tokens of one window, as the GPU chooses them. */
export interface FrameTokens {
  /** One for each frame; -1 where the logits are NaN. */
  readonly ids: Float32Array;
  readonly frameCount: number;
  /** Where the first frame begins, in samples of the clip. */
  readonly startSample: number;
}

export type WindowFrames = FrameLogits | FrameTokens;

/** Properties that are the same for all windows of a clip. */
export interface DecoderOptions {
  readonly tokenizer: Tokenizer;
  /** Of the clip, in Hz. */
  readonly sampleRate: number;
  /** How far apart frames begin: `samplesPerOutputFrame` of the model. */
  readonly samplesPerFrame: number;
  /** The units whose times are given; undefined for text alone. */
  readonly timestamps: 'char' | 'word' | undefined;
  /** What a call asks of the decoder, by the names that it gives to its options. */
  readonly settings?: object | undefined;
  /** Where a call asks for confidences or log probabilities of a decoder that `measures`. Windows are logits then, whatever it reads. */
  readonly scorer?: ConfidenceScorer | undefined;
}

/** One of the texts that a clip may say. */
export interface RecognizedAlternative {
  readonly text: string;
  /** The score by which they are ordered: log p of the sound, with what the words are worth. */
  readonly score: number;
  /** log p of the sound alone. */
  readonly logit_score: number;
  readonly words: readonly TimedText[];
}

/** How sure the model is of a text. */
export interface TextConfidence {
  /** 0 to 1; null for a text without characters. */
  readonly value: number | null;
  /** Of this text and another behind it. */
  joined(other: TextConfidence): TextConfidence;
}

/** A token that was decoded: one for each run of equal tokens, without blanks. */
export interface TokenLogprob {
  /** As the text has it: the token between words is a space. */
  readonly token: string;
  /** Natural logarithm of the largest probability that a frame gives it. */
  readonly logprob: number;
  /** The token in UTF-8. */
  readonly bytes: readonly number[];
}

/** What a decoder asks for confidences. Its code is loaded only where they are wanted. @typeParam Worth what it says of the frames of a token. */
export interface ConfidenceScorer<Worth = unknown> {
  /** @param before of the same token, so far. @throws UniSpeechError `bad-input` where the logits of the frame are NaN or have no softmax. */
  worthOf(frames: FrameLogits, frame: number, token: number, before: Worth | undefined): Worth;
  /**
   * @param characters in order; their offsets count `worths`.
   * @param worths one for each run of tokens, undefined for blanks.
   * @param isDelimiter of words: it belongs to none of them.
   */
  scoresOf(
    characters: readonly CharOffset[],
    worths: readonly (Worth | undefined)[],
    isDelimiter: (character: CharOffset) => boolean,
  ): Pick<DecodedText, 'confidence' | 'logprobs'>;
  /**
   * What chunks have beside their texts and times: each of the characters between its offsets.
   * @param units in order; characters themselves, or words.
   */
  chunkScores(
    units: readonly Pick<CharOffset, 'start_offset' | 'end_offset'>[],
    characters: readonly CharOffset[],
    worths: readonly (Worth | undefined)[],
    kind: 'char' | 'word',
  ): readonly Pick<TimedText, 'confidence'>[];
}

export interface DecodedText {
  readonly text: string;
  /** Where times were asked for. They count from the first frame that was pushed. */
  readonly chunks?: readonly TimedText[];
  /** Texts of the whole clip, the likeliest first, where they were asked for. Only the last part has them. */
  readonly n_best?: readonly RecognizedAlternative[];
  /** Of the characters, without spaces; where confidences were asked for. */
  readonly confidence?: TextConfidence;
  /** Of the tokens, spaces among them; where they were asked for. */
  readonly logprobs?: readonly TokenLogprob[];
}

/** @typeParam Part what it gives: text, unless it says otherwise. */
export interface Decoder<Part = DecodedText> {
  /**
   * Takes the next window, as its `DecoderKind` reads it. Its frames are decoded behind those of the windows before it, so windows must not overlap.
   * @throws UniSpeechError `bad-input` where a logit of a frame is NaN.
   */
  push(frames: WindowFrames): void;
  /** What is final by now, whatever windows follow, and was not taken before. A decoder may give nothing until the end. */
  take(): Part;
  /** The rest; to be called once. The texts of all parts, put together as they are, are the text of the clip, and so are the chunks. */
  finish(): Part;
}

/** Makes the decoder of one clip, and says what the model must give for it: of tokens 4 bytes a frame are read back, of logits 4 for each token. */
export interface DecoderKind<Part = DecodedText> {
  readonly reads: 'tokens' | 'logits';
  /** The units that it knows the times of. Default: all that the tokenizer has. */
  readonly timestamps?: readonly ('char' | 'word')[];
  /** Whether it takes a scorer. */
  readonly measures?: boolean;
  /** Checks the settings of a call; undefined where it has none. @throws UniSpeechError `bad-option`. */
  readonly checkSettings?: (settings: object) => void;
  readonly create: (options: DecoderOptions) => Decoder<Part>;
  /** Closes the files that it opened itself; undefined where it has none. */
  readonly close?: () => Promise<void>;
}
