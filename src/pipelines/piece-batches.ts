/** Which pieces the model runs together: in the order in which they come, or of about one length. */

/** What comes from the reader of clips: a piece, or something that is no work for the model. */
export type Step<Piece, Note> = { readonly piece: Piece } | { readonly note: Note };

/** Pieces for one run, and what came meanwhile. */
export interface Batch<Piece, Note> {
  readonly pieces: readonly Piece[];
  readonly notes: readonly Note[];
}

/** Batches of `size`, whatever the lengths. */
export async function* batchesInOrder<Piece, Note>(
  steps: AsyncIterable<Step<Piece, Note>>,
  size: number,
): AsyncGenerator<Batch<Piece, Note>, void, undefined> {
  let pieces: Piece[] = [];
  let notes: Note[] = [];
  for await (const step of steps) {
    if ('piece' in step) pieces.push(step.piece);
    else notes.push(step.note);
    if (pieces.length > 0 && pieces.length < size) continue;
    yield { pieces, notes };
    pieces = [];
    notes = [];
  }
  if (pieces.length > 0) yield { pieces, notes };
}

export interface Sized {
  readonly samples: { readonly length: number };
}

export interface BatchLimits {
  readonly maxItems: number;
  /** Of a batch, padding included. A longer piece runs alone. */
  readonly maxSamples: number;
  /** Pieces of different lengths do not share a batch. */
  readonly isOfOneLength: boolean;
  /** So many samples may wait to be sorted, and so many times `maxItems` pieces. */
  readonly poolSamples: number;
}

/** The share of a batch that may be padding. */
const MAX_WASTE = 0.1;
const POOL_BATCHES = 4;

/**
 * Batches of pieces that are about equally long, out of a pool of bounded size. Each has the piece that waits longest. Which pieces share a batch
 * depends on what comes in which order, never on time.
 */
export async function* batchesByLength<Piece extends Sized, Note>(
  steps: AsyncIterable<Step<Piece, Note>>,
  limits: BatchLimits,
): AsyncGenerator<Batch<Piece, Note>, void, undefined> {
  /** In the order in which they came. */
  let pool: readonly Piece[] = [];
  let sampleCount = 0;
  let notes: Note[] = [];
  /** Batches that the pool may hold: few at first, so that the model soon has work. */
  let poolBatches = 1;
  const next = (): Batch<Piece, Note> => {
    const pieces = chooseBatch(pool, limits);
    pool = pool.filter((piece) => !pieces.includes(piece));
    sampleCount -= sum(pieces);
    const batch = { pieces, notes };
    notes = [];
    poolBatches = Math.min(2 * poolBatches, POOL_BATCHES);
    return batch;
  };
  const isFull = (): boolean =>
    pool.length >= poolBatches * limits.maxItems ||
    sampleCount >= (limits.poolSamples * poolBatches) / POOL_BATCHES;
  for await (const step of steps) {
    if ('note' in step) {
      notes.push(step.note);
      if (pool.length === 0) yield next();
      continue;
    }
    pool = [...pool, step.piece];
    sampleCount += step.piece.samples.length;
    while (isFull()) yield next();
  }
  while (pool.length > 0 || notes.length > 0) yield next();
}

const sum = (pieces: readonly Sized[]): number =>
  pieces.reduce((total, { samples }) => total + samples.length, 0);

/** The most pieces around the length of the first that waste little enough, and of as many those that waste least; empty for an empty pool. */
export function chooseBatch<Piece extends Sized>(
  pool: readonly Piece[],
  { maxItems, maxSamples, isOfOneLength }: Omit<BatchLimits, 'poolSamples'>,
): readonly Piece[] {
  const [oldest] = pool;
  if (!oldest) return [];
  // A stable sort: of equal lengths the ones that wait longer come first.
  const sorted = [...pool].sort((a, b) => a.samples.length - b.samples.length);
  const position = sorted.indexOf(oldest);
  let best: readonly Piece[] = [oldest];
  let leastWaste = 0;
  for (let end = position + 1; end <= sorted.length; end += 1) {
    const longest = sorted[end - 1]?.samples.length ?? 0;
    let waste = 0;
    for (let start = end - 1; start >= 0; start -= 1) {
      const count = end - start;
      waste += longest - (sorted[start]?.samples.length ?? 0);
      const isFitting =
        count <= maxItems &&
        count * longest <= maxSamples &&
        waste <= (isOfOneLength ? 0 : MAX_WASTE) * count * longest;
      if (!isFitting) break;
      const isBetter = count > best.length || (count === best.length && waste < leastWaste);
      if (start > position || !isBetter) continue;
      best = sorted.slice(start, end);
      leastWaste = waste;
    }
  }
  return best;
}
