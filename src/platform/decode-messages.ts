/** What the calling thread and the threads that decode say to each other. Each file has a number of its own. */

export interface DecodeRequest {
  /** Path or `file:` URL. */
  readonly location: string;
  /** Shown in errors. */
  readonly name: string;
  /** Of the samples that come back, in Hz. */
  readonly sampleRate: number;
  readonly maxSeconds: number | undefined;
}

export type ToDecoder =
  | ({ readonly type: 'open'; readonly id: number } & DecodeRequest)
  /** So many samples were taken, so as many more may come. */
  | { readonly type: 'taken'; readonly id: number; readonly sampleCount: number }
  /** No more is wanted. The file is closed when the answer `done` or `failed` comes. */
  | { readonly type: 'stop'; readonly id: number };

/** What is known of the whole sound by now. */
interface News {
  readonly declaredSeconds: number | undefined;
  readonly warnings: readonly string[];
}

export type FromDecoder =
  | ({ readonly type: 'block'; readonly id: number; readonly samples: Float32Array } & News)
  | ({ readonly type: 'done'; readonly id: number } & News)
  | ({ readonly type: 'failed'; readonly id: number; readonly error: unknown } & News);

/** How far a thread may be ahead of whoever takes the sound of a file. */
export const MAX_SECONDS_AHEAD = 60;
