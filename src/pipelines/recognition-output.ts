/** What speech recognition gives: the result of a clip, and the parts of one while it is recognised. Pure. */
import type { TimedText } from '../base/timed-text.ts';
import type { DecodedText, RecognizedAlternative, TokenLogprob } from '../decode/decoder.ts';

export interface SpeechRecognitionOutput {
  readonly text: string;
  /** With `return_timestamps`. Characters include the spaces between words. */
  readonly chunks?: readonly TimedText[];
  /** With `n_best` of beam search: texts of the clip, the likeliest first. */
  readonly n_best?: readonly RecognizedAlternative[];
  /** With `return_confidence`: how sure the model is of the text, 0 to 1; null where there is none. */
  readonly confidence?: number | null;
  /** With `return_logprobs`: one entry for each token before they are polished to text, spaces included. */
  readonly logprobs?: readonly TokenLogprob[];
  /** With `return_timing`. */
  readonly timing?: {
    readonly audio_seconds: number;
    /** Milliseconds from samples to token ids. In a batch this is the clip's share by length. */
    readonly run_milliseconds: number;
    /** Into pieces of how many seconds longer audio was cut; 0 if it was one piece, however long. */
    readonly chunk_length_s: number;
  };
  /** Only if part of the clip's file is damaged or missing: says which part, and what replaces it. */
  readonly warnings?: readonly string[];
}

/** How far the recognition of a clip is, or of the part of it that is asked for: seconds count from its start. */
export interface RecognitionProgress {
  /** How much of the clip is recognised. The words at its end may not be final. */
  readonly seconds: number;
  /** The clip's length, where it is known by now. */
  readonly total_seconds?: number;
  /** Seconds of the clip for each second of work: 100 is a hundred times faster than the sound plays. */
  readonly rate: number;
  /** As `timing` has it. */
  readonly chunk_length_s: number;
}

/**
 * A part of a result: what has become final. The texts of all parts, put together as they are, are the text of the clip, and so are the
 * chunks.
 */
export interface SpeechRecognitionPart {
  readonly text: string;
  /** With `return_timestamps`. */
  readonly chunks?: readonly TimedText[];
  /** With `n_best` of beam search, in the last part: texts of the whole clip. */
  readonly n_best?: readonly RecognizedAlternative[];
  /** With `return_confidence`: of this part; null where it has no text. */
  readonly confidence?: number | null;
  /** With `return_logprobs`. */
  readonly logprobs?: readonly TokenLogprob[];
  readonly progress: RecognitionProgress;
  /** What has been found damaged or missing since the last part. */
  readonly warnings?: readonly string[];
}

/** A recognised clip. */
export interface RecognizedClip extends Pick<SpeechRecognitionOutput, 'timing' | 'warnings'> {
  readonly decoded: ShownText;
  readonly pieceCount: number;
  /** Other keys of the caller's object. */
  readonly passThrough: Readonly<Record<string, unknown>>;
}

/** What a result says of the text, before what belongs to its clip. */
export type ShownText = Pick<
  SpeechRecognitionOutput,
  'text' | 'chunks' | 'confidence' | 'logprobs' | 'n_best'
>;

/** The result of all parts. */
export function joinParts(parts: readonly DecodedText[]): DecodedText {
  const hasChunks = parts.some(({ chunks }) => chunks !== undefined);
  const hasLogprobs = parts.some(({ logprobs }) => logprobs !== undefined);
  const confidences = parts.flatMap(({ confidence }) => confidence ?? []);
  const { n_best } = parts.at(-1) ?? {};
  return {
    text: parts.map(({ text }) => text).join(''),
    ...(hasChunks && { chunks: parts.flatMap(({ chunks }) => chunks ?? []) }),
    ...(confidences.length > 0 && { confidence: confidences.reduce((first, next) => first.joined(next)) }),
    ...(hasLogprobs && { logprobs: parts.flatMap(({ logprobs }) => logprobs ?? []) }),
    ...(n_best && { n_best }),
  };
}

/** Confidences as numbers. */
export const shownText = ({ confidence, ...text }: DecodedText): ShownText => ({
  ...text,
  ...(confidence && { confidence: confidence.value }),
});

/** With times that count from the start of the clip. @param startSeconds where the sound begins in it. */
export function inClip<Text extends Pick<DecodedText, 'chunks' | 'n_best'>>(
  decoded: Text,
  startSeconds: number,
): Text {
  if (startSeconds === 0) return decoded;
  const later = (texts: readonly TimedText[]): TimedText[] =>
    texts.map((timed) => ({
      ...timed,
      timestamp: [timed.timestamp[0] + startSeconds, timed.timestamp[1] + startSeconds],
    }));
  const { chunks, n_best: best } = decoded;
  return {
    ...decoded,
    ...(chunks && { chunks: later(chunks) }),
    ...(best && { n_best: best.map((each) => ({ ...each, words: later(each.words) })) }),
  };
}

/** The caller's keys become lists with an entry per piece, as in the reference. They never replace keys of the result. */
export function assembleOutput({
  decoded,
  pieceCount,
  passThrough,
  timing,
  warnings = [],
}: RecognizedClip): SpeechRecognitionOutput {
  const passedThrough = Object.entries(passThrough).map(
    ([key, value]) => [key, new Array<unknown>(pieceCount).fill(value)] as const,
  );
  const own = {
    ...decoded,
    ...(timing && { timing }),
    ...(warnings.length > 0 && { warnings }),
  };
  return { ...own, ...Object.fromEntries(passedThrough), ...own };
}
