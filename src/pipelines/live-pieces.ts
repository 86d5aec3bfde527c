/** Pieces of clips that come and go while the model works: which run next, and which clips may bring more. Knows no model. */
import { chooseBatch, type Sized } from './piece-batches.ts';

export interface LiveLimits {
  readonly maxItems: number;
  /** Of a batch, padding included. A longer piece runs alone. */
  readonly maxSamples: number;
  /** Pieces of different lengths do not share a batch. */
  readonly isOfOneLength: boolean;
  /** So long a batch that is not full waits for more while another one runs. */
  readonly lingerMilliseconds: number;
}

/** Pieces that a clip may have here, however long: one runs, and one is ready when that ends. */
const PIECES_AHEAD = 2;
/** More pieces of a clip may wait while all that wait are no more than so many full batches. */
const POOL_BATCHES = 2;

/** What one clip has in the pool, and when it is its turn. */
export class ClipShare {
  /** Clips of low priority wait while others have pieces. */
  readonly isLow: boolean;
  /** When the next piece of the clip is due: how many samples others were given since it came, at most. */
  nextTurn = 0;
  /** Samples that the clip has brought by now. */
  broughtSamples = 0;
  /** Pieces that wait or run, and their samples. */
  pieceCount = 0;
  sampleCount = 0;
  /** No more pieces come, and none may run. */
  isClosed = false;

  constructor({ isLow = false } = {}) {
    this.isLow = isLow;
  }
}

interface DuePiece<Piece> extends Sized {
  readonly piece: Piece;
  readonly share: ClipShare;
  readonly turn: number;
  /** Samples of the clip before this piece. */
  readonly servedSamples: number;
}

/** Of pieces that are due at once, that of the clip which had least comes first; of equals the one that came first. */
const isBefore = (a: DuePiece<unknown>, b: DuePiece<unknown>): boolean =>
  a.share.isLow === b.share.isLow
    ? a.turn < b.turn || (a.turn === b.turn && a.servedSamples < b.servedSamples)
    : b.share.isLow;

/**
 * The next batch has the piece whose turn it is, and those nearest to it in length. The clips take turns as in fair queueing (Demers, Keshav and Shenker
 * 1989): a clip that has just come is due now, and each of its pieces is due when every other clip could have had as many samples. So one of an hour cannot hold
 * up one of three seconds, and neither can it be held up for ever.
 */
export class LivePieces<Piece extends Sized> {
  readonly #limits: LiveLimits;
  /** In the order of their turns. */
  #pool: DuePiece<Piece>[] = [];
  /** Where the turns are by now. */
  #turn = 0;
  #runningCount = 0;
  #isClosed = false;
  #wakes: (() => void)[] = [];

  constructor(limits: LiveLimits) {
    this.#limits = limits;
  }

  /** How many pieces wait. */
  get waitingCount(): number {
    return this.#pool.length;
  }

  /** Resolves as soon as a clip may add another piece. */
  async room(share: ClipShare): Promise<void> {
    while (!this.#hasRoom(share)) await this.#change();
  }

  #hasRoom({ pieceCount, sampleCount, isClosed }: ClipShare): boolean {
    const { maxSamples } = this.#limits;
    if (isClosed || pieceCount < PIECES_AHEAD) return true;
    const pooled = this.#pool.reduce((sum, { samples }) => sum + samples.length, 0);
    return sampleCount < maxSamples && pooled < POOL_BATCHES * maxSamples;
  }

  add(share: ClipShare, piece: Piece): void {
    const turn = Math.max(this.#turn, share.nextTurn);
    const { samples } = piece;
    share.nextTurn = turn + samples.length;
    share.pieceCount += 1;
    share.sampleCount += samples.length;
    const waiting = { piece, share, samples, turn, servedSamples: share.broughtSamples };
    share.broughtSamples += samples.length;
    const place = this.#pool.findIndex((other) => isBefore(waiting, other));
    this.#pool.splice(place < 0 ? this.#pool.length : place, 0, waiting);
    this.#wake();
  }

  /** Forgets a clip: what waits of it does not run. */
  remove(share: ClipShare): void {
    share.isClosed = true;
    this.#pool = this.#pool.filter((waiting) => waiting.share !== share);
    this.#wake();
  }

  /** Ends the batches after what waits. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Each as soon as it is asked for and there is something to run. Each must be run by `run`. */
  async *batches(): AsyncGenerator<LiveBatch<Piece>, void, undefined> {
    for (;;) {
      if (this.#pool.length === 0) {
        if (this.#isClosed) return;
        await this.#change();
        continue;
      }
      await this.#linger();
      const chosen = this.#choose();
      const [first] = chosen;
      if (!first) continue;
      this.#turn = Math.max(this.#turn, first.turn);
      this.#pool = this.#pool.filter((waiting) => !chosen.includes(waiting));
      this.#runningCount += 1;
      yield new LiveBatch(chosen, () => {
        this.#runningCount -= 1;
        this.#wake();
      });
    }
  }

  /** The piece whose turn it is comes first. */
  #choose(): readonly DuePiece<Piece>[] {
    const [due] = this.#pool;
    // A clip of low priority must not lengthen the batch of another.
    const equals = this.#pool.filter(({ share }) => share.isLow === due?.share.isLow);
    const chosen = chooseBatch(equals, this.#limits);
    return due && chosen.length > 0 ? [due, ...chosen.filter((waiting) => waiting !== due)] : [];
  }

  async #linger(): Promise<void> {
    const end = performance.now() + this.#limits.lingerMilliseconds;
    for (;;) {
      const rest = end - performance.now();
      const isFull = this.#choose().length >= this.#limits.maxItems;
      if (rest <= 0 || isFull || this.#isClosed || this.#runningCount === 0 || this.#pool.length === 0)
        return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([this.#change(), new Promise((resolve) => (timer = setTimeout(resolve, rest)))]);
      clearTimeout(timer);
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }
}

/** Pieces for one run. */
export class LiveBatch<Piece extends Sized> {
  readonly pieces: readonly Piece[];
  readonly #entries: readonly DuePiece<Piece>[];
  readonly #onEnd: () => void;

  constructor(entries: readonly DuePiece<Piece>[], onEnd: () => void) {
    this.pieces = entries.map(({ piece }) => piece);
    this.#entries = entries;
    this.#onEnd = onEnd;
  }

  /** To be called when the run has ended, however it did: the clips may bring more. */
  end(): void {
    for (const { share, samples } of this.#entries) {
      share.pieceCount -= 1;
      share.sampleCount -= samples.length;
    }
    this.#onEnd();
  }
}
