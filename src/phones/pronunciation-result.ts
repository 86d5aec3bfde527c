/** What `pronunciation()` gives. Plain data: it can be sent to a worker, and written as JSON but for infinite ratios, which are null there. */
import type { Phone } from './phone-runs.ts';
import type { SegmentFeatures } from './segment-features.ts';

/** An expected phoneme. */
export interface PhonePronunciation {
  readonly text: string;
  /** Seconds, by the best alignment. Of a phoneme that was left out they say where it would have been. */
  readonly start: number;
  readonly end: number;
  /**
   * How likely this phoneme is here, if it must be this, another, or none, and everything else was said as it was heard: P(with this) / Σ P(with q, or with none),
   * 0 to 1. Where nothing else is wrong that is exp(`gop_deletion`).
   */
  readonly score: number;
  /** ln P(expected) - ln Σ P(expected with q here) over all phonemes q: GOP-SF. 0 is perfect. All other phonemes are those that are expected. */
  readonly gop: number;
  /** The same with "left out" among the rivals. */
  readonly gop_deletion: number;
  /** What fits best here: the phoneme itself, another one, or null where leaving it out does. */
  readonly heard: string | null;
  readonly error: 'substitution' | 'deletion' | null;
  /** ln P(with what was heard) - ln P(with the expected phoneme): 0 without an error, else by how much that fits better. */
  readonly log_ratio: number;
  /** With `return_features`. */
  readonly features?: PhoneFeatures;
}

/** For regressions on human scores. */
export interface PhoneFeatures extends SegmentFeatures {
  /** ln P(expected) - ln P(expected with q here), by the name of q. */
  readonly lpr: Readonly<Record<string, number>>;
  /** ln P(expected) - ln P(expected without this phoneme). */
  readonly lpr_deletion: number;
}

/** A phoneme that was said, but not expected. */
export interface InsertedPhone extends Phone {
  /** The index of the expected phoneme in front of which it was heard; their number where it was behind the last. */
  readonly before: number;
}

/** An expected word. Files of timed words take these as they are. */
export interface WordPronunciation {
  readonly text: string;
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  /** Σ scores of its phonemes / (their number + Σ scores of the insertions between them), 0 to 1. */
  readonly score: number;
  /** Mean of its phonemes. */
  readonly gop: number;
  /** Its phonemes in `phones`: `[first, behind the last]`. */
  readonly phones: readonly [first: number, end: number];
}

export interface PronunciationResult {
  /** Σ scores of the phonemes / (their number + Σ scores of the insertions), 0 to 1. */
  readonly score: number;
  /** Mean of the phonemes. */
  readonly gop: number;
  /** ln P(expected | audio), over all alignments. */
  readonly log_prob: number;
  /** What the model hears without knowing what is expected, separated by spaces. */
  readonly heard: string;
  readonly words: readonly WordPronunciation[];
  readonly phones: readonly PhonePronunciation[];
  readonly insertions: readonly InsertedPhone[];
  /** Of the clip. */
  readonly seconds: number;
  /** Only if part of the clip's file is damaged or missing, or if there are too many errors to find them all. */
  readonly warnings?: readonly string[];
}
