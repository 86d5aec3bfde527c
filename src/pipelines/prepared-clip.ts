/** What pipelines make of audio before the feature extractor, and how. */

/** One clip, ready for the feature extractor. */
export interface PreparedClip {
  /** Shown in errors. */
  readonly name: string;
  /** Mono, at the model's rate, finite, at least one. */
  readonly samples: Float32Array;
  /** Strides in samples at the model's rate. */
  readonly stride: readonly [left: number, right: number] | undefined;
  readonly passThrough: Readonly<Record<string, unknown>>;
  /** Sentences about damaged or missing parts of its file. Each begins with the name. */
  readonly warnings?: readonly string[] | undefined;
}

export interface PrepareOptions {
  /** Position in a list of clips; undefined for a single one. */
  readonly position?: { readonly index: number; readonly count: number } | undefined;
  /** Shown in errors. Default: the name of the file, or the position. */
  readonly name?: string | undefined;
  /** The model's sample rate in Hz. */
  readonly sampleRate: number;
  /** Maximum duration of files. Longer ones are an error. */
  readonly maxSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The part of the clip that is asked for, in seconds; all of it by default. */
  readonly part?: ClipPart | undefined;
  /** Whether a file may be decoded ahead, in a thread of its own, because the caller works on what comes: on one file, or on many. */
  readonly ahead?: 'one' | 'many' | undefined;
}

export interface ClipPart {
  readonly startSeconds: number;
  /** Infinity: to the end. */
  readonly endSeconds: number;
}
