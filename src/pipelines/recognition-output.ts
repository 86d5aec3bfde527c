/** The last step of speech recognition: what was decoded becomes the result of a call. Pure. */
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
    /** From samples to token ids; of a batch, the clip's share by length. */
    readonly run_milliseconds: number;
  };
  /** Only where part of the clip's file is damaged or missing: what, and what stands for it. */
  readonly warnings?: readonly string[];
}

/** A clip that was recognised, beside its text. */
export interface RecognizedClip {
  readonly clip: Pick<PreparedClip, 'samples' | 'passThrough' | 'warnings'>;
  readonly pieceCount: number;
  /** From samples to token ids. */
  readonly milliseconds: number;
}

/**
 * Keys of the caller's become lists with an entry per piece, as in the reference; they never replace those of the result.
 * @param timedRate of the samples, in Hz, where the result is to have the timing.
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
