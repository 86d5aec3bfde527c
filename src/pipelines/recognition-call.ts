/** How a recogniser is called, and with which options for many clips. */
import type { AudioSource } from './audio-source.ts';
import type { AudioObject } from './memory-source.ts';
import type { SpeechRecognitionOptions } from './recognition-options.ts';
import type { RecognitionProgress, SpeechRecognitionOutput } from './recognition-output.ts';

/** The other keys of an audio object. As in the reference, each becomes a list with one entry per piece. */
export type PassedThrough<S> = S extends AudioObject
  ? { readonly [K in Exclude<keyof S, ConsumedKey>]: readonly S[K][] }
  : unknown;
type ConsumedKey = keyof AudioObject | keyof SpeechRecognitionOutput;

/** `recognizer(audio, options)`. A list of clips gives a list of results. */
export interface SpeechRecognitionCall {
  <S extends AudioSource>(
    audio: S,
    options?: SpeechRecognitionOptions,
  ): Promise<SpeechRecognitionOutput & PassedThrough<S>>;
  <S extends AudioSource>(
    audio: readonly S[],
    options?: SpeechRecognitionOptions,
  ): Promise<(SpeechRecognitionOutput & PassedThrough<S>)[]>;
}

/** Options of `each`. `batch_size` is the most clips of a batch; default: as many as the adapter has memory for. */
export interface EachOptions extends SpeechRecognitionOptions {
  /** Whether results come in the order of the clips, or as they finish. Default: true. */
  readonly ordered?: boolean | undefined;
  /** Called for clips that are longer than a piece, whenever one of their pieces is recognised. */
  readonly progress_callback?:
    | ((progress: RecognitionProgress & { readonly index: number }) => void)
    | undefined;
}
