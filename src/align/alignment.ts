/** What `align` gives. Times are seconds of the audio; offsets of characters count UTF-16 units of the text. */
import type { UnalignedText } from './alignment-text.ts';
import type { BoundaryMode } from './align-options.ts';

export interface AlignedToken {
  /** The label; the number of labels for a star. */
  readonly id: number;
  /** As the model spells it; `*` for a star. */
  readonly text: string;
  /** Of its frames, whatever `boundaries` says. */
  readonly start: number;
  readonly end: number;
  readonly start_frame: number;
  /** Behind the last one. */
  readonly end_frame: number;
  /** The mean probability of its frames, from 0 to 1; null for a star. */
  readonly score: number | null;
  /** The mean of the natural logarithms of these probabilities; null for a star. */
  readonly log_prob: number | null;
  readonly char_start: number;
  readonly char_end: number;
  /** The index of its word; null between words. */
  readonly word: number | null;
}

/** A run of characters without white space, as the text has it. */
export interface AlignedWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The mean of its tokens' scores, weighted by their lengths; null where it has none, or only stars. */
  readonly score: number | null;
  readonly char_start: number;
  readonly char_end: number;
  /** The index of its first token, and how many it has. */
  readonly first_token: number;
  readonly token_count: number;
  /** It has no tokens: its time is that between its neighbours. */
  readonly inferred?: true;
}

export interface AlignedUtterance {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** As that of a word. */
  readonly score: number | null;
  /** How sure the worst 0.6 s of it are, from 0 to 1: low where text and audio part. Null without tokens. */
  readonly confidence: number | null;
  readonly char_start: number;
  readonly char_end: number;
  /** The index of its first word, and how many it has. */
  readonly first_word: number;
  readonly word_count: number;
}

/** Speech that the text lacks. */
export interface UntranscribedAudio {
  readonly start: number;
  readonly end: number;
  /** What the model reads there. */
  readonly text: string;
}

export interface Alignment {
  readonly text: string;
  /** In order; starts never go back. */
  readonly words: readonly AlignedWord[];
  readonly tokens: readonly AlignedToken[];
  readonly utterances: readonly AlignedUtterance[];
  /** Characters that no token stands for. */
  readonly unaligned: readonly UnalignedText[];
  readonly untranscribed: readonly UntranscribedAudio[];
  /** As that of a word, of all words. */
  readonly score: number | null;
  /** The sum of the log probabilities of the path. */
  readonly log_prob: number;
  readonly boundaries: BoundaryMode;
  /** Of the audio, in seconds. */
  readonly duration: number;
  readonly frames: number;
  /** Only if part of the audio is damaged or missing. */
  readonly warnings?: readonly string[];
}
