/** The last step of speech recognition: makes the result of a call from the decoded clip. Pure. */
import type { TimedText } from '../base/timed-text.ts';
import type { DecodedText } from '../decode/decoder.ts';
import type { PreparedClip } from './audio-source.ts';

export interface SpeechRecognitionOutput {
  readonly text: string;
  /** With `return_timestamps`. Characters include the spaces between words. */
  readonly chunks?: readonly TimedText[];
  /** With `return_timing`. */
  readonly timing?: {
    readonly audio_seconds: number;
    /** Milliseconds from samples to token ids. In a batch this is the clip's share by length. */
    readonly run_milliseconds: number;
  };
  /** Only if part of the clip's file is damaged or missing: says which part, and what replaces it. */
  readonly warnings?: readonly string[];
}

/** A recognised clip without its text. */
export interface RecognizedClip {
  readonly clip: Pick<PreparedClip, 'samples' | 'passThrough' | 'warnings'>;
  readonly pieceCount: number;
  /** Milliseconds from samples to token ids. */
  readonly milliseconds: number;
}

/**
 * The caller's keys become lists with an entry per piece, as in the reference. They never replace keys of the result.
 * @param timedRate sample rate in Hz, if the result must include the timing.
 */
export function assembleOutput(
  { clip, pieceCount, milliseconds }: RecognizedClip,
  decoded: DecodedText,
  timedRate: number | undefined,
): SpeechRecognitionOutput {
  const { samples, passThrough, warnings = [] } = clip;
  const passedThrough = Object.entries(passThrough).map(
    ([key, value]) => [key, new Array<unknown>(pieceCount).fill(value)] as const,
  );
  const own = {
    ...decoded,
    ...(timedRate && {
      timing: { audio_seconds: samples.length / timedRate, run_milliseconds: milliseconds },
    }),
    ...(warnings.length > 0 && { warnings }),
  };
  return { ...own, ...Object.fromEntries(passedThrough), ...own };
}
