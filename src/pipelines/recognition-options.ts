/** The options of a speech recognition call, checked by name and value. */
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { badOption, checkBoolean, checkChoice } from '../base/option-checks.ts';
import type { BeamOptions } from '../beam/beam-options.ts';
import type { DecoderKind } from '../decode/decoder.ts';
import { type Tokenizer } from '../text/load-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../text/phoneme-tokenizer.ts';
import type { ConfidenceSettings } from '../decode/frame-scorer.ts';
import type { ClipPart } from './prepared-clip.ts';
import { type CallOptions, checkCallOptions, type CheckedCall } from './call-options.ts';
import { checkDecoderSettings } from './choose-decoder.ts';
import { checkConfidenceOptions, CONFIDENCE_NAMES, type ConfidenceOptions } from './confidence-options.ts';

/** How long audio is cut. */
export interface CutCallOptions {
  /**
   * Cut longer audio into overlapping pieces of this many seconds; 0 means one piece, however long. Default: the longest of 30, 20, 15 and 10 that the adapter
   * has memory for, and that takes at most a quarter more operations for a second of sound than the cheapest; else 5. `timing` and `progress` say which.
   */
  readonly chunk_length_s?: number | null | undefined;
  /** Seconds of a piece on both sides, or left and right, that its neighbours recognise. Default: a sixth of the piece. */
  readonly stride_length_s?: number | readonly [left: number, right: number] | null | undefined;
  /**
   * Where the frames of one piece end and those of the next one begin. `quiet`: in the quietest place of their overlap, so that a word is not cut
   * where there is a pause. `fixed`: where `stride_length_s` says, the rule of transformers. Default: `quiet`.
   */
  readonly cut?: 'quiet' | 'fixed' | undefined;
  /**
   * Where the part of a clip begins that is wanted, in seconds. WAV, AIFF and FLAC files are not read before it, where they can be read in any place: on the disk, as
   * bytes or `Blob`, and from servers with ranges; others are read and dropped. Times count from the start of the clip. Default: 0.
   */
  readonly start_s?: number | null | undefined;
  /** Where that part ends; nothing behind it is read. Default: the end of the clip. */
  readonly end_s?: number | null | undefined;
}

export interface SpeechRecognitionOptions extends CallOptions, CutCallOptions, ConfidenceOptions {
  /** Also return the times of each character (or phoneme) or each word. Default: false. */
  readonly return_timestamps?: 'char' | 'word' | false | null | undefined;
  /** Options of beam search for this call: `beam_width`, `hotwords`, `alpha`, `n_best` and the others of `unispeech-webgpu/beam`. */
  readonly decoder_kwargs?: BeamOptions | null | undefined;
  /** Also return seconds of audio and milliseconds of work. Default: false. */
  readonly return_timing?: boolean | undefined;
}

/** How clips of a call are read and cut. */
export interface CheckedCuts extends CheckedCall {
  /** 0: no chunking. Undefined: as the engine picks it. */
  readonly chunkLengthSeconds: number | undefined;
  readonly cut: 'quiet' | 'fixed';
  readonly strideSeconds: CutCallOptions['stride_length_s'];
  /** Undefined: all of a clip. */
  readonly part: ClipPart | undefined;
}

export interface CheckedOptions extends CheckedCuts {
  readonly timestamps: 'char' | 'word' | undefined;
  readonly decoderSettings: object | undefined;
  readonly returnsTiming: boolean;
  /** Undefined: the likeliest tokens are all that is needed of the model. */
  readonly confidence: ConfidenceSettings | undefined;
}

/** Four months. A larger number is meant in another unit. */
export const MAX_CHUNK_SECONDS = 1e7;

/** @throws UniSpeechError `bad-option`, or `unsupported` for words from phonemes. */
export function checkRecognitionOptions(
  options: SpeechRecognitionOptions,
  tokenizer: Tokenizer,
  decoder: DecoderKind,
): CheckedOptions {
  const names = ['return_timestamps', 'decoder_kwargs', 'return_timing', ...CONFIDENCE_NAMES];
  const checked = checkCutOptions(options, names, 'A speech recognition call');
  const { return_timing: returnsTiming = false, decoder_kwargs: decoderSettings } = options;
  checkBoolean('return_timing', returnsTiming);
  checkDecoderSettings(decoder, decoderSettings);
  return {
    ...checked,
    timestamps: checkTimestamps(options.return_timestamps, tokenizer, decoder),
    decoderSettings: decoderSettings ?? undefined,
    returnsTiming,
    confidence: checkConfidenceOptions(options, decoder),
  };
}

/**
 * @param names of the other options.
 * @param where shown in errors.
 * @throws UniSpeechError `bad-option`.
 */
export function checkCutOptions(
  options: CallOptions & CutCallOptions,
  names: readonly string[],
  where: string,
): CheckedCuts {
  const cutNames = ['chunk_length_s', 'stride_length_s', 'cut', 'start_s', 'end_s'];
  const checkedCall = checkCallOptions(options, [...names, ...cutNames], where);
  const chunkLengthSeconds = options.chunk_length_s ?? undefined;
  if (
    chunkLengthSeconds !== undefined &&
    (!Number.isFinite(chunkLengthSeconds) || chunkLengthSeconds < 0 || chunkLengthSeconds > MAX_CHUNK_SECONDS)
  )
    throw badOption(
      'chunk_length_s',
      chunkLengthSeconds,
      `a positive number of seconds of at most ${MAX_CHUNK_SECONDS}, or 0 for no chunking`,
    );
  const strideSeconds = options.stride_length_s ?? undefined;
  if (strideSeconds !== undefined) {
    if (!chunkLengthSeconds)
      throw new UniSpeechError('bad-option', 'stride_length_s is of use only with chunk_length_s.');
    const isPair = Array.isArray(strideSeconds) && strideSeconds.length === 2;
    if (![strideSeconds].flat().every(Number.isFinite) || (typeof strideSeconds !== 'number' && !isPair))
      throw badOption('stride_length_s', strideSeconds, 'a number of seconds or a pair of them');
  }
  const { cut = 'quiet' } = options;
  checkChoice('cut', cut, ['quiet', 'fixed']);
  return { ...checkedCall, chunkLengthSeconds, strideSeconds, cut, part: checkPart(options) };
}

function checkPart(options: CutCallOptions): ClipPart | undefined {
  const startSeconds = options.start_s ?? 0;
  const endSeconds = options.end_s ?? Infinity;
  if (!Number.isFinite(startSeconds) || startSeconds < 0)
    throw badOption('start_s', startSeconds, 'a number of seconds of at least 0');
  if (typeof endSeconds !== 'number' || !(endSeconds > startSeconds))
    throw badOption('end_s', endSeconds, `more seconds than start_s, ${startSeconds}`);
  return startSeconds === 0 && endSeconds === Infinity ? undefined : { startSeconds, endSeconds };
}

function checkTimestamps(
  value: unknown,
  tokenizer: Tokenizer,
  { timestamps }: DecoderKind,
): 'char' | 'word' | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (value !== 'char' && value !== 'word') {
    throw new UniSpeechError(
      'bad-option',
      `return_timestamps is ${describeValue(value)}, but CTC can predict either character or word timestamps.`,
      "Set it to 'char' or 'word' (or false).",
    );
  }
  if (value === 'word' && tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer) {
    throw new UniSpeechError(
      'unsupported',
      "return_timestamps is 'word', but this model's tokenizer is of phonemes and knows no words.",
      "Use 'char' for one entry a phoneme.",
    );
  }
  if (timestamps && !timestamps.includes(value)) {
    throw new UniSpeechError(
      'unsupported',
      `return_timestamps is '${value}', but beam search with a language model can only predict word timestamps.`,
      "Set it to 'word'.",
    );
  }
  return value;
}
