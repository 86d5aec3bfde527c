/** What a queue of clips is, for its callers and for its recogniser. */
import { UniSpeechError } from '../base/errors.ts';
import type { QueuedClipOptions } from './queue-options.ts';
import type { RecognitionParts } from './read-clip.ts';
import type { CheckedOptions, SpeechRecognitionOptions } from './recognition-options.ts';
import type { SpeechRecognitionOutput, SpeechRecognitionPart } from './recognition-output.ts';

/** A clip in a queue. */
export interface QueuedClip<Output = SpeechRecognitionOutput> {
  /** What is final, as it comes; all of it is kept for whoever begins to read later. To be read once. Fails as `result` does. */
  readonly parts: AsyncIterable<SpeechRecognitionPart>;
  /** Rejects with the clip's error, or the reason of its signal. */
  readonly result: Promise<Output>;
}

/** A queue for clips that come one by one. */
export interface RecognitionQueue {
  /** How many clips are in the queue, and how many of their pieces wait for a batch. */
  readonly waiting: { readonly clips: number; readonly pieces: number };

  /**
   * Recognises a clip. Its result is the same, to the letter, whatever else is in the queue.
   * @param audio as for a call of the recogniser. Samples must not change before the result is there.
   * @throws UniSpeechError `bad-option`; `disposed` after `close()`. Everything else rejects `result`.
   */
  add(audio: unknown, options?: QueuedClipOptions): QueuedClip;

  /** Takes no more clips. Resolves when those that it has are over. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The error for a clip that comes too late. */
export const queueClosed = (): UniSpeechError =>
  new UniSpeechError('disposed', 'The queue was closed, so it takes no more clips.', 'Make a new one.');

/** What a queue needs of its recogniser. */
export interface QueueHost {
  readonly parts: () => RecognitionParts;
  readonly check: (options: SpeechRecognitionOptions) => CheckedOptions;
  /** Waits for a change of language, and holds back the next one until the returned function is called. */
  readonly hold: (signal: AbortSignal) => Promise<() => void>;
  readonly limits: () => {
    readonly isOfOneLength: boolean;
    readonly sampleRate: number;
    readonly seconds: number;
  };
}
