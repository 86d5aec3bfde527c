/** Decides window by window how sound is cut while it comes. Pure: it reads samples, but keeps none. */
import { chunkAt, type ChunkGrid, keptFrames } from './chunking.ts';
import type { QuietCut } from './quiet-cut.ts';

/** A part of a clip that the model runs on as a whole. */
export interface PlannedWindow {
  /** In samples of the clip. */
  readonly start: number;
  readonly length: number;
  /** The frames that count, `[from, to)`. Neighbouring windows recognise the others, which are only context here. */
  readonly kept: readonly [from: number, to: number];
  /** The frames that count in the next window as well, until it is known which of both says what. */
  readonly overlap?: Overlap;
}

/** The end of a window, which the next one recognises as well. */
export interface Overlap {
  /** Its first frame in this window, which is the first of the next one. */
  readonly first: number;
  /** How loud it is where the next window may take over: before each frame from `first` on, and behind the last. */
  readonly levels: Float64Array;
  /** Where it takes over if nothing speaks for another place, counted from `first`. */
  readonly wanted: number;
  readonly chooseSeam: QuietCut['chooseSeam'];
}

/** The sound by now. */
export interface HeardSound {
  readonly count: number;
  slice(start: number, end: number): Float32Array;
}

export interface WindowOptions {
  /** Undefined: the clip is one window, however long. */
  readonly grid: ChunkGrid | undefined;
  /** `quiet` leaves the cut open within the overlap of two windows, `fixed` is the rule of transformers. */
  readonly cut: 'quiet' | 'fixed';
  /** Samples at the ends of a clip that is one window that are only context. */
  readonly stride?: readonly [left: number, right: number] | undefined;
  readonly sampleRate: number;
  readonly samplesPerFrame: number;
  /** How many frames the model gives for a window. */
  readonly frameCountOf: (sampleCount: number) => number;
}

const WHOLE: ChunkGrid = { length: Infinity, strideLeft: 0, strideRight: 0, step: Infinity };

export class WindowPlanner {
  readonly #options: WindowOptions;
  readonly #grid: ChunkGrid;
  readonly #quietCut: QuietCut | undefined;
  #start = 0;
  #isDone = false;

  /** @param quietCut not needed for a clip that is one window, nor for fixed cuts. */
  constructor(options: WindowOptions, quietCut?: QuietCut) {
    this.#options = options;
    this.#quietCut = quietCut;
    this.#grid = options.grid ?? WHOLE;
  }

  /** Samples before this are no longer needed. */
  get start(): number {
    return this.#start;
  }

  /** The next window; undefined where there is none, or where it takes more sound to tell. */
  next(heard: HeardSound, hasEnded: boolean): PlannedWindow | undefined {
    const chunk = this.#isDone ? undefined : chunkAt(this.#grid, this.#start, heard.count, hasEnded);
    if (!chunk) return undefined;
    const { cut, stride, samplesPerFrame, frameCountOf } = this.#options;
    const { start, length, isLast } = chunk;
    const frameCount = frameCountOf(length);
    this.#start += this.#grid.step;
    this.#isDone = isLast;
    if (stride) {
      const [strideLeft, strideRight] = stride;
      return {
        start,
        length,
        kept: keptFrames({ start, length, strideLeft, strideRight }, samplesPerFrame, frameCount),
      };
    }
    // A clip that is one window loses nothing to a rule of several.
    if (isLast && start === 0) return { start, length, kept: [0, frameCount] };
    if (cut === 'fixed') return { start, length, kept: keptFrames(chunk, samplesPerFrame, frameCount) };
    if (isLast) return { start, length, kept: [0, frameCount] };
    return { start, length, kept: [0, frameCount], overlap: this.#overlap(heard, start, frameCount) };
  }

  #overlap(heard: HeardSound, start: number, frameCount: number): Overlap {
    const { sampleRate, samplesPerFrame } = this.#options;
    const { length, step, strideRight } = this.#grid;
    if (!this.#quietCut) throw new Error('windows that overlap need quiet cuts');
    const { levelsOf, chooseSeam } = this.#quietCut;
    const first = Math.min(step / samplesPerFrame, frameCount);
    const last = frameCount - first;
    const samples = heard.slice(start + step, start + length);
    return {
      first,
      levels: levelsOf(samples, last, { sampleRate, samplesPerFrame }),
      wanted: Math.min(Math.max(0, (length - strideRight) / samplesPerFrame - first), last),
      chooseSeam,
    };
  }
}
